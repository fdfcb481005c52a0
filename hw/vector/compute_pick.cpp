// SPDX-License-Identifier: Apache-2.0
// Rows that the SRAM's own bytes choose.
#include <algorithm>

#include "hw/vector/rows.h"
#include "regs/abi.h"

namespace aipu::vector {
namespace {

std::uint32_t index_at(const Operation& op, const std::uint8_t* sram, std::uint32_t row) {
  std::uint32_t index = 0;
  std::memcpy(&index, sram + op.src1 + std::uint64_t{row} * sizeof index, sizeof index);
  return index;
}

}  // namespace

Breach check_indices(const Operation& op, const std::uint8_t* sram) {
  const bool pairs = op.opcode == Opcode::kWeightedSum;
  if (!pairs && op.opcode != Opcode::kGather) return {};
  const std::uint32_t count = op.rows * op.planes;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t row = pairs ? load_pair(sram, op.src1, i).index : index_at(op, sram, i);
    if (row >= op.param0 && row != kNoIndex) return {regs::abi::kRuleBadSize, row};
  }
  return {};
}

void gather(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    const std::uint32_t from = index_at(op, sram, r);
    if (from == kNoIndex) {
      std::fill_n(s.x.begin(), op.cols, 0.0F);
    } else {
      load_src0(op, sram, from, 0, s.x.data());
    }
    store_dst(op, sram, r, s.x.data());
  }
}

void weighted_sum(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    std::fill_n(s.sum.begin(), op.cols, 0.0F);
    for (std::uint32_t j = 0; j < op.planes; ++j) {
      const Pair term = load_pair(sram, op.src1, std::uint64_t{r} * op.planes + j);
      if (term.index == kNoIndex) continue;
      load_src0(op, sram, term.index, 0, s.x.data());
      for (std::uint32_t i = 0; i < op.cols; ++i)
        s.sum[i] += term.value * s.x[i];
    }
    store_dst(op, sram, r, s.sum.data());
  }
}

}  // namespace aipu::vector
