// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/base/dtype.h"
#include "hw/program/args_rows.h"
#include "hw/vector/command.h"

namespace aipu::kernel {

/// A row in double, as its format keeps it.
using Numbers = std::vector<double>;

/// What a row operation must give, in double, and how far F32 arithmetic may be off.
struct RowResult {
  Numbers value;
  Numbers error;  ///< largest error before the rounding to the result's format
};

/// An operation of the row kernel with the operands of its case.
struct RowOperation {
  std::string name;
  std::string help;
  vector::Opcode opcode;
  hc_rows_src1 src1;
  std::uint32_t src1_rows;  ///< shared: of them; grouped: rows of src0 for each
  DType in, out;            ///< usual formats
  double special;           ///< special functions of an element
  float imm0;
  /// `x`: a row of src0; `y`: its row of src1, of shared ones all, one after the other.
  RowResult (*reference)(const Numbers& x, const Numbers& y, const RowOperation& operation);
};

/// All whose results are of the format's own scale.
const std::vector<RowOperation>& row_operations();

/// Half a unit in the last place of `value` in a format, of its subnormals at least.
double half_unit(DType type, double value);

/// `count` numbers as a format keeps them, about as large as activations are, and as they are
/// stored; the same for the same seed.
std::vector<std::uint8_t> random_numbers(DType type, std::uint64_t count, std::uint64_t seed);
Numbers read_numbers(DType type, const std::uint8_t* from, std::uint64_t count);

}  // namespace aipu::kernel
