// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "hw/base/rng.h"

namespace aipu::directcom {

/// Corrupted flits on one direction of a link, and what repeating them costs.
///
/// Every flit has a check sum of its own. The far end drops a bad flit and all behind it, and asks
/// for it again; the sender learns of that one round trip after the bad flit has gone and sends the
/// packet again from its head. So the order holds, and nothing is lost or doubled; only time goes.
class LinkErrors {
 public:
  /// `per_billion`: flits of 10^9 that arrive corrupted; 0: none, and no draw is made.
  LinkErrors(std::uint32_t per_billion, std::uint64_t seed, std::uint64_t channel)
      : survival_(1.0 - per_billion * 1e-9), random_(seed, channel) {
    if (per_billion != 0) next_bad_ = draw();
  }

  /// Cycles that a packet of `flits` takes longer over a link of so many cycles.
  std::uint64_t repeat(std::uint32_t flits, std::uint64_t link_cycles) {
    std::uint64_t cycles = 0;
    while (next_bad_ < flits) {
      cycles += next_bad_ + 1 + 2 * link_cycles;
      next_bad_ = draw();
      ++repeats_;
    }
    if (next_bad_ != kNone) next_bad_ -= flits;
    return cycles;
  }
  std::uint64_t repeats() const { return repeats_; }

 private:
  static constexpr std::uint64_t kNone = ~0ULL;

  /// Good flits before the next bad one: geometric.
  std::uint64_t draw() {
    return static_cast<std::uint64_t>(std::log(1.0 - random_.uniform()) / std::log(survival_));
  }

  double survival_;
  Rng random_;
  std::uint64_t next_bad_ = kNone;
  std::uint64_t repeats_ = 0;
};

}  // namespace aipu::directcom
