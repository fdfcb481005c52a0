// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/traffic.h"

#include <cmath>
#include <fmt/format.h>

namespace aipu::fabric {
namespace {

constexpr double kLongest = 0x1p62;  // gap in slots, of a load that hardly is one

}  // namespace

Generator::Generator(const FlowClass& flow_class, const Senders& senders, std::uint32_t node)
    : flow_class_(&flow_class),
      rng_(senders.seed, fmt::format("{}.node{}", flow_class.name, node)),
      node_(node),
      nodes_(senders.nodes),
      lanes_(senders.lanes),
      probability_(flow_class.load / senders.packet_flits),
      scale_(probability_ < 1 ? 1 / std::log1p(-probability_) : 0),
      slot_(~0ULL),  // the gap before the first begins at slot 0
      next_(0) {
  draw_gap();
}

void Generator::draw_gap() {
  if (probability_ <= 0) {
    next_ = kNever;
    return;
  }
  const double gap = std::floor(std::log(rng_.unit()) * scale_);  // slots without a packet
  if (gap >= kLongest || next_ == kNever) {
    next_ = kNever;
    return;
  }
  slot_ += 1 + static_cast<std::uint64_t>(gap);
  next_ = slot_ / lanes_;
}

std::uint16_t Generator::take() {
  draw_gap();
  if (!flow_class_->destinations.empty()) return flow_class_->destinations[node_];
  if (!flow_class_->avoided) return static_cast<std::uint16_t>(rng_.below(nodes_));
  const std::uint32_t drawn = rng_.below(nodes_ - 1);
  return static_cast<std::uint16_t>(drawn < *flow_class_->avoided ? drawn : drawn + 1);
}

}  // namespace aipu::fabric
