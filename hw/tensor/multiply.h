// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/tensor/tile.h"

namespace aipu::tensor {

/// Buffers of the multiplication, kept by the caller so that steady state allocates nothing.
struct Scratch {
  std::vector<float> a;               ///< rows of A in F32, one block of k
  std::vector<float> b;               ///< one panel of B in F32
  std::vector<float> stage;           ///< a row of B as stored
  std::vector<float> c;               ///< rows of C, where they are few
  std::vector<std::uint8_t> partial;  ///< m x n sums of a block of k that is scaled
};

/// C (+)= A.B on the bytes of an SRAM. `tile` has passed decode().
///
/// Every element of C is one chain of F32 operations in ascending k: c = c + a[k] * b[k], starting
/// at C (accumulate) or +0; product and sum round separately, and products of two formats of at
/// most 16 bits are exact. So the result does not depend on how k is cut into commands. INT8 sums
/// are exact and wrap modulo 2^32.
///
/// With scales each block of k_block() terms is such a chain of its own from +0 (INT8: the exact
/// sum, then rounded to F32), and c = c + partial * (scale_a * scale_b) in F32, in ascending k.
void multiply(const Tile& tile, std::uint8_t* sram, Scratch& scratch);
void multiply(const Tile& tile, std::uint8_t* sram);

}  // namespace aipu::tensor
