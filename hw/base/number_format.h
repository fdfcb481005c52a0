// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hw/base/dtype.h"

namespace aipu {

// Conversions between F32 and the storage formats (hw/docs/numbers.md). Rounding is to nearest,
// ties to even, whatever the host's rounding mode; a NaN stays a NaN in formats that have one.

inline std::uint32_t float_bits(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline float bits_float(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline float bf16_to_f32(std::uint16_t code) {
  return bits_float(std::uint32_t{code} << 16U);
}
/// NaN keeps its sign and upper payload and becomes quiet; overflow rounds to infinity as IEEE
/// does.
inline std::uint16_t f32_to_bf16(float value) {
  const std::uint32_t bits = float_bits(value);
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
  const bool nan = (bits & 0x7FFF'FFFFU) > 0x7F80'0000U;
  return static_cast<std::uint16_t>(nan ? (bits >> 16U) | 0x40U : rounded);
}

/// OCP FP8 E4M3: no infinities, NaN 0x7F / 0xFF, largest 448.
float fp8_e4m3_to_f32(std::uint8_t code);
/// Saturates: everything beyond 448, infinities too, becomes +-448.
std::uint8_t f32_to_fp8_e4m3(float value);
/// OCP FP8 E5M2: infinities 0x7C / 0xFC, largest finite 57344.
float fp8_e5m2_to_f32(std::uint8_t code);
/// Saturates: everything beyond 57344, infinities too, becomes +-57344. NaN becomes 0x7F / 0xFF.
std::uint8_t f32_to_fp8_e5m2(float value);
/// Rounds and saturates to -128..127; NaN becomes 0.
std::int8_t f32_to_int8(float value);
/// Rounds and saturates; NaN becomes 0.
std::int32_t f32_to_int32(float value);

/// One number of the format at `from`, which need not be aligned. INT32 beyond 2^24 rounds to F32.
float load_number(DType type, const std::uint8_t* from);
void store_number(DType type, float value, std::uint8_t* to);

/// `count` consecutive numbers; the format is decided once, not for each element.
void load_row(DType type, const std::uint8_t* from, std::size_t count, float* to);
void store_row(DType type, const float* from, std::size_t count, std::uint8_t* to);

}  // namespace aipu
