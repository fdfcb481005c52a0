// SPDX-License-Identifier: Apache-2.0
// Row operations: normalisation, activation, and the scales of narrow formats.
#include <algorithm>
#include <cmath>

#include "hw/vector/rows.h"

namespace aipu::vector {
namespace {

// gelu by tanh: x / 2 (1 + tanh(c (x + 0.044715 x^3))) = x sigmoid(2 c x (1 + 0.044715 x^2)), with
// c = sqrt(2 / pi): D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units", 2016.
constexpr float kGeluLinear = 1.5957691216057308F;  // 2 c
constexpr float kGeluCubic = kGeluLinear * 0.044715F;
constexpr float kRootHalf = 0.70710678118654752F;

/// x times the normal distribution function; the complement keeps its digits where x is negative.
float gelu_erf(float x) {
  return 0.5F * x * std::erfc(-x * kRootHalf);
}
float gelu_tanh(float x) {
  const float argument = x * (kGeluLinear + kGeluCubic * (x * x));
  return x * (1.0F / (1.0F + std::exp(-argument)));
}

float largest_magnitude(const float* x, std::uint32_t count) {
  float largest = 0.0F;
  for (std::uint32_t i = 0; i < count; ++i)
    largest = std::max(largest, std::abs(x[i]));  // a NaN is never larger
  return largest;
}

}  // namespace

void layernorm(const Operation& op, std::uint8_t* sram, Scratch& s) {
  load_src1(op, sram, 0, s.y.data());
  if (op.add_src1) load_src1(op, sram, 1, s.sum.data());
  const auto count = static_cast<float>(op.cols);
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    float* x = s.x.data();
    load_src0(op, sram, r, 0, x);
    const float mean = sum_in_order(op.cols, [x](std::uint32_t i) { return x[i]; }) / count;
    for (std::uint32_t i = 0; i < op.cols; ++i)
      x[i] -= mean;
    const float squares = sum_in_order(op.cols, [x](std::uint32_t i) { return x[i] * x[i]; });
    const float scale = 1.0F / std::sqrt(squares / count + op.imm0);
    for (std::uint32_t i = 0; i < op.cols; ++i)
      x[i] = x[i] * scale * s.y[i];
    for (std::uint32_t i = 0; op.add_src1 && i < op.cols; ++i)
      x[i] += s.sum[i];
    store_dst(op, sram, r, x);
  }
}

void gelu(const Operation& op, std::uint8_t* sram, Scratch& s) {
  float (*const function)(float) = op.param0 == kGeluErf ? gelu_erf : gelu_tanh;
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    std::transform(s.x.begin(), s.x.begin() + op.cols, s.x.begin(), function);
    store_dst(op, sram, r, s.x.data());
  }
}

void quantize(const Operation& op, std::uint8_t* sram, Scratch& s) {
  const std::uint32_t group = op.scale_cols();
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    float* x = s.x.data();
    load_src0(op, sram, r, 0, x);
    std::uint8_t* scales = sram + op.out + std::uint64_t{r} * op.ld_out * sizeof(float);
    for (std::uint32_t from = 0; from < op.cols; from += group, scales += sizeof(float)) {
      const std::uint32_t end = std::min(op.cols, from + group);
      const float scale = largest_magnitude(x + from, end - from) / op.imm0;
      for (std::uint32_t i = from; i < end; ++i)
        x[i] = scale == 0.0F ? 0.0F : x[i] / scale;
      store_number(DType::kF32, scale, scales);
    }
    store_dst(op, sram, r, x);
  }
}

void dequantize(const Operation& op, std::uint8_t* sram, Scratch& s) {
  const std::uint32_t group = op.scale_cols();
  for (std::uint32_t r = 0; r < op.rows; ++r) {
    load_src0(op, sram, r, 0, s.x.data());
    const std::uint64_t row = std::uint64_t{r / op.scale_rows()} * op.ld_src1;
    load_row(DType::kF32, sram + op.src1 + row * sizeof(float), op.scale_groups(), s.y.data());
    for (std::uint32_t i = 0; i < op.cols; ++i)
      s.x[i] *= s.y[i / group];
    store_dst(op, sram, r, s.x.data());
  }
}

}  // namespace aipu::vector
