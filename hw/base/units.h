// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu {

/// A count of one unit. Quantities of one unit add and compare; mixing units does not compile.
template <typename Unit>
struct Quantity {
  std::uint64_t count = 0;

  constexpr Quantity() = default;
  constexpr explicit Quantity(std::uint64_t n) : count(n) {}

  constexpr Quantity& operator+=(Quantity o) {
    count += o.count;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity o) {
    count -= o.count;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    return Quantity(a.count + b.count);
  }
  friend constexpr Quantity operator-(Quantity a, Quantity b) {
    return Quantity(a.count - b.count);
  }
  friend constexpr Quantity operator*(Quantity a, std::uint64_t n) { return Quantity(a.count * n); }
  friend constexpr Quantity operator/(Quantity a, std::uint64_t n) { return Quantity(a.count / n); }
  friend constexpr std::uint64_t operator/(Quantity a, Quantity b) { return a.count / b.count; }
  friend constexpr Quantity operator%(Quantity a, Quantity b) {
    return Quantity(a.count % b.count);
  }
  friend constexpr bool operator==(Quantity a, Quantity b) { return a.count == b.count; }
  friend constexpr bool operator!=(Quantity a, Quantity b) { return a.count != b.count; }
  friend constexpr bool operator<(Quantity a, Quantity b) { return a.count < b.count; }
  friend constexpr bool operator<=(Quantity a, Quantity b) { return a.count <= b.count; }
  friend constexpr bool operator>(Quantity a, Quantity b) { return a.count > b.count; }
  friend constexpr bool operator>=(Quantity a, Quantity b) { return a.count >= b.count; }
};

using Bytes = Quantity<struct BytesUnit>;
using Cycles = Quantity<struct CyclesUnit>;  ///< of the clock that the context names
using Hertz = Quantity<struct HertzUnit>;
using Picoseconds = Quantity<struct PicosecondsUnit>;  ///< simulated time; the kernel's resolution
using BitsPerSecond = Quantity<struct BitsPerSecondUnit>;

inline namespace literals {
constexpr Bytes operator""_B(unsigned long long n) {
  return Bytes(n);
}
constexpr Bytes operator""_KiB(unsigned long long n) {
  return Bytes(n << 10U);
}
constexpr Bytes operator""_MiB(unsigned long long n) {
  return Bytes(n << 20U);
}
constexpr Bytes operator""_GiB(unsigned long long n) {
  return Bytes(n << 30U);
}
constexpr Cycles operator""_cycles(unsigned long long n) {
  return Cycles(n);
}
constexpr Hertz operator""_MHz(unsigned long long n) {
  return Hertz(n * 1'000'000U);
}
constexpr Hertz operator""_GHz(unsigned long long n) {
  return Hertz(n * 1'000'000'000U);
}
constexpr Picoseconds operator""_ps(unsigned long long n) {
  return Picoseconds(n);
}
constexpr Picoseconds operator""_ns(unsigned long long n) {
  return Picoseconds(n * 1'000U);
}
constexpr Picoseconds operator""_us(unsigned long long n) {
  return Picoseconds(n * 1'000'000U);
}
constexpr BitsPerSecond operator""_Gbps(unsigned long long n) {
  return BitsPerSecond(n * 1'000'000'000U);
}
}  // namespace literals

constexpr std::uint64_t ceil_div(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}
constexpr std::uint64_t align_up(std::uint64_t a, std::uint64_t to) {
  return ceil_div(a, to) * to;
}
constexpr bool is_power_of_two(std::uint64_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

}  // namespace aipu
