// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/foreign_switch.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "hw/base/error.h"
#include "hw/base/rng.h"
#include "hw/directcom/packet.h"
#include "tlm/cosim/port_mask.h"
#include "tlm/cosim/verilated_switch.h"

namespace aipu::cosim {

using directcom::kClasses;

ForeignSwitch::ForeignSwitch(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                             std::uint32_t index, std::unique_ptr<SwitchPins> pins)
    : config_(config),
      routes_(routes),
      table_(routes.table(index)),
      index_(index),
      ports_(routes.topology().switches[index].ports),
      pins_(std::move(pins)),
      inputs_(ports_),
      outputs_(ports_),
      queues_(std::size_t{ports_} * ports_ * kClasses) {
  const auto refuse = [&](const std::string& what) {
    throw ConfigError("", fmt::format("switch {} as a router of its own timing: {}",
                                      routes_.topology().switches[index_].name, what));
  };
  if (pins_ == nullptr) refuse(fmt::format("no model of {} ports", ports_));
  if (config_.speedup != 1) refuse("speedup must be 1");
  if (config_.flit_errors != 0) refuse("flit_errors must be 0");
  if (config_.flit.count != SwitchPins::kFlitWords * 4) refuse("flit must be 16 B");
  if (routes_.topology().nodes > pins_->limits().nodes)
    refuse(fmt::format("more than {} nodes", pins_->limits().nodes));
  if (table_.groups.size() > pins_->limits().pools)
    refuse(fmt::format("more than {} groups of outputs", pins_->limits().pools));
}

ForeignSwitch::~ForeignSwitch() = default;

void ForeignSwitch::offer(std::uint32_t output, const directcom::FarEnd& far_end) {
  outputs_[output].far_end = far_end;
  for (const std::uint32_t flits : far_end.pool_flits)
    outputs_[output].room.insert(outputs_[output].room.end(), kClasses, flits);
}

/// Before the first cycle: credits and tables. Rules and random numbers are the router's own.
void ForeignSwitch::start() {
  started_ = true;
  const auto limits = pins_->limits();
  for (std::uint32_t o = 0; o < ports_; ++o) {
    const auto& room = outputs_[o].room;
    for (std::uint32_t k = 0; k < limits.pools * kClasses; ++k) {
      const std::uint64_t flits =
          k < room.size() ? std::min<std::uint64_t>(room[k], limits.credits) : 0;
      pins_->configure(SwitchPins::Select::kCredit, o, k, flits);
    }
  }
  set_tables();
}

void ForeignSwitch::set_tables() {
  for (std::uint32_t node = 0; node < routes_.topology().nodes; ++node) {
    const std::uint16_t group = table_.group_of[node];
    if (group == directcom::RoutingTable::kNoGroup) continue;
    std::uint64_t mask = 0;
    for (const std::uint16_t port : table_.groups[group]) {
      mask |= one(port);
      pins_->configure(SwitchPins::Select::kFarPool, port, node, outputs_[port].far_end.pool(node));
    }
    pins_->configure(SwitchPins::Select::kRoute, 0, node,
                     std::uint64_t{group} << pins_->ports() | mask);
  }
}

void ForeignSwitch::arrive(std::uint64_t cycle, const Arrival& arrival) {
  AIPU_ASSERT(cycle >= edge_, "input {}: a packet for cycle {}, already in {}", arrival.input,
              cycle, edge_);
  inputs_[arrival.input].coming.push({arrival, cycle, number_++});
}

void ForeignSwitch::credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
                           std::uint32_t traffic_class, std::uint32_t flits) {
  Output& o = outputs_[output];
  o.returning.push({cycle, {o.far_end.pool(destination), traffic_class, flits}});
}

void ForeignSwitch::delay(std::uint32_t output, std::uint64_t /*cycles*/) {
  fail("shell", fmt::format("output {}: a link that repeats flits", output));
}

/// A header that a router reads, or payload that is a function of packet and place.
SwitchPins::Flit ForeignSwitch::flit(const Packet& packet, std::uint32_t place) const {
  const Arrival& a = packet.arrival;
  std::uint64_t low = split_mix(std::uint64_t{packet.number} << 8U | place);
  std::uint64_t high = ~low;
  if (place == 0) {
    directcom::Packet header;
    header.type = a.flits > 1 ? directcom::PacketType::kData : directcom::PacketType::kCommit;
    header.traffic_class = a.traffic_class;
    header.destination = static_cast<std::uint16_t>(a.destination);
    header.source = static_cast<std::uint16_t>(a.source);
    header.message = static_cast<std::uint16_t>(packet.number);
    header.payload_bytes = static_cast<std::uint16_t>((a.flits - 1U) * config_.flit.count);
    const auto bits = directcom::encode(header);
    low = bits.low;
    high = bits.high;
  }
  return {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32U),
          static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32U)};
}

std::uint64_t ForeignSwitch::next_input() const {
  std::uint64_t at = kNever;
  for (const Input& input : inputs_) {
    if (input.active) return edge_;
    if (!input.coming.empty()) at = std::min(at, input.coming.front().cycle);
  }
  for (const Output& output : outputs_) {
    if (!output.returning.empty())
      at = std::min(at, std::max(output.returning.front().cycle, edge_));
  }
  return at;
}

void ForeignSwitch::drive() {
  for (std::uint32_t i = 0; i < ports_; ++i) {
    Input& input = inputs_[i];
    if (!input.active) {
      if (input.coming.empty() || input.coming.front().cycle > edge_) continue;
      input.now = input.coming.pop();
      if (input.now.cycle != edge_) fail("shell", fmt::format("packets of input {} overlap", i));
      input.sent = 0;
      input.active = true;
      input.unrouted.push(input.now);
      ++open_;
    }
    pins_->put_flit(i, flit(input.now, input.sent++));
    if (input.sent == input.now.arrival.flits) input.active = false;
  }
  drive_credits();
}

/// A link carries one credit a cycle; one that comes late for that waits.
void ForeignSwitch::drive_credits() {
  for (std::uint32_t o = 0; o < ports_; ++o) {
    Output& output = outputs_[o];
    if (output.returning.empty() || output.returning.front().cycle > edge_) continue;
    const SwitchPins::Credit credit = output.returning.pop().pins;
    output.room[credit.pool * kClasses + credit.traffic_class] += credit.flits;
    pins_->put_credit(o, credit);
  }
}

void ForeignSwitch::advance(std::uint64_t tick) {
  if (!started_) start();
  while (edge_ <= tick) {
    if (!pins_->busy()) {
      const std::uint64_t wake = std::min(next_input(), tick + 1);
      if (wake > edge_) {
        edge_ = wake;
        continue;
      }
    }
    drive();
    pins_->clock(false);
    ++edge_;
    ++clocks_;
    observe();
  }
}

void ForeignSwitch::observe() {
  take_routes();
  take_grants();
  take_credits();
  take_flits();
}

bool ForeignSwitch::leads(std::uint32_t output, std::uint32_t destination) const {
  const auto& group = table_.groups[table_.group_of[destination]];
  return std::find(group.begin(), group.end(), output) != group.end();
}

void ForeignSwitch::take_routes() {
  for_each_bit(pins_->routed(), [&](std::uint32_t i) {
    if (inputs_[i].unrouted.empty()) fail("RTL-1", fmt::format("input {} routed no packet", i));
    const Packet packet = inputs_[i].unrouted.pop();
    const std::uint32_t o = pins_->routed_output(i);
    if (!leads(o, packet.arrival.destination)) {
      fail("RTL-1", fmt::format("input {}: output {} does not lead to {}", i, o,
                                packet.arrival.destination));
    }
    queues_[(std::size_t{i} * ports_ + o) * kClasses + packet.arrival.traffic_class].push(packet);
  });
}

void ForeignSwitch::take_grants() {
  for_each_bit(pins_->granted(), [&](std::uint32_t o) {
    const auto grant = pins_->grant(o);
    auto& queue = queues_[(std::size_t{grant.input} * ports_ + o) * kClasses + grant.traffic_class];
    if (queue.empty()) {
      fail("RTL-2", fmt::format("output {} granted input {}, class {}, which has no packet", o,
                                grant.input, grant.traffic_class));
    }
    const Packet packet = queue.pop();
    Output& output = outputs_[o];
    const std::uint32_t pool = output.far_end.pool(packet.arrival.destination);
    std::uint64_t& room = output.room[pool * kClasses + packet.arrival.traffic_class];
    if (room < packet.arrival.flits) {
      fail("RTL-2", fmt::format("output {}: a packet of {} flits, pool {}, class {}, credit {}", o,
                                packet.arrival.flits, pool, packet.arrival.traffic_class, room));
    }
    room -= packet.arrival.flits;
    output.leaving.push_back({packet, grant.mark, false});
  });
}

void ForeignSwitch::take_credits() {
  for_each_bit(pins_->returning(), [&](std::uint32_t i) {
    const auto credit = pins_->credit(i);
    for (Output& output : outputs_) {
      for (Leaving& leaving : output.leaving) {
        const Arrival& a = leaving.packet.arrival;
        if (leaving.credited || a.input != i || credit.pool != table_.group_of[a.destination] ||
            credit.traffic_class != a.traffic_class || credit.flits != a.flits)
          continue;
        leaving.credited = true;
        return;
      }
    }
    fail("RTL-5", fmt::format("input {}: credit of pool {}, class {}, {} flits for nothing", i,
                              credit.pool, credit.traffic_class, credit.flits));
  });
}

void ForeignSwitch::take_flits() {
  const std::uint64_t sending = pins_->sending();
  for (std::uint32_t o = 0; o < ports_; ++o) {
    if ((sending & one(o)) != 0) {
      take_flit(o);
    } else if (outputs_[o].sent != 0) {
      fail("RTL-3",
           fmt::format("output {}: a gap behind flit {} of a packet", o, outputs_[o].sent - 1));
    }
  }
}

void ForeignSwitch::take_flit(std::uint32_t o) {
  const std::uint64_t cycle = edge_ - 1;
  Output& output = outputs_[o];
  if (output.leaving.empty()) fail("RTL-3", fmt::format("output {} sends what was not granted", o));
  const Leaving& leaving = output.leaving.front();
  const Arrival& a = leaving.packet.arrival;
  if (pins_->flit(o) != flit(leaving.packet, output.sent))
    fail("RTL-4", fmt::format("output {}: flit {} of a packet differs", o, output.sent));
  if (output.sent == 0) {
    if (pins_->mark(o) != leaving.mark) fail("RTL-4", fmt::format("output {}: mark differs", o));
    departures_.push_back(
        {a, static_cast<std::uint16_t>(o), leaving.mark, cycle, cycle + a.flits - 1});
    if (output.stack.state() == kBusy && output.busy_until < cycle)
      output.stack.enter(kNoPacket, output.busy_until);
    if (output.stack.state() != kBusy) output.stack.enter(kBusy, cycle);
    output.busy_until = cycle + a.flits;
  }
  ++flits_checked_;
  if (++output.sent < a.flits) return;
  if (!leaving.credited)
    fail("RTL-5", fmt::format("input {}: no credit up to the tail of its packet", a.input));
  output.leaving.erase(output.leaving.begin());
  output.sent = 0;
  --open_;
}

const std::vector<directcom::SwitchModel::Departure>& ForeignSwitch::step(std::uint64_t tick) {
  departures_.clear();
  advance(tick);
  return departures_;
}

std::uint64_t ForeignSwitch::next() const {
  return open_ != 0 ? edge_ : next_input();
}

std::string ForeignSwitch::stuck() const {
  return open_ == 0 ? "" : fmt::format("{} packets in the router", open_);
}

std::vector<std::uint64_t> ForeignSwitch::account(std::uint32_t o, std::uint64_t cycle) const {
  TimeStack stack = outputs_[o].stack;
  const std::uint64_t until = outputs_[o].busy_until;
  if (stack.state() == kBusy && until < cycle) stack.enter(kNoPacket, until);
  return stack.read(cycle);
}

void ForeignSwitch::fail(const std::string& rule, const std::string& what) const {
  throw Mismatch(fmt::format("{}: switch {}, cycle {}: {}", rule,
                             routes_.topology().switches[index_].name, edge_ - 1, what));
}

}  // namespace aipu::cosim
