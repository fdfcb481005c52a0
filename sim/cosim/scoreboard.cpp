// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/scoreboard.h"

#include <fmt/format.h>
#include <string>

#include "tlm/cosim/verilated_switch.h"

namespace aipu::cosim {
namespace {

std::string text(const Scoreboard::Packet& p) {
  return fmt::format("packet {} ({} -> {}, class {}, {} flits)", p.tag, p.source, p.destination,
                     p.traffic_class, p.flits);
}

bool same(const Scoreboard::Packet& a, const Scoreboard::Packet& b) {
  return a.source == b.source && a.destination == b.destination && a.flits == b.flits &&
         a.traffic_class == b.traffic_class;
}

}  // namespace

void Scoreboard::sent(Packet& packet) {
  packet.tag = entries_.size();
  entries_.push_back({packet, false});
}

void Scoreboard::delivered(const Packet& packet, std::uint64_t cycle) {
  const auto fail = [&](const char* what) {
    throw Mismatch(fmt::format("scoreboard: cycle {}: {} {}", cycle, text(packet), what));
  };
  if (packet.tag >= entries_.size()) fail("was never sent");
  Entry& entry = entries_[packet.tag];
  if (entry.arrived) fail("arrives again");
  if (!same(entry.packet, packet)) fail("is not what was sent");
  entry.arrived = true;
  ++delivered_;
  if (!one_path(packet.source, packet.destination)) return;
  auto& next = last_[{packet.source, packet.destination, packet.traffic_class}];
  if (packet.tag < next) fail("comes behind a later one of its class");
  next = packet.tag + 1;
}

void Scoreboard::finish() const {
  for (const Entry& entry : entries_) {
    if (!entry.arrived)
      throw Mismatch(fmt::format("scoreboard: {} never arrives", text(entry.packet)));
  }
}

/// Whether no switch on the way has a choice that its packets may make differently.
bool Scoreboard::one_path(std::uint32_t source, std::uint32_t destination) const {
  if (routes_.topology().lanes != 1) return false;
  if (up_choice_ == directcom::PathChoice::kStatic) return true;
  std::uint32_t at = routes_.lane(source, 0).index;
  for (;;) {
    const auto& table = routes_.table(at);
    const auto& group = table.groups[table.group_of[destination]];
    if (group.size() != 1) return false;
    const auto& to = routes_.neighbour(at, group.front());
    if (to.node) return true;
    at = to.index;
  }
}

}  // namespace aipu::cosim
