// SPDX-License-Identifier: Apache-2.0
// The data of a long request to HBM (fast memory): they lie behind several edge tiles and take time
// to pass.
#include <algorithm>
#include <utility>

#include "tlm/noc/mesh.h"

namespace aipu::noc {

StreamExtension* Mesh::stream_of(const Place& place, const Payload& payload) const {
  if (place.space != Gaddr::Space::kHbm ||
      payload.get_data_length() <= wiring_.hbm.interleave.count || wiring_.hbm.spread == nullptr) {
    return nullptr;
  }
  auto* extension = payload.get_extension<StreamExtension>();
  return extension != nullptr && extension->first != 0 ? extension : nullptr;
}

// All data flow from the first on, each link of their paths taking its part in one piece; the last
// data come after them.
Links::Passage Mesh::stream(const Place& place, const Payload& payload, std::uint64_t& first,
                            std::uint64_t last) {
  const std::uint64_t now = now_ps();
  const std::uint64_t bytes = payload.get_data_length();
  const std::uint32_t own = wiring_.port_tiles[place.port];
  const std::uint64_t begin = std::max(now, std::min(first, last));
  std::uint64_t nearest = ~std::uint64_t{0}, farthest = 0;
  wiring_.hbm.spread(wiring_.hbm.context, place.offset, bytes, behind_);
  for (std::size_t channel = 0; channel < behind_.size();) {
    const std::uint32_t tile = channel_tiles_[channel];
    std::uint64_t part = 0;  // neighbours share a tile
    for (; channel < behind_.size() && channel_tiles_[channel] == tile; ++channel)
      part += std::exchange(behind_[channel], 0);
    if (part == 0) continue;
    if (payload.is_write()) {
      links_.add_flow(own, tile, Order::kXFirst, part);
    } else {
      links_.add_flow(tile, own, response_order_, part);
    }
    ++stats_.packets;
    nearest = std::min(nearest, links_.header_latency(own, tile));
    farthest = std::max(farthest, links_.header_latency(own, tile));
  }
  stats_.bytes += bytes;
  stats_.hop_bytes += links_.flow_hop_bytes();
  const std::uint32_t port =
      payload.is_write() ? links_.from_port(place.port) : links_.to_port(place.port);
  Links::Passage whole = links_.book_flow(now, begin, port);
  whole.accepted = std::max(whole.accepted, last);
  const std::uint64_t tail = links_.serialisation(std::min(bytes, wiring_.hbm.interleave.count));
  whole.landed = std::max(whole.landed, last + tail) + farthest;
  first = begin + nearest;
  return whole;
}

}  // namespace aipu::noc
