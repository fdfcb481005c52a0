// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "hw/hbm/location.h"

namespace aipu::hbm {

/// Cuts long stretches of HBM at granules and says which pseudo-channel has each.
class Pieces {
 public:
  explicit Pieces(const Config& config)
      : interleaving_(config),
        granule_(config.interleave.count),
        turn_(config.interleave.count * channel_count(config)) {}

  const Interleaving& interleaving() const { return interleaving_; }

  /// Calls visit(channel, set, row, begin, bytes) for every piece of [begin, end), in order. Within
  /// a turn round all channels, bank set and row are the same, and the hash of the channels is one
  /// XOR: that of the turn's first granule serves for all.
  template <typename Visit>
  void visit(std::uint64_t begin, std::uint64_t end, Visit&& visit) const {
    while (begin < end) {
      const std::uint64_t turn_begin = begin - begin % turn_;
      const std::uint64_t turn_end = std::min(end, turn_begin + turn_);
      const Location first = interleaving_.locate(turn_begin);
      auto plain = static_cast<std::uint32_t>((begin - turn_begin) / granule_);
      for (; begin < turn_end; ++plain) {  // a granule is a power of two
        const std::uint64_t left = granule_ - (begin & (granule_ - 1));
        const std::uint64_t bytes = std::min(left, turn_end - begin);
        visit(plain ^ first.channel, first.set, first.row, begin, bytes);
        begin += bytes;
      }
    }
  }

 private:
  const Interleaving interleaving_;
  const std::uint64_t granule_;
  const std::uint64_t turn_;
};

}  // namespace aipu::hbm
