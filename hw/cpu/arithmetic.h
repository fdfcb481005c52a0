// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

/// Arithmetic of the instruction set that C++ leaves undefined or does not have. U is the unsigned
/// register type, uint32_t or uint64_t.
namespace aipu::cpu {

template <typename U>
constexpr std::make_signed_t<U> as_signed(U a) {
  return static_cast<std::make_signed_t<U>>(a);
}
/// Sign-extends a value of the narrow signed type T to a register.
template <typename U, typename T>
constexpr U extend(T a) {
  return static_cast<U>(static_cast<std::make_signed_t<U>>(a));
}
/// Sign-extends the low word: the result of the `w` instructions of RV64.
template <typename U>
constexpr U word(U a) {
  return extend<U>(static_cast<std::int32_t>(static_cast<std::uint32_t>(a)));
}

template <typename U>
struct Wide;
template <>
struct Wide<std::uint32_t> {
  using Unsigned = std::uint64_t;
  using Signed = std::int64_t;
};
template <>
struct Wide<std::uint64_t> {
  __extension__ using Unsigned = unsigned __int128;
  __extension__ using Signed = __int128;
};

template <typename U>
constexpr U high_half(typename Wide<U>::Signed product) {
  return static_cast<U>(static_cast<typename Wide<U>::Unsigned>(product) >>
                        std::numeric_limits<U>::digits);
}
template <typename U>
constexpr U mulh(U a, U b) {
  using W = typename Wide<U>::Signed;
  return high_half<U>(static_cast<W>(as_signed(a)) * static_cast<W>(as_signed(b)));
}
template <typename U>
constexpr U mulhsu(U a, U b) {
  using W = typename Wide<U>::Signed;
  return high_half<U>(static_cast<W>(as_signed(a)) * static_cast<W>(b));
}
template <typename U>
constexpr U mulhu(U a, U b) {
  using W = typename Wide<U>::Unsigned;
  return static_cast<U>((static_cast<W>(a) * b) >> std::numeric_limits<U>::digits);
}

template <typename U>
constexpr bool overflows(U a, U b) {
  return b == std::numeric_limits<U>::max() && a == U{1} << (std::numeric_limits<U>::digits - 1);
}
template <typename U>
constexpr U div(U a, U b) {
  if (b == 0) return std::numeric_limits<U>::max();
  return overflows(a, b) ? a : static_cast<U>(as_signed(a) / as_signed(b));
}
template <typename U>
constexpr U rem(U a, U b) {
  if (b == 0) return a;
  return overflows(a, b) ? U{0} : static_cast<U>(as_signed(a) % as_signed(b));
}
template <typename U>
constexpr U divu(U a, U b) {
  return b == 0 ? std::numeric_limits<U>::max() : a / b;
}
template <typename U>
constexpr U remu(U a, U b) {
  return b == 0 ? a : a % b;
}

}  // namespace aipu::cpu
