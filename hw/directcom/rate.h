// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "hw/directcom/config.h"

namespace aipu::directcom {

/// Spaces reads out so that together they keep to a rate. Times in ps.
class Pacer {
 public:
  /// When the next read may begin.
  std::uint64_t next() const { return next_; }
  /// A read that takes `time` at that rate begins now.
  void take(std::uint64_t now, Picoseconds time) { next_ = std::max(next_, now) + time.count; }

 private:
  std::uint64_t next_ = 0;
};

/// The share of its port that a source gives to one destination, in 1/kFullRate: multiplied down by
/// marks, added to by time. Needs no event: time is taken into account when somebody asks.
class Rate {
 public:
  std::uint32_t share(const Config& config, std::uint64_t now) const {
    if (share_ == kFullRate) return kFullRate;
    const std::uint64_t regained = (now - since_) / config.rate_recovery.count;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(kFullRate, share_ + regained));
  }
  void cut(const Config& config, std::uint64_t now) {
    const std::uint32_t before = share(config, now);
    share_ = std::max(config.rate_floor, before - before * config.rate_cut / kFullRate);
    since_ = now;
  }

 private:
  std::uint32_t share_ = kFullRate;  ///< at `since_`
  std::uint64_t since_ = 0;
};

}  // namespace aipu::directcom
