// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/controller_reference.h"

#include <algorithm>

#include "hw/hbm/location.h"
#include "tlm/core/clock.h"
#include "tlm/hbm/controller.h"

namespace aipu::hbm {
namespace {

/// The memory with one channel only: its addresses are those inside a channel.
Config one_channel(Config config) {
  config.capacity = channel_capacity(config);
  config.stacks = 1;
  config.pseudo_channels = 1;
  return config;
}

Access access_of(const Config& config, const Interleaving& interleaving, const Demand& demand,
                 std::uint32_t id) {
  const std::uint64_t unit = atom(config).count;
  const Location at = interleaving.locate(demand.address);
  const auto atoms =
      static_cast<std::uint32_t>(ceil_div(demand.address % unit + demand.bytes, unit));
  return {demand.direction, at.set, at.row, at.column * config.bank_groups + at.group, atoms, id};
}

}  // namespace

std::vector<Picoseconds> ControllerReference::run(const std::vector<Demand>& demands) {
  const Config config = one_channel(config_);
  const Interleaving interleaving(config);
  const Clock clock(command_clock(config));
  Controller controller(config);
  std::vector<Issue> issued;
  Ck now = 0;
  for (const Demand& demand : demands) {
    now = std::max(now, static_cast<Ck>(clock.edge_at(demand.at.count)));
    while (!controller.has_room(demand.direction)) {
      now = std::max(now, controller.next_issue());
      controller.advance(now, issued);
    }
    const auto id = static_cast<std::uint32_t>(&demand - demands.data());
    controller.enqueue(access_of(config, interleaving, demand, id), now, issued);
  }
  while (!controller.empty())
    controller.advance(controller.next_issue(), issued);
  std::vector<Picoseconds> done(demands.size());
  for (const Issue& issue : issued)
    done[issue.id] = Picoseconds(clock.edge_ps(static_cast<std::uint64_t>(issue.done)));
  return done;
}

}  // namespace aipu::hbm
