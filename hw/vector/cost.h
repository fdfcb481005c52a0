// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/units.h"
#include "hw/vector/command.h"
#include "hw/vector/config.h"

namespace aipu::vector {

/// What an operation asks of the engine; none of it depends on data.
struct Effort {
  std::uint64_t lane_cycles = 0;  ///< passes over the tile, each `lanes` elements per cycle
  std::uint64_t special = 0;      ///< exp, rsqrt, sigmoid, reciprocal results
  std::uint64_t elements = 0;     ///< of src0, all planes
  std::uint64_t flops = 0;        ///< useful operations, a special function counts as one
};

Effort effort(const Operation& operation, std::uint32_t lanes);

/// Start to last result in SRAM, with the SRAM to itself.
Cycles cycles(const Operation& operation, const Config& config);

}  // namespace aipu::vector
