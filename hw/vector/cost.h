// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/units.h"
#include "hw/vector/command.h"
#include "hw/vector/config.h"

namespace aipu::vector {

/// What an operation asks of the engine; none of it depends on data.
struct Effort {
  std::uint64_t lane_cycles = 0;  ///< passes over the tile, each `lanes` elements per cycle; sorts
  std::uint64_t special = 0;      ///< exp, rsqrt, sigmoid, reciprocal results
  std::uint64_t elements = 0;     ///< of src0, all planes
  std::uint64_t flops = 0;        ///< useful operations, a special function counts as one
};

Effort effort(const Operation& operation, const Config& config);

/// Cycles in which the lanes sort `rows` rows of `count` numbers, keeping the `kept` best of each.
std::uint64_t sort_cycles(std::uint32_t rows, std::uint32_t count, std::uint32_t kept,
                          const Config& config);
/// Cycles in which they merge `lists` sorted lists of `kept` pairs into one, for `rows` rows.
std::uint64_t merge_cycles(std::uint32_t rows, std::uint32_t lists, std::uint32_t kept,
                           const Config& config);

/// Start to last result in SRAM, with the SRAM to itself.
Cycles cycles(const Operation& operation, const Config& config);

}  // namespace aipu::vector
