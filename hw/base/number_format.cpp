// SPDX-License-Identifier: Apache-2.0
#include "hw/base/number_format.h"

#include <algorithm>
#include <limits>

namespace aipu {
namespace {

/// What distinguishes the two FP8 formats: mantissa bits and exponent bias. Saturation is at
/// `largest`, the code of the largest finite number; `nan` is the code conversions produce.
template <unsigned Mantissa, unsigned Bias, unsigned Largest>
struct Fp8 {
  static constexpr unsigned kMantissa = Mantissa;
  static constexpr unsigned kBias = Bias;
  static constexpr unsigned kLargest = Largest;
  static constexpr unsigned kNan = 0x7FU;
};
using E4m3 = Fp8<3, 7, 0x7E>;
using E5m2 = Fp8<2, 15, 0x7B>;

constexpr float power_of_two(int exponent) {
  float value = 1.0F;
  for (; exponent > 0; --exponent)
    value *= 2.0F;
  for (; exponent < 0; ++exponent)
    value *= 0.5F;
  return value;
}

template <typename F>
constexpr float decode(unsigned code) {
  const unsigned magnitude = code & 0x7FU;
  const unsigned exponent = magnitude >> F::kMantissa;
  const unsigned fraction = magnitude & ((1U << F::kMantissa) - 1U);
  float value = 0;
  if (magnitude > F::kLargest) {
    // E5M2 has an infinity right above its largest number; all else up there is NaN.
    const bool infinite = F::kMantissa == 2U && magnitude == F::kLargest + 1U;
    value =
        infinite ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
  } else {
    const unsigned whole = exponent == 0U ? fraction : fraction + (1U << F::kMantissa);
    const int scale = static_cast<int>(exponent == 0U ? 1U : exponent) -
                      static_cast<int>(F::kBias) - static_cast<int>(F::kMantissa);
    value = static_cast<float>(whole) * power_of_two(scale);
  }
  return (code & 0x80U) != 0U ? -value : value;
}

using Table = std::array<float, 256>;

template <typename F>
constexpr Table make_table() {
  Table table{};
  for (unsigned code = 0; code < 256U; ++code)
    table[code] = decode<F>(code);
  return table;
}
constexpr Table kE4m3 = make_table<E4m3>();
constexpr Table kE5m2 = make_table<E5m2>();

/// Normal numbers round in the integer domain (the carry moves the exponent by itself); subnormal
/// ones by adding a float whose last place is the smallest subnormal, so the FPU rounds.
template <typename F>
inline std::uint8_t encode(float value) {
  constexpr unsigned kShift = 23U - F::kMantissa;
  constexpr std::uint32_t kRebias = (127U - F::kBias) << F::kMantissa;
  constexpr std::uint32_t kSmallestNormal = (127U - F::kBias + 1U) << 23U;
  constexpr float kMagic = power_of_two(24 - static_cast<int>(F::kBias + F::kMantissa));
  const std::uint32_t bits = float_bits(value);
  const std::uint32_t magnitude = bits & 0x7FFF'FFFFU;
  const std::uint32_t normal =
      ((magnitude + ((1U << (kShift - 1U)) - 1U) + ((magnitude >> kShift) & 1U)) >> kShift) -
      kRebias;
  const std::uint32_t subnormal = float_bits(bits_float(magnitude) + kMagic) - float_bits(kMagic);
  std::uint32_t code = magnitude < kSmallestNormal ? subnormal : normal;
  code = std::min<std::uint32_t>(code, F::kLargest);
  if (magnitude > 0x7F80'0000U) code = F::kNan;
  return static_cast<std::uint8_t>(code | ((bits >> 24U) & 0x80U));
}

/// To the nearest integer, for |value| <= 2^22: the sum has no bits below one.
inline float round_small(float value) {
  constexpr float kMagic = 12582912.0F;  // 1.5 * 2^23
  return (value + kMagic) - kMagic;
}

template <typename T>
T load_as(const std::uint8_t* from) {
  T value{};
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <typename T>
void store_as(T value, std::uint8_t* to) {
  std::memcpy(to, &value, sizeof value);
}

/// One instance of the loop for each format: `convert` is inlined.
template <typename T, typename Convert>
void load_all(const std::uint8_t* from, std::size_t count, float* to, Convert convert) {
  for (std::size_t i = 0; i < count; ++i)
    to[i] = convert(load_as<T>(from + i * sizeof(T)));
}
template <typename T, typename Convert>
void store_all(const float* from, std::size_t count, std::uint8_t* to, Convert convert) {
  for (std::size_t i = 0; i < count; ++i)
    store_as<T>(convert(from[i]), to + i * sizeof(T));
}

}  // namespace

float fp8_e4m3_to_f32(std::uint8_t code) {
  return kE4m3[code];
}
std::uint8_t f32_to_fp8_e4m3(float value) {
  return encode<E4m3>(value);
}
float fp8_e5m2_to_f32(std::uint8_t code) {
  return kE5m2[code];
}
std::uint8_t f32_to_fp8_e5m2(float value) {
  return encode<E5m2>(value);
}

std::int8_t f32_to_int8(float value) {
  if (!(value == value)) return 0;
  return static_cast<std::int8_t>(round_small(std::clamp(value, -128.0F, 127.0F)));
}

std::int32_t f32_to_int32(float value) {
  constexpr float kLimit = 2147483648.0F;
  if (!(value == value)) return 0;
  if (value >= kLimit) return std::numeric_limits<std::int32_t>::max();
  if (value < -kLimit) return std::numeric_limits<std::int32_t>::min();
  const bool small = value > -4194304.0F && value < 4194304.0F;
  if (small) return static_cast<std::int32_t>(round_small(value));
  // Between 2^22 and 2^23 there is one fraction bit, and a tie goes to the even neighbour.
  const auto whole = static_cast<std::int32_t>(value);
  const bool tie = static_cast<float>(whole) != value;
  return tie && (whole & 1) != 0 ? whole + (value < 0 ? -1 : 1) : whole;
}

void load_row(DType type, const std::uint8_t* from, std::size_t count, float* to) {
  switch (type) {
    case DType::kF32:
      std::memcpy(to, from, count * sizeof(float));
      break;
    case DType::kBf16:
      load_all<std::uint16_t>(from, count, to, bf16_to_f32);
      break;
    case DType::kFp8E4m3:
      load_all<std::uint8_t>(from, count, to, [](std::uint8_t c) { return kE4m3[c]; });
      break;
    case DType::kFp8E5m2:
      load_all<std::uint8_t>(from, count, to, [](std::uint8_t c) { return kE5m2[c]; });
      break;
    case DType::kInt8:
      load_all<std::int8_t>(from, count, to, [](std::int8_t v) { return static_cast<float>(v); });
      break;
    case DType::kInt32:
      load_all<std::int32_t>(from, count, to, [](std::int32_t v) { return static_cast<float>(v); });
      break;
  }
}

void store_row(DType type, const float* from, std::size_t count, std::uint8_t* to) {
  switch (type) {
    case DType::kF32:
      std::memcpy(to, from, count * sizeof(float));
      break;
    case DType::kBf16:
      store_all<std::uint16_t>(from, count, to, f32_to_bf16);
      break;
    case DType::kFp8E4m3:
      store_all<std::uint8_t>(from, count, to, encode<E4m3>);
      break;
    case DType::kFp8E5m2:
      store_all<std::uint8_t>(from, count, to, encode<E5m2>);
      break;
    case DType::kInt8:
      store_all<std::int8_t>(from, count, to, f32_to_int8);
      break;
    case DType::kInt32:
      store_all<std::int32_t>(from, count, to, f32_to_int32);
      break;
  }
}

float load_number(DType type, const std::uint8_t* from) {
  float value = 0;
  load_row(type, from, 1, &value);
  return value;
}

void store_number(DType type, float value, std::uint8_t* to) {
  store_row(type, &value, 1, to);
}

}  // namespace aipu
