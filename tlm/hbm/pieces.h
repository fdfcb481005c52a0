// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "hw/hbm/address_map.h"

namespace aipu::hbm {

/// Cuts long stretches of HBM at granules and says which pseudo-channel has each.
class Pieces {
 public:
  explicit Pieces(const Config& config)
      : map_(config),
        plain_(config.address_map.empty() && config.address_xor.empty()),
        granule_(plain_ ? config.interleave.count : map_.run().count),
        turn_(plain_ ? granule_ * channel_count(config) : granule_) {}

  const AddressMap& map() const { return map_; }

  /// Calls visit(channel, set, row, begin, bytes) for every piece of [begin, end), in order. By the
  /// default map bank set and row are the same within a turn round all channels, and the hash of
  /// the channels is one XOR: that of the turn's first granule serves for all. By a map of the
  /// user's every granule is its own turn.
  template <typename Visit>
  void visit(std::uint64_t begin, std::uint64_t end, Visit&& visit) const {
    while (begin < end) {
      const std::uint64_t turn_begin = begin - begin % turn_;
      const std::uint64_t turn_end = std::min(end, turn_begin + turn_);
      const Location first = map_.locate(turn_begin);
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
  const AddressMap map_;
  const bool plain_;
  const std::uint64_t granule_;
  const std::uint64_t turn_;
};

}  // namespace aipu::hbm
