// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/path.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "hw/base/assert.h"

namespace aipu::fabric {
namespace {

using directcom::Neighbour;

constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

/// The shortest ways that the routes allow to one node, masks aside. Routes without a deadlock have
/// no circle, so that a way ends.
class Ways {
 public:
  Ways(const directcom::Routes& routes, const directcom::Network::Config& config, std::uint32_t to)
      : routes_(routes), config_(config), to_(to), from_(routes.topology().switches.size(), 0) {}

  /// Over the link to `next` and on; kNever where no route leads on.
  std::uint64_t along(const Neighbour& next) {
    const std::uint64_t link = config_.cycles_of_link(next.tier);
    if (next.node) return next.index == to_ ? link : kNever;
    const std::uint64_t rest = from(next.index);
    return rest == kNever ? kNever : link + rest;
  }

 private:
  std::uint64_t from(std::uint32_t at) {
    if (from_[at] != 0) return from_[at];  // no way is that short
    const auto& table = routes_.table(at);
    std::uint64_t least = kNever;
    if (table.group_of[to_] != directcom::RoutingTable::kNoGroup) {
      for (const std::uint16_t port : table.groups[table.group_of[to_]])
        least = std::min(least, along(routes_.neighbour(at, port)));
    }
    from_[at] = least == kNever ? kNever : config_.plane.pipeline.count + least;
    return from_[at];
  }

  const directcom::Routes& routes_;
  const directcom::Network::Config& config_;
  const std::uint32_t to_;
  std::vector<std::uint64_t> from_;  // of each switch; 0: not known yet
};

}  // namespace

std::uint64_t zero_load(const directcom::Routes& routes, const directcom::Network::Config& config,
                        std::uint32_t source, std::uint32_t destination) {
  Ways ways(routes, config, destination);
  std::uint64_t least = kNever;
  for (std::uint32_t lane = 0; lane < routes.topology().lanes; ++lane)
    least = std::min(least, ways.along(routes.lane(source, lane)));
  AIPU_ASSERT(least != kNever, "no way from node {} to node {}", source, destination);
  return least;
}

std::uint64_t longest_zero_load(const directcom::Routes& routes,
                                const directcom::Network::Config& config) {
  std::uint64_t longest = 0;
  for (std::uint32_t to = 0; to < routes.topology().nodes; ++to)
    longest = std::max(longest, zero_load(routes, config, 0, to));
  return longest;
}

}  // namespace aipu::fabric
