// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/base/gaddr.h"

namespace aipu::directcom {

/// What is behind a link, as its sender must know it: buffer pools of so many flits in every
/// class, and which of them a packet to a destination takes.
struct FarEnd {
  static constexpr std::uint32_t kUnlimited = 0x4000'0000U;

  std::vector<std::uint32_t> pool_flits{kUnlimited};
  /// By destination; null: pool 0. Belongs to the far end.
  const std::vector<std::uint16_t>* pool_of = nullptr;
  /// A pool more, behind the others, for packets to Gaddr::kModule; 0: it copies none, and that is
  /// an AIPU as others.
  std::uint32_t multicast_flits = 0;
  /// Of a switch: AIPUs that get a copy of such a packet.
  std::uint32_t copies = 0;
  bool sums = false;  ///< of a switch: it adds up

  std::uint32_t pool(std::uint32_t destination) const {
    if (multicast_flits != 0 && destination == Gaddr::kModule)
      return static_cast<std::uint32_t>(pool_flits.size());
    return pool_of == nullptr ? 0 : (*pool_of)[destination];
  }
};

}  // namespace aipu::directcom
