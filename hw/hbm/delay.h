// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hw/base/schema_value.h"
#include "hw/base/units.h"

namespace aipu::hbm {

/// A timing of a DRAM device, as its data sheet gives it: a time, which stays when the clock
/// changes, or CK cycles in steps of a half, which follow it.
struct Delay {
  std::uint64_t ps = 0;
  std::uint64_t half_ck = 0;

  constexpr Delay() = default;
  constexpr Delay(Picoseconds time)
      : ps(time.count) {}  // NOLINT(google-explicit-constructor): a
                           // time is a delay
  friend constexpr bool operator==(Delay a, Delay b) {
    return a.ps == b.ps && a.half_ck == b.half_ck;
  }
};

constexpr Delay ck(std::uint64_t cycles) {
  Delay result;
  result.half_ck = 2 * cycles;
  return result;
}
constexpr Delay half_ck(std::uint64_t halves) {
  Delay result;
  result.half_ck = halves;
  return result;
}

/// "13.75 ns", "14 CK", "1.5 CK"; empty for anything else.
std::optional<Delay> parse_delay(const std::string& text);
std::string to_text(Delay delay);

}  // namespace aipu::hbm

namespace aipu {

template <>
struct TextCodec<hbm::Delay> {
  static const TextForm& form();
  static std::string print(hbm::Delay delay) { return hbm::to_text(delay); }
  static hbm::Delay read(const std::string& text) { return *hbm::parse_delay(text); }
};

}  // namespace aipu
