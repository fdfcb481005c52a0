// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "hw/base/number_format.h"
#include "hw/vector/command.h"
#include "hw/vector/compute.h"

namespace aipu::vector {

// What the numerics of this block share: rows of operands, and sums in a fixed order.

constexpr float kNothing = -std::numeric_limits<float>::infinity();  ///< maximum of no column

/// {m, l} of a softmax; {maximum, index} of an argmax has the same layout.
struct State {
  float maximum = 0;
  float sum = 0;
};

inline void load_src0(const Operation& op, const std::uint8_t* sram, std::uint32_t row,
                      std::uint32_t plane, float* to) {
  const std::uint64_t from = op.src0 + std::uint64_t{plane} * op.plane_stride +
                             std::uint64_t{row} * op.ld_src0 * size_of(op.dtype_src0);
  load_row(op.dtype_src0, sram + from, op.cols, to);
}

/// The largest of `count` numbers, kNothing if there are none but NaN.
inline float maximum(const float* x, std::uint32_t count) {
  float best = kNothing;
  for (std::uint32_t i = 0; i < count; ++i)
    best = x[i] > best ? x[i] : best;
  return best;
}

/// With ld_src1 = 0 every row is the same one.
inline void load_src1(const Operation& op, const std::uint8_t* sram, std::uint32_t row, float* to) {
  const std::uint64_t from = op.src1 + std::uint64_t{row} * op.ld_src1 * size_of(op.dtype_src1);
  load_row(op.dtype_src1, sram + from, op.cols, to);
}

inline void store_dst(const Operation& op, std::uint8_t* sram, std::uint32_t row,
                      const float* from) {
  const std::uint64_t to = op.dst + std::uint64_t{row} * op.ld_dst * size_of(op.dtype_dst);
  store_row(op.dtype_dst, from, op.cols, sram + to);
}

inline std::uint8_t* pair_at(std::uint8_t* sram, std::uint32_t offset, std::uint32_t row) {
  return sram + offset + std::uint64_t{row} * kPairBytes;
}
inline State load_state(const std::uint8_t* from) {
  State state;
  std::memcpy(&state, from, sizeof state);
  return state;
}

/// One of the pairs that follow each other from `offset`.
inline Pair load_pair(const std::uint8_t* sram, std::uint64_t offset, std::uint64_t index) {
  Pair pair{};
  std::memcpy(&pair, sram + offset + index * kPairBytes, sizeof pair);
  return pair;
}
inline void store_pair(std::uint8_t* sram, std::uint64_t offset, std::uint64_t index,
                       const Pair& pair) {
  std::memcpy(sram + offset + index * kPairBytes, &pair, sizeof pair);
}

/// Sums `term(i)` in the order that compute.h promises.
template <typename Term>
float sum_in_order(std::uint32_t count, Term term) {
  constexpr std::uint32_t kWays = 16;
  std::array<float, kWays> part{};
  std::uint32_t i = 0;
  for (; i + kWays <= count; i += kWays) {
    for (std::uint32_t j = 0; j < kWays; ++j)
      part[j] += term(i + j);
  }
  for (std::uint32_t j = 0; i < count; ++i, ++j)
    part[j] += term(i);
  for (std::uint32_t half = kWays / 2; half > 0; half /= 2) {
    for (std::uint32_t j = 0; j < half; ++j)
      part[j] += part[j + half];
  }
  return part[0];
}

/// Order of sorted lists: larger values first, of equal ones the smaller index.
inline bool before(const Pair& a, const Pair& b) {
  return a.value > b.value || (a.value == b.value && a.index < b.index);
}
constexpr Pair kNoPair{kNothing, kNoIndex};

void layernorm(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void gelu(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void quantize(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void dequantize(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void top_k(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void top_k_merge(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void gate(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void gather(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void weighted_sum(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void sample(const Operation& op, std::uint8_t* sram, Scratch& scratch);
/// x[i] = e^(x[i] - max) / sum; 0 where nothing but -inf (or NaN) is among them.
void softmax_row(float* x, std::uint32_t count);

void softmax(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void softmax_step(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void softmax_end(const Operation& op, std::uint8_t* sram, Scratch& scratch);
void merge_partials(const Operation& op, std::uint8_t* sram, Scratch& scratch);

/// Moves the `count` first of `pairs` by the order of lists to its front, filled up with kNoPair;
/// NaN must not be among the values.
void keep_best(std::vector<Pair>& pairs, std::uint32_t count);

/// The first index that names no row, of those that gather and weighted_sum are about to use.
Breach check_indices(const Operation& op, const std::uint8_t* sram);

}  // namespace aipu::vector
