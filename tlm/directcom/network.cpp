// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/network.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::directcom {
namespace {

constexpr std::uint64_t kNever = TimeQueue<int>::kNever;

/// A packet as an opaque handle of switches and lanes: its number plus one.
void* handle(std::uint32_t packet) {
  return reinterpret_cast<void*>(std::uintptr_t{packet} + 1);
}
std::uint32_t number(const void* handle) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(handle) - 1);
}

}  // namespace

struct Network::Node {
  Node(const Config& config, std::uint32_t seed) : chooser(config.lane_choice, seed) {}
  std::vector<Lane> lanes;
  std::vector<LinkErrors> errors;  ///< of each lane
  PathChooser chooser;
  std::uint64_t lanes_at = kNever;  ///< cycle its lanes are scheduled for
};

Network::Network(const Routes& routes, const Config& config, User& user)
    : routes_(routes), config_(config), user_(user) {
  const Topology& topology = routes.topology();
  for (std::uint32_t s = 0; s < topology.switches.size(); ++s) {
    switches_.push_back(config.make_switch ? config.make_switch(routes, s) : nullptr);
    if (switches_.back() == nullptr)
      switches_.back() = make_switch_core(config.plane, routes, s, config.seed);
  }
  switch_at_.assign(switches_.size(), kNever);
  for (std::uint32_t s = 0; s < switches_.size(); ++s) {
    errors_.emplace_back();
    for (std::uint32_t p = 0; p < switches_[s]->ports(); ++p) {
      switches_[s]->offer(p, far_end(routes.neighbour(s, p)));
      errors_[s].push_back(errors_of(false, s, p));
    }
  }
  for (std::uint32_t n = 0; n < topology.nodes; ++n) {
    nodes_.emplace_back(config, static_cast<std::uint32_t>(config.seed + n));
    for (std::uint32_t l = 0; l < topology.lanes; ++l) {
      nodes_[n].lanes.emplace_back(config.plane, l);
      nodes_[n].lanes[l].offer(far_end(routes.lane(n, l)));
      nodes_[n].errors.push_back(errors_of(true, n, l));
    }
  }
}

Network::~Network() = default;

LinkErrors Network::errors_of(bool node, std::uint32_t index, std::uint32_t port) const {
  return {config_.plane.flit_errors, config_.seed,
          name_of(routes_.topology(), Topology::End{node, index, port})};
}

std::uint64_t Network::repeats() const {
  std::uint64_t sum = 0;
  const auto add = [&](const LinkErrors& errors) { sum += errors.repeats(); };
  for (const auto& outputs : errors_)
    std::for_each(outputs.begin(), outputs.end(), add);
  for (const Node& node : nodes_)
    std::for_each(node.errors.begin(), node.errors.end(), add);
  return sum;
}

FarEnd Network::far_end(const Neighbour& to) const {
  FarEnd end;
  if (!to.linked || to.node) return end;
  const RoutingTable& table = routes_.table(to.index);
  end.pool_flits = pool_flits(config_.plane, table);
  end.pool_of = &table.group_of;
  return end;
}

// Within a cycle users come first, then lanes, then switches: the order of What.
void Network::schedule(std::uint64_t tick, What what, std::uint32_t index) {
  calendar_.push(tick * kWhats + static_cast<std::uint64_t>(what), {what, index});
}

void Network::wake_at(std::uint64_t cycle, std::uint32_t node) {
  schedule(cycle * config_.plane.speedup, What::kWake, node);
}

void Network::send(const Packet& packet) {
  std::uint32_t index;
  if (free_packets_.empty()) {
    index = static_cast<std::uint32_t>(packets_.size());
    packets_.push_back(packet);
  } else {
    index = free_packets_.back();
    free_packets_.pop_back();
    packets_[index] = packet;
  }
  ++in_flight_;
  Node& node = nodes_[packet.source];
  Lane& lane = node.lanes[choose_lane(node, packet)];
  lane.enqueue(handle(index), packet.destination, packet.traffic_class, packet.flits);
  schedule_lanes(packet.source);
}

std::uint32_t Network::choose_lane(Node& node, const Packet& packet) {
  for (Lane& lane : node.lanes)
    lane.settle(now_);
  const auto load = [&](std::uint32_t l) {
    return node.lanes[l].load(packet.traffic_class, packet.destination);
  };
  return node.chooser.choose_of(routes_.usable_lanes(packet.source, packet.destination),
                                packet.traffic_class, {packet.source, packet.destination}, load);
}

void Network::schedule_lanes(std::uint32_t n) {
  Node& node = nodes_[n];
  std::uint64_t at = kNever;
  for (const Lane& lane : node.lanes)
    at = std::min(at, lane.next());
  at = at == kNever ? at : std::max(at, now_);
  if (at >= node.lanes_at) return;
  node.lanes_at = at;
  schedule(at * config_.plane.speedup, What::kLanes, n);
}

void Network::run_lanes(std::uint32_t n) {
  Node& node = nodes_[n];
  if (node.lanes_at != now_) return;
  node.lanes_at = kNever;
  for (Lane& lane : node.lanes) {
    lane.settle(now_);
    void* const sent = lane.send(now_);
    if (sent == nullptr) continue;
    Packet& packet = packets_[number(sent)];
    packet.entered = now_;
    const Neighbour& to = routes_.lane(n, lane.index());
    const std::uint64_t late =
        node.errors[lane.index()].repeat(packet.flits, config_.cycles_of_link(to.tier));
    lane.delay(late);
    forward(number(sent), to, now_ + late);
  }
  schedule_lanes(n);
}

/// The head of a packet enters a link in `cycle`.
void Network::forward(std::uint32_t index, const Neighbour& to, std::uint64_t cycle) {
  Packet& packet = packets_[index];
  const std::uint64_t arrival = cycle + config_.cycles_of_link(to.tier);
  if (!to.node) {
    switches_[to.index]->arrive(
        arrival, {handle(index), packet.source, packet.destination,
                  static_cast<std::uint16_t>(to.port), packet.flits, packet.traffic_class});
    schedule_switch(to.index);
    return;
  }
  const std::uint64_t tail = arrival + packet.flits - 1;
  schedule(tail * config_.plane.speedup, What::kDelivered, index);
  // The far end of this link is its other end's neighbour.
  const Neighbour& from = routes_.lane(to.index, to.port);
  give_back(from, packet, tail + 1 + config_.cycles_of_link(to.tier));
}

/// The credit of a packet, usable in `cycle`, to whoever sent it over a link.
void Network::give_back(const Neighbour& to, const Packet& packet, std::uint64_t cycle) {
  if (to.node) {
    nodes_[to.index].lanes[to.port].credit(cycle, packet.destination, packet.traffic_class,
                                           packet.flits);
    schedule_lanes(to.index);
    return;
  }
  switches_[to.index]->credit(cycle, to.port, packet.destination, packet.traffic_class,
                              packet.flits);
  schedule_switch(to.index);
}

void Network::schedule_switch(std::uint32_t s) {
  const std::uint64_t tick = switches_[s]->next();
  if (tick >= switch_at_[s]) return;
  switch_at_[s] = tick;
  schedule(tick, What::kSwitch, s);
}

void Network::step_switch(std::uint32_t s, std::uint64_t tick) {
  if (switch_at_[s] != tick) return;
  switch_at_[s] = kNever;
  for (const SwitchModel::Departure& d : switches_[s]->step(tick)) {
    Packet& packet = packets_[number(d.packet.packet)];
    ++hops_;
    ++packet.hops;
    packet.marked = packet.marked || d.marked;
    const Neighbour& from = routes_.neighbour(s, d.packet.input);
    give_back(from, packet, d.freed + config_.cycles_of_link(from.tier));
    const Neighbour& to = routes_.neighbour(s, d.output);
    const std::uint64_t late =
        errors_[s][d.output].repeat(packet.flits, config_.cycles_of_link(to.tier));
    if (late != 0) switches_[s]->delay(d.output, late);
    forward(number(d.packet.packet), to, d.head + late);
  }
  schedule_switch(s);
}

void Network::perform(const Event& event, std::uint64_t tick) {
  switch (event.what) {
    case What::kWake:
      user_.wake(event.index, now_);
      break;
    case What::kLanes:
      run_lanes(event.index);
      break;
    case What::kSwitch:
      step_switch(event.index, tick);
      break;
    case What::kDelivered: {
      const Packet packet = packets_[event.index];  // the user may send more
      free_packets_.push_back(event.index);
      --in_flight_;
      user_.delivered(packet, now_);
      break;
    }
  }
}

bool Network::step(std::uint64_t limit) {
  if (calendar_.empty()) return false;
  const std::uint64_t tick = calendar_.next() / kWhats;
  if (tick / config_.plane.speedup > limit) return false;
  now_ = tick / config_.plane.speedup;
  perform(calendar_.pop(), tick);
  return true;
}

void Network::run(std::uint64_t cycle) {
  while (step(cycle)) {
  }
  now_ = std::max(now_, cycle);
}

bool Network::drain(std::uint64_t limit) {
  while (in_flight_ != 0 && step(limit)) {
  }
  return in_flight_ == 0;
}

std::uint64_t Network::queued(std::uint32_t node) const {
  std::uint64_t packets = 0;
  for (const Lane& lane : nodes_[node].lanes)
    packets += lane.waiting();
  return packets;
}

std::vector<Network::LinkAccount> Network::accounts() const {
  const Topology& topology = routes_.topology();
  std::vector<LinkAccount> accounts;
  for (std::uint32_t link = 0; link < topology.links.size(); ++link) {
    for (const bool forward : {true, false}) {
      const Topology::End& from = forward ? topology.links[link].a : topology.links[link].b;
      LinkAccount account{link, forward, 0, 0, 0, 0};
      if (from.node) {
        const auto spent = nodes_[from.index].lanes[from.port].account(now_);
        account.no_packet = spent[Lane::kNoPacket];
        account.busy = spent[Lane::kBusy];
        account.no_credit = spent[Lane::kNoCredit];
      } else {
        const auto spent = switches_[from.index]->account(from.port, now_);
        account.no_packet = spent[SwitchModel::kNoPacket];
        account.busy = spent[SwitchModel::kBusy];
        account.no_credit = spent[SwitchModel::kNoCredit];
        account.lost_arbitration = spent[SwitchModel::kLostArbitration];
      }
      accounts.push_back(account);
    }
  }
  return accounts;
}

std::string Network::stuck() const {
  std::string text;
  for (std::uint32_t s = 0; s < switches_.size(); ++s) {
    const std::string reason = switches_[s]->stuck();
    if (!reason.empty())
      text += fmt::format("{}: {}\n", routes_.topology().switches[s].name, reason);
  }
  return text;
}

}  // namespace aipu::directcom
