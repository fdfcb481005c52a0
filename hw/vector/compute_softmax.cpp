// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "hw/vector/rows.h"

namespace aipu::vector {
namespace {

/// Multiplies a row of the output accumulator.
void scale_out(const Operation& op, std::uint8_t* sram, std::uint32_t row, float factor,
               float* buffer) {
  std::uint8_t* at = sram + op.out + std::uint64_t{row} * op.ld_out * sizeof(float);
  std::memcpy(buffer, at, op.out_cols * sizeof(float));
  for (std::uint32_t i = 0; i < op.out_cols; ++i)
    buffer[i] *= factor;
  std::memcpy(at, buffer, op.out_cols * sizeof(float));
}

}  // namespace

void softmax_row(float* x, std::uint32_t count) {
  const float highest = maximum(x, count);
  if (highest == kNothing) {
    std::fill_n(x, count, 0.0F);
    return;
  }
  for (std::uint32_t i = 0; i < count; ++i)
    x[i] = std::exp(x[i] - highest);
  const float sum = sum_in_order(count, [x](std::uint32_t i) { return x[i]; });
  for (std::uint32_t i = 0; i < count; ++i)
    x[i] /= sum;
}

void softmax_step(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    float* x = s.x.data();
    load_src0(op, sram, r, 0, x);
    const auto [begin, end] = op.visible(r);
    for (std::uint32_t i = begin; i < end; ++i)
      x[i] *= op.imm0;
    const State old = op.first ? State{kNothing, 0.0F} : load_state(pair_at(sram, op.src2, r));
    State now{std::max(old.maximum, maximum(x + begin, end - begin)), old.sum};
    float factor = 1.0F;
    if (now.maximum == kNothing) {  // nothing seen so far: every e^(x - m) would be NaN
      std::fill_n(x, op.cols, 0.0F);
    } else {
      factor = std::exp(old.maximum - now.maximum);
      for (std::uint32_t i = begin; i < end; ++i)
        x[i] = std::exp(x[i] - now.maximum);
      std::fill_n(x, begin, 0.0F);
      std::fill(x + end, x + op.cols, 0.0F);
      now.sum = old.sum * factor + sum_in_order(end, [x](std::uint32_t i) { return x[i]; });
    }
    store_dst(op, sram, r, x);
    std::memcpy(pair_at(sram, op.src2, r), &now, sizeof now);
    if (op.out_cols != 0 && factor != 1.0F) scale_out(op, sram, r, factor, s.y.data());
  }
}

void softmax(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    float* x = s.x.data();
    load_src0(op, sram, r, 0, x);
    for (std::uint32_t i = 0; i < op.cols; ++i)
      x[i] *= op.imm0;
    softmax_row(x, op.cols);
    store_dst(op, sram, r, x);
  }
}

void softmax_end(const Operation& op, std::uint8_t* sram, Scratch& s) {
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    const float sum = load_state(pair_at(sram, op.src2, r)).sum;
    for (std::uint32_t i = 0; i < op.cols; ++i)
      s.x[i] = sum == 0.0F ? 0.0F : s.x[i] / sum;
    store_dst(op, sram, r, s.x.data());
  }
}

void merge_partials(const Operation& op, std::uint8_t* sram, Scratch& s) {
  const auto state = [&op, sram](std::uint32_t row, std::uint32_t plane) {
    return load_state(pair_at(sram, op.src2, row) + std::uint64_t{plane} * op.plane_stride2);
  };
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    float highest = kNothing;
    for (std::uint32_t p = 0; p < op.planes; ++p) {
      if (state(r, p).sum != 0.0F) highest = std::max(highest, state(r, p).maximum);
    }
    float total = 0.0F;
    std::fill_n(s.sum.begin(), op.cols, 0.0F);
    for (std::uint32_t p = 0; p < op.planes; ++p) {
      const State part = state(r, p);
      if (part.sum == 0.0F) continue;  // its output is not looked at either
      const float weight = std::exp(part.maximum - highest);
      total += weight * part.sum;
      load_src0(op, sram, r, p, s.x.data());
      for (std::uint32_t i = 0; i < op.cols; ++i)
        s.sum[i] += weight * s.x[i];
    }
    if (total != 0.0F) {
      for (std::uint32_t i = 0; i < op.cols; ++i)
        s.sum[i] /= total;
    }
    store_dst(op, sram, r, s.sum.data());
  }
}

}  // namespace aipu::vector
