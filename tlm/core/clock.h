// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <systemc>

#include "hw/base/units.h"

namespace aipu {

/// Simulated time now, in picoseconds (the kernel's resolution, which nothing changes).
inline std::uint64_t now_ps() {
  return sc_core::sc_time_stamp().value();
}

inline sc_core::sc_time to_time(Picoseconds t) {
  return sc_core::sc_time::from_value(t.count);
}

/// The only place where cycles become time. A period need not be whole picoseconds: edge k lies at
/// floor(k * 10^12 / f), so no error accumulates.
class Clock {
 public:
  explicit constexpr Clock(Hertz frequency) : frequency_(frequency) {}

  constexpr Hertz frequency() const { return frequency_; }

  /// Time of edge `cycles`, counted from zero. Exact up to 2^64 / 10^12 s of cycles.
  std::uint64_t edge_ps(std::uint64_t cycles) const {
    if (whole_) return cycles * period_ps_;
    return static_cast<std::uint64_t>(static_cast<Wide>(cycles) * kPsPerSecond / frequency_.count);
  }
  /// First edge at or after `ps`.
  std::uint64_t edge_at(std::uint64_t ps) const {
    if (whole_) return (ps + period_ps_ - 1) / period_ps_;
    const auto cycle =
        static_cast<std::uint64_t>(static_cast<Wide>(ps) * frequency_.count / kPsPerSecond);
    return edge_ps(cycle) >= ps ? cycle : cycle + 1;
  }
  /// Length of `n` cycles, rounded down to a picosecond.
  Picoseconds span(Cycles n) const { return Picoseconds(edge_ps(n.count)); }
  sc_core::sc_time time(Cycles n) const { return to_time(span(n)); }

 private:
  __extension__ using Wide = unsigned __int128;
  static constexpr std::uint64_t kPsPerSecond = 1'000'000'000'000U;
  Hertz frequency_;
  bool whole_ = kPsPerSecond % frequency_.count == 0;
  std::uint64_t period_ps_ = kPsPerSecond / frequency_.count;
};

}  // namespace aipu
