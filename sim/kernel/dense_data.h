// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/workload/matmul.h"

namespace aipu::kernel {

// Numbers for matrix products and what they should give, in double. Formats are read here by their
// definition, not by the engines' code, so that a wrong conversion cannot agree with itself.

/// The number that `code` stands for.
double number_of(DType type, const std::uint8_t* code);

/// Row-major numbers of a format.
struct Matrix {
  std::uint32_t rows = 0, cols = 0;
  DType type = DType::kF32;
  std::vector<std::uint8_t> codes;
  double at(std::uint32_t row, std::uint32_t col) const {
    return number_of(type, codes.data() + (std::size_t{row} * cols + col) * size_of(type));
  }
};
/// Random numbers about 1 in size, of both signs; `path` names them.
Matrix random_matrix(std::uint32_t rows, std::uint32_t cols, DType type, const std::string& path);
/// Random scales in F32 between 2^-7 and 2^-5.
Matrix random_scales(std::uint32_t rows, std::uint32_t cols, const std::string& path);

/// The operands of one group: A with its scales, W (columns of the result; gate, then up where they
/// are pairs) with its scales. Scales are empty where there are none.
struct Product {
  workload::MatmulShape shape;  ///< rows: of this group
  Matrix a, scale_a;            ///< scale_a: [rows or 1][k blocks]
  Matrix w, scale_b;            ///< scale_b: [k blocks][column blocks of one of gate, up]
};
Product random_product(const workload::MatmulShape& shape, const std::string& path);

/// W as the kernel wants it (hw/program/args_dense.h), group_bytes() long.
std::vector<std::uint8_t> packed(const Product& product, const workload::MatmulTiling& tiling);

/// Largest error of `result` (rows x cols of the output format, rows `stride` bytes apart) as a
/// part of what is allowed. The bound of an element: (k + scaled blocks + 4) roundings of F32 on
/// the sum of |a||b||scales|, then one rounding of the output format; INT8 without scales is exact.
/// Pairs: silu and the product add 16 roundings and pass on the errors of both factors.
double error_of(const Product& product, const std::vector<std::uint8_t>& result,
                std::uint64_t stride);

}  // namespace aipu::kernel
