// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/load/model_shape.h"
#include "sim/load/safetensors.h"
#include "sim/workload/lower.h"

namespace aipu::workload {

/// Where weights come from: rows [row, row + rows) and columns [column, column + columns) of a
/// matrix in its stored orientation (out x in), row-major; vectors are one column wide.
using WeightSource = std::function<std::vector<float>(load::WeightKind kind, std::uint32_t layer,
                                                      load::Slice rows, load::Slice columns)>;

/// Takes the bytes of an HBM range of the AIPU being filled.
using ImageSink =
    std::function<void(std::uint64_t offset, const std::uint8_t* data, std::uint64_t bytes)>;

/// Program, token ids of the prompt and RoPE table: always written.
void write_control(const Job& job, const Placement& place, const Program& program,
                   const std::vector<load::TokenId>& prompt,
                   const std::vector<load::TokenId>& last_ids, const ImageSink& sink);

/// Weights, packed as the tiles of each GEMM: written in functional mode.
void write_weights(const Job& job, const Placement& place, const WeightSource& source,
                   const ImageSink& sink);

}  // namespace aipu::workload
