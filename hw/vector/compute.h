// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/vector/command.h"

namespace aipu::vector {

/// A number and where it came from.
struct Pair {
  float value;
  std::uint32_t index;
};

/// Row buffers, kept by the caller so that steady state allocates nothing.
struct Scratch {
  std::vector<float> x, y, sum;
  std::vector<Pair> pairs;
};

/// Does the operation on the bytes of an SRAM. `operation` has passed decode().
///
/// Arithmetic is F32, rounded once on the way out. Sums over a row are sixteen partial sums
/// (element i goes to sum i mod 16, in order), added pairwise: 0+8, 1+9, ...; 0+4, ...; 0+2, 1+3;
/// 0+1. A row is read whole before it is written, so results may replace operands in place.
///
/// A breach says that the SRAM holds the index of a row that does not exist; nothing is written
/// then.
Breach compute(const Operation& operation, std::uint8_t* sram, Scratch& scratch);
Breach compute(const Operation& operation, std::uint8_t* sram);

}  // namespace aipu::vector
