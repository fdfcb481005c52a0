// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/row_reference.h"

#include <algorithm>
#include <cmath>

#include "hw/base/number_format.h"
#include "hw/base/rng.h"

namespace aipu::kernel {
namespace {

constexpr double kUnit = 0x1p-24;  // one rounding of F32
constexpr float kEpsilon = 1e-5F;
constexpr float kScale = 0.125F;                // of the softmax: a head of 64
constexpr std::uint32_t kRowsPerPosition = 32;  // heads that a row of the table rotates
constexpr std::uint32_t kBlock = 128;           // rows, and columns, of a scale

/// A sum of n terms in sixteen chains.
double sum_roundings(std::size_t n) {
  return static_cast<double>(n) / 16 + 5;
}

double mean_of(const Numbers& x) {
  double sum = 0;
  for (const double v : x)
    sum += v;
  return sum / static_cast<double>(x.size());
}
double mean_square(const Numbers& x, double from) {
  double sum = 0;
  for (const double v : x)
    sum += (v - from) * (v - from);
  return sum / static_cast<double>(x.size());
}
double largest(const Numbers& x) {
  double most = 0;
  for (const double v : x)
    most = std::max(most, std::abs(v));
  return most;
}

RowResult layernorm(const Numbers& x, const Numbers& y, const RowOperation& op) {
  const double mean = mean_of(x);
  const double scale = 1 / std::sqrt(mean_square(x, mean) + op.imm0);
  const double magnitude = largest(x) * scale;
  RowResult r;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double weight = y[i], bias = y[x.size() + i];
    r.value.push_back((x[i] - mean) * scale * weight + bias);
    r.error.push_back((sum_roundings(x.size()) + 12) * kUnit *
                      (magnitude * std::abs(weight) + std::abs(bias)));
  }
  return r;
}

RowResult rmsnorm(const Numbers& x, const Numbers& y, const RowOperation& op) {
  const double scale = 1 / std::sqrt(mean_square(x, 0) + op.imm0);
  RowResult r;
  for (std::size_t i = 0; i < x.size(); ++i) {
    r.value.push_back(x[i] * scale * y[i]);
    // The sum's error halves under the root.
    r.error.push_back((sum_roundings(x.size()) / 2 + 8) * kUnit * std::abs(r.value.back()));
  }
  return r;
}

RowResult gelu(const Numbers& x, const Numbers&, const RowOperation&) {
  RowResult r;
  for (const double v : x) {
    r.value.push_back(0.5 * v * std::erfc(-v / std::sqrt(2.0)));
    // An argument off by a few roundings moves the tail by v^2 times as many.
    r.error.push_back((8 + 4 * v * v) * kUnit * std::abs(r.value.back()));
  }
  return r;
}

RowResult softmax(const Numbers& x, const Numbers&, const RowOperation& op) {
  const double highest = *std::max_element(x.begin(), x.end()) * op.imm0;
  double sum = 0;
  for (const double v : x)
    sum += std::exp(v * op.imm0 - highest);
  RowResult r;
  for (const double v : x) {
    const double exponent = v * op.imm0 - highest;
    r.value.push_back(std::exp(exponent) / sum);
    r.error.push_back((sum_roundings(x.size()) + 8 + 2 * std::abs(exponent)) * kUnit *
                      r.value.back());
  }
  return r;
}

RowResult swiglu(const Numbers& x, const Numbers& y, const RowOperation&) {
  RowResult r;
  for (std::size_t i = 0; i < x.size(); ++i) {
    r.value.push_back(x[i] / (1 + std::exp(-x[i])) * y[i]);
    r.error.push_back((8 + std::abs(x[i])) * kUnit * std::abs(r.value.back()));
  }
  return r;
}

RowResult add(const Numbers& x, const Numbers& y, const RowOperation&) {
  RowResult r;
  for (std::size_t i = 0; i < x.size(); ++i) {
    r.value.push_back(x[i] + y[i]);
    r.error.push_back(kUnit * std::abs(r.value.back()));
  }
  return r;
}

RowResult dequantize(const Numbers& x, const Numbers& y, const RowOperation&) {
  RowResult r;
  for (std::size_t i = 0; i < x.size(); ++i) {
    r.value.push_back(x[i] * y[i / kBlock]);
    r.error.push_back(kUnit * std::abs(r.value.back()));
  }
  return r;
}

RowResult rope(const Numbers& x, const Numbers& y, const RowOperation&) {
  const std::size_t half = x.size() / 2;
  RowResult r{Numbers(x.size()), Numbers(x.size())};
  for (std::size_t i = 0; i < half; ++i) {
    const double cosine = y[i], sine = y[half + i];
    r.value[i] = x[i] * cosine - x[half + i] * sine;
    r.value[half + i] = x[half + i] * cosine + x[i] * sine;
    r.error[i] = r.error[half + i] = 2 * kUnit * (std::abs(x[i]) + std::abs(x[half + i])) *
                                     std::max(std::abs(cosine), std::abs(sine));
  }
  return r;
}

}  // namespace

const std::vector<RowOperation>& row_operations() {
  using vector::Opcode;
  constexpr DType kBf16 = DType::kBf16, kFp8 = DType::kFp8E4m3;
  static const std::vector<RowOperation> all{
      {"rmsnorm", "RMSNorm of each row", Opcode::kRmsnorm, HC_ROWS_SHARED, 1, kBf16, kBf16, 0,
       kEpsilon, rmsnorm},
      {"layernorm", "LayerNorm of each row, with bias", Opcode::kLayernorm, HC_ROWS_SHARED, 2,
       kBf16, kBf16, 0, kEpsilon, layernorm},
      {"gelu", "GELU by erf", Opcode::kGelu, HC_ROWS_NONE, 0, kBf16, kBf16, 1, 0, gelu},
      {"swiglu", "silu(gate) * up, both as large as the result", Opcode::kSwiglu, HC_ROWS_STREAMED,
       1, kBf16, kBf16, 1, 0, swiglu},
      {"softmax", "softmax of each row", Opcode::kSoftmax, HC_ROWS_NONE, 0, kBf16, kBf16, 1, kScale,
       softmax},
      {"add", "sum of two matrices", Opcode::kAdd, HC_ROWS_STREAMED, 1, kBf16, kBf16, 0, 0, add},
      {"rope", "rotation of heads (rows) by a table row for each 32", Opcode::kRope,
       HC_ROWS_GROUPED, kRowsPerPosition, kBf16, kBf16, 0, 0, rope},
      {"dequantize", "times a scale for each 128 x 128 block", Opcode::kDequantize, HC_ROWS_GROUPED,
       kBlock, kFp8, kBf16, 0, 0, dequantize}};
  return all;
}

double half_unit(DType type, double value) {
  struct Format {
    int digits, lowest;  // significand bits; exponent of the smallest normal number
  };
  const Format f = type == DType::kBf16      ? Format{8, -126}
                   : type == DType::kFp8E4m3 ? Format{4, -6}
                   : type == DType::kFp8E5m2 ? Format{3, -14}
                                             : Format{24, -126};
  if (type == DType::kInt8 || type == DType::kInt32) return 0.5;
  int exponent = 0;
  std::frexp(value, &exponent);
  return std::ldexp(1.0, std::max(exponent - 1, f.lowest) - f.digits);
}

std::vector<std::uint8_t> random_numbers(DType type, std::uint64_t count, std::uint64_t seed) {
  std::vector<std::uint8_t> bytes(count * size_of(type));
  const float spread = type == DType::kInt8 ? 40.0F : 1.0F;
  for (std::uint64_t i = 0; i < count; ++i) {
    // The sum of four uniform numbers is close to a normal one.
    const std::uint64_t word = split_mix(split_mix(seed) + i);
    float sum = 0;
    for (unsigned j = 0; j < 4; ++j)
      sum += static_cast<float>(word >> 16U * j & 0xFFFFU) * 0x1p-15F - 1.0F;
    store_number(type, sum * spread, bytes.data() + i * size_of(type));
  }
  return bytes;
}

Numbers read_numbers(DType type, const std::uint8_t* from, std::uint64_t count) {
  Numbers numbers(count);
  for (std::uint64_t i = 0; i < count; ++i)
    numbers[i] = load_number(type, from + i * size_of(type));
  return numbers;
}

}  // namespace aipu::kernel
