// SPDX-License-Identifier: Apache-2.0
#include "sim/load/stored_type.h"

#include <cstring>

namespace aipu::load {

namespace {

float from_bits(std::uint32_t bits) {
  float value = 0;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

float from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  const std::uint32_t fraction = half & 0x3FFU;
  if (exponent == 0x1F) return from_bits(sign | 0x7F800000U | (fraction << 13U));
  if (exponent != 0) return from_bits(sign | ((exponent + 112U) << 23U) | (fraction << 13U));
  constexpr float kSmallest = 1.0F / 16777216.0F;  // 2^-24, the unit of subnormal halves
  const float magnitude = static_cast<float>(fraction) * kSmallest;
  return sign != 0 ? -magnitude : magnitude;
}

template <typename Bits, typename Convert>
void widen_with(const std::byte* from, std::size_t count, float* to, Convert convert) {
  for (std::size_t i = 0; i < count; ++i) {
    Bits bits = 0;
    std::memcpy(&bits, from + i * sizeof bits, sizeof bits);
    to[i] = convert(bits);
  }
}

}  // namespace

const char* to_string(StoredType t) {
  switch (t) {
    case StoredType::kF32:
      return "F32";
    case StoredType::kBf16:
      return "BF16";
    case StoredType::kF16:
      return "F16";
  }
  return "?";
}

void widen(StoredType type, const std::byte* from, std::size_t count, float* to) {
  switch (type) {
    case StoredType::kF32:
      std::memcpy(to, from, count * sizeof(float));
      break;
    case StoredType::kBf16:
      widen_with<std::uint16_t>(from, count, to,
                                [](std::uint32_t bits) { return from_bits(bits << 16U); });
      break;
    case StoredType::kF16:
      widen_with<std::uint16_t>(from, count, to, from_half);
      break;
  }
}

}  // namespace aipu::load
