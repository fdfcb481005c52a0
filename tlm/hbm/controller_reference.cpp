// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/controller_reference.h"

#include <algorithm>

#include "hw/hbm/address_map.h"
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

}  // namespace

std::vector<Picoseconds> ControllerReference::run(const std::vector<Demand>& demands) {
  const Config config = one_channel(config_);
  const AddressMap map(config);
  const Clock clock(command_clock(config));
  const Tick ck = ticks_per_ck(config);
  const std::uint64_t unit = atom(config).count;
  Controller controller(config);
  std::vector<Issue> issued;
  for (const Demand& demand : demands) {
    const Tick at = static_cast<Tick>(clock.edge_at(demand.at.count)) * ck;
    const auto id = static_cast<std::uint32_t>(&demand - demands.data());
    for (std::uint64_t address = demand.address / unit * unit;
         address < demand.address + demand.bytes; address += unit) {
      const Location place = map.locate(address);
      controller.offer({demand.direction, place.set * config.bank_groups + place.group, place.row,
                        place.column, id},
                       at);
    }
  }
  controller.drain(issued);
  std::vector<Picoseconds> done(demands.size());
  for (const Issue& issue : issued) {
    const Picoseconds end(clock.edge_ps(static_cast<std::uint64_t>(issue.done / ck)));
    done[issue.id] = std::max(done[issue.id], end);
  }
  return done;
}

}  // namespace aipu::hbm
