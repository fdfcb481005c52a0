// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/path.h"

#include <algorithm>
#include <vector>

#include "hw/base/assert.h"

namespace aipu::fabric {
namespace {

using directcom::Neighbour;

std::uint64_t cycles_of(const std::vector<std::uint32_t>& link_cycles, std::uint32_t tier) {
  return link_cycles[std::min<std::size_t>(tier, link_cycles.size() - 1)];
}

}  // namespace

std::uint64_t zero_load(const directcom::Routes& routes, const directcom::Network::Config& config,
                        std::uint32_t source, std::uint32_t destination) {
  const std::size_t most = routes.topology().switches.size();
  Neighbour at = routes.lane(source, 0);
  std::uint64_t cycles = cycles_of(config.link_cycles, at.tier);
  for (std::size_t hops = 0; !at.node; ++hops) {
    AIPU_ASSERT(hops < most, "no way from node {} to node {}", source, destination);
    const auto& table = routes.table(at.index);
    const std::uint16_t port = table.groups[table.group_of[destination]].front();
    at = routes.neighbour(at.index, port);
    cycles += config.plane.pipeline.count + cycles_of(config.link_cycles, at.tier);
  }
  return cycles;
}

std::uint64_t longest_zero_load(const directcom::Routes& routes,
                                const directcom::Network::Config& config) {
  std::uint64_t longest = 0;
  for (std::uint32_t to = 0; to < routes.topology().nodes; ++to)
    longest = std::max(longest, zero_load(routes, config, 0, to));
  return longest;
}

}  // namespace aipu::fabric
