// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/tensor/tile.h"
#include "regs/core.h"
#include "regs/tensor.h"

namespace aipu::tensor {

/// The command as firmware would write it.
inline CommandWords words_of(const Tile& t) {
  namespace reg = regs::tensor;
  CommandWords words{};
  words[reg::kWA] = regs::core::kSramBase + t.a;
  words[reg::kWB] = regs::core::kSramBase + t.b;
  words[reg::kWC] = regs::core::kSramBase + t.c;
  words[reg::kWM] = t.m;
  words[reg::kWN] = t.n;
  words[reg::kWK] = t.k;
  words[reg::kWLda] = t.lda;
  words[reg::kWLdb] = t.ldb;
  words[reg::kWLdc] = t.ldc;
  words[reg::kWFlags] = static_cast<std::uint32_t>(t.dtype_a) << reg::kFlagsDtypeAShift |
                        static_cast<std::uint32_t>(t.dtype_b) << reg::kFlagsDtypeBShift |
                        std::uint32_t{t.accumulate} << reg::kFlagsAccumulateShift |
                        std::uint32_t{t.transpose_b} << reg::kFlagsTransposeBShift |
                        std::uint32_t{t.scaled_a} << reg::kFlagsScaledAShift |
                        std::uint32_t{t.scaled_b} << reg::kFlagsScaledBShift;
  if (t.scaled_a) words[reg::kWScaleA] = regs::core::kSramBase + t.scale_a;
  if (t.scaled_b) words[reg::kWScaleB] = regs::core::kSramBase + t.scale_b;
  words[reg::kWLdScaleA] = t.ld_scale_a;
  words[reg::kWLdScaleB] = t.ld_scale_b;
  words[reg::kWScaleK] = t.scale_k;
  words[reg::kWScaleN] = t.scale_n;
  return words;
}

/// A tile with A, B and C behind each other, 256 KiB apart.
inline Tile dense_tile(std::uint32_t m, std::uint32_t n, std::uint32_t k, DType type,
                       bool transpose_b = false) {
  Tile t;
  t.a = 0;
  t.b = 256U << 10U;
  t.c = 512U << 10U;
  t.m = m;
  t.n = n;
  t.k = k;
  t.lda = k;
  t.ldb = transpose_b ? k : n;
  t.ldc = n;
  t.dtype_a = t.dtype_b = type;
  t.transpose_b = transpose_b;
  return t;
}

/// Scales of A and B behind C, one for each row and k block, and for each k and column block.
inline void add_scales(Tile& t, std::uint32_t scale_k, std::uint32_t scale_n) {
  t.scaled_a = t.scaled_b = true;
  t.scale_a = 768U << 10U;
  t.scale_b = 896U << 10U;
  t.scale_k = scale_k;
  t.scale_n = scale_n;
  t.ld_scale_a = t.k_blocks();
  t.ld_scale_b = t.n_blocks();
}

}  // namespace aipu::tensor
