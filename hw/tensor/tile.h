// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/dtype.h"
#include "hw/base/sram_tile.h"
#include "hw/base/units.h"
#include "hw/tensor/config.h"

namespace aipu::tensor {

constexpr std::uint32_t kMaxM = 1024;
constexpr std::uint32_t kMaxN = 4096;
constexpr std::uint32_t kMaxK = 65536;
constexpr std::uint32_t kAlignment = 32;      ///< bytes, of every tile address
constexpr std::uint32_t kScaleAlignment = 4;  ///< bytes, of the addresses of scales

/// One multiplication C (+)= A.B, decoded: offsets from the start of the SRAM, leading dimensions
/// in elements. C is F32, or INT32 where A and B are INT8 without scales.
struct Tile {
  std::uint32_t a = 0, b = 0, c = 0;
  std::uint32_t m = 0, n = 0, k = 0;
  std::uint32_t lda = 0, ldb = 0, ldc = 0;
  DType dtype_a = DType::kF32;
  DType dtype_b = DType::kF32;
  bool accumulate = false;
  bool transpose_b = false;  ///< B is stored n x k

  /// Scales: F32, of A by [row][k block], of B by [k block][column block]. Zero without them.
  bool scaled_a = false, scaled_b = false;
  std::uint32_t scale_a = 0, scale_b = 0;
  std::uint32_t ld_scale_a = 0, ld_scale_b = 0;  ///< 0: one row of scales for all
  std::uint32_t scale_k = 0, scale_n = 0;        ///< as written; 0: all

  bool integer() const { return dtype_a == DType::kInt8; }
  bool scaled() const { return scaled_a || scaled_b; }
  /// Terms of k, and columns of B, that share a scale.
  std::uint32_t k_block() const { return scale_k == 0 || scale_k > k ? k : scale_k; }
  std::uint32_t n_block() const { return scale_n == 0 || scale_n > n ? n : scale_n; }
  std::uint32_t k_blocks() const { return k == 0 ? 0 : (k - 1) / k_block() + 1; }
  std::uint32_t n_blocks() const { return n == 0 ? 0 : (n - 1) / n_block() + 1; }
};

struct Decoded {
  Tile tile;
  Breach breach;
  bool ok() const { return !breach; }
};

/// Decodes and checks a command; of several breaches it names the first in the order opcode,
/// formats, sizes, alignment, window, overlap (hw/docs/tensor.md, "Rules").
Decoded decode(std::uint32_t opcode, const CommandWords& words);

/// A, B, C and the scales, if any, of A and B as the SRAM sees them.
SramTiles operands(const Tile& tile);

/// Products per element of C and cycle: the wider operand decides.
std::uint32_t depth(const Tile& tile, const Config& config);
/// Cycles in which the array multiplies: one for each block of array_m x array_n x depth, depth
/// starting anew where the scales change.
Cycles passes(const Tile& tile, const Config& config);
/// Cycles in which partial sums are scaled and added to C; none without scales.
Cycles scaling(const Tile& tile, const Config& config);
/// Start to last result in SRAM, with the SRAM to itself.
Cycles cycles(const Tile& tile, const Config& config);
/// Useful operations: a multiplication and an addition per product.
std::uint64_t flops(const Tile& tile);
/// Multiply-accumulates of the array, padding included.
std::uint64_t macs_issued(const Tile& tile, const Config& config);

}  // namespace aipu::tensor
