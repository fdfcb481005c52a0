// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/controller_reference.h"

#include <algorithm>
#include <sstream>
#include <string>

#include "hw/hbm/address_map.h"
#include "tlm/core/clock.h"
#include "tlm/hbm/controller.h"

namespace aipu::hbm {
namespace {

/// The words of a map or fold that are not about channels.
std::string without_channels(const std::string& text) {
  std::istringstream words(text);
  std::string rest;
  for (std::string word; words >> word;) {
    if (word.find("channel") == std::string::npos) rest += (rest.empty() ? "" : " ") + word;
  }
  return rest.empty() && !text.empty() ? " " : rest;  // a space folds nothing
}

}  // namespace

Config one_channel(Config config) {
  config.capacity = channel_capacity(config);
  config.stacks = 1;
  config.pseudo_channels = 1;
  config.address_map = without_channels(config.address_map);
  config.address_xor = without_channels(config.address_xor);
  return config;
}

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
