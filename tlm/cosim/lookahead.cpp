// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/lookahead.h"

#include <algorithm>

namespace aipu::cosim {
namespace {

/// Calls `visit` with the far end of every link of a switch.
template <typename Visit>
void for_each_link(const directcom::Routes& routes, std::uint32_t index, Visit&& visit) {
  for (std::uint32_t p = 0; p < routes.topology().switches[index].ports; ++p) {
    if (const auto& to = routes.neighbour(index, p); to.linked) visit(to);
  }
}

bool may_delay(const directcom::SwitchConfig& config) {
  return config.flit_errors != 0 || config.multicast_flits != 0;
}

/// Whole cycles of `clock` within so many cycles of another.
std::uint64_t cycles_within(Cycles cycles, Hertz of, Hertz clock) {
  return of.count == clock.count ? cycles.count : cycles.count * clock.count / of.count;
}

}  // namespace

std::uint64_t lookahead_of(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                           std::uint32_t index,
                           const std::function<std::uint64_t(std::uint32_t)>& cycles_of) {
  if (may_delay(config)) return 1;
  std::uint64_t shortest = ~0ULL;
  for_each_link(routes, index,
                [&](const auto& to) { shortest = std::min(shortest, cycles_of(to.tier)); });
  return shortest == ~0ULL ? 1 : std::max<std::uint64_t>(shortest, 1);
}

std::uint64_t lookahead_of(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                           std::uint32_t index, const directcom::Config& aipu) {
  const auto tier = [&](std::uint32_t t) { return config.link(t).count; };
  std::uint64_t shortest = lookahead_of(config, routes, index, tier);
  const std::uint64_t lane = cycles_within(aipu.link(), aipu.link_clock(), config.clock());
  for_each_link(routes, index, [&](const auto& to) {
    if (to.node) shortest = std::min(shortest, std::max<std::uint64_t>(lane, 1));
  });
  return shortest;
}

}  // namespace aipu::cosim
