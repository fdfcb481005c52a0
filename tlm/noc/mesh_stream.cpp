// SPDX-License-Identifier: Apache-2.0
// The data of a long request to HBM (fast memory): they lie behind several edge tiles and take time
// to pass.
#include <algorithm>
#include <utility>

#include "tlm/noc/mesh.h"

namespace aipu::noc {

StreamExtension* Mesh::stream_of(const Place& place, const Payload& payload) const {
  if (place.space != Gaddr::Space::kHbm ||
      payload.get_data_length() <= wiring_.hbm.interleave.count ||
      wiring_.hbm.channel_of == nullptr) {
    return nullptr;
  }
  auto* extension = payload.get_extension<StreamExtension>();
  return extension != nullptr && extension->first != 0 ? extension : nullptr;
}

/// Which tiles the bytes of a request to HBM lie behind.
void Mesh::spread(const Place& place, std::uint64_t bytes) {
  const ChannelMap& map = wiring_.hbm;
  const std::uint64_t end = place.offset + bytes;
  share_of_.clear();
  for (std::uint64_t at = place.offset; at < end;) {
    const std::uint64_t next = std::min(end, at - at % map.interleave.count + map.interleave.count);
    const std::uint32_t channel = map.channel_of(map.context, at);
    const std::uint32_t tile = links_.topology().tile_of_channel(channel, map.channels);
    if (shares_[tile] == 0) share_of_.push_back(tile);
    shares_[tile] += next - at;
    at = next;
  }
}

// One packet for each edge tile, all from the first data on; the last data come after them.
Links::Passage Mesh::stream(const Place& place, const Payload& payload, std::uint64_t& first,
                            std::uint64_t last) {
  const std::uint64_t now = now_ps();
  const std::uint64_t bytes = payload.get_data_length();
  const std::uint32_t own = wiring_.port_tiles[place.port];
  const std::uint64_t begin = std::max(now, std::min(first, last));
  Links::Passage whole{last, 0, 0};
  std::uint64_t nearest = ~std::uint64_t{0}, farthest = 0;
  spread(place, bytes);
  for (const std::uint32_t tile : share_of_) {
    const std::uint64_t part = std::exchange(shares_[tile], 0);
    const Links::Packet packet =
        payload.is_write()
            ? Links::Packet{links_.from_port(place.port), own, tile, Links::kNone, part}
            : Links::Packet{Links::kNone, tile,           own, links_.to_port(place.port),
                            part,         response_order_};
    const Links::Passage passage = links_.send(now, begin, packet);
    whole.accepted = std::max(whole.accepted, passage.accepted);
    whole.landed = std::max(whole.landed, passage.landed);
    stats_.hop_bytes += part * passage.hops;
    nearest = std::min(nearest, links_.header_latency(own, tile));
    farthest = std::max(farthest, links_.header_latency(own, tile));
  }
  stats_.packets += share_of_.size();
  stats_.bytes += bytes;
  const std::uint64_t tail = links_.serialisation(std::min(bytes, wiring_.hbm.interleave.count));
  whole.landed = std::max(whole.landed, last + farthest + tail);
  first = begin + nearest;
  return whole;
}

}  // namespace aipu::noc
