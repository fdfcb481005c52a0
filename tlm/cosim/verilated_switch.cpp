// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/verilated_switch.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "tlm/cosim/payload.h"
#include "tlm/cosim/port_mask.h"

namespace aipu::cosim {

using directcom::kClasses;

void VerilatedSwitch::arrive(std::uint64_t cycle, const Arrival& arrival) {
  AIPU_ASSERT(flit_edge(cycle) >= edge_, "input {}: a packet for cycle {}, already in tick {}",
              arrival.input, cycle, edge_);
  AIPU_ASSERT(arrival.flits <= kMaxFlits, "a packet of {} flits", arrival.flits);
  inputs_[arrival.input].coming.push({arrival, cycle, number_++});
  streaming_ |= one(arrival.input);
  routing_.push((cycle + 1) * config_.speedup, arrival.input);
}

void VerilatedSwitch::credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
                             std::uint32_t traffic_class, std::uint32_t flits) {
  Output& o = outputs_[output];
  o.returning.push({cycle, {o.far_end.pool(destination), traffic_class, flits}});
  returning_ |= one(output);
}

void VerilatedSwitch::delay(std::uint32_t output, std::uint64_t cycles) {
  Output& o = outputs_[output];
  o.busy_until += cycles;
  o.held_until = o.busy_until;
  held_ |= one(output);
}

/// Every bit of every flit is a function of its packet. The check sum of the header is stale: a
/// switch does not look at it.
SwitchPins::Flit VerilatedSwitch::flit(const Packet& packet, std::uint32_t place) const {
  const Arrival& a = packet.arrival;
  if (place != 0) return payload_flit({packet.number, place});
  const auto& header = headers_[a.traffic_class * (kMaxFlits + 1) + a.flits];
  const std::uint64_t low =
      header[0] | std::uint64_t{a.destination} << 6U | std::uint64_t{a.source} << 18U;
  const std::uint64_t high = header[1] | packet.number;
  return {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32U),
          static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32U)};
}

/// The earliest cycle in which something that was announced is to be felt.
std::uint64_t VerilatedSwitch::next_input() const {
  std::uint64_t at = kNever;
  for_each_bit(streaming_, [&](std::uint32_t i) {
    const Input& input = inputs_[i];
    at = std::min(at, input.active ? edge_ : flit_edge(input.coming.front().cycle));
  });
  for_each_bit(returning_, [&](std::uint32_t o) {
    at = std::min(at, std::max(outputs_[o].returning.front().cycle * config_.speedup, edge_));
  });
  return at;
}

/// Puts on the pins what is to be felt in tick edge_.
void VerilatedSwitch::drive() {
  const bool flits = config_.speedup == 1 || edge_ % 2 == 1;
  for_each_bit(flits ? streaming_ : 0, [&](std::uint32_t i) {
    Input& input = inputs_[i];
    if (!input.active) {
      if (flit_edge(input.coming.front().cycle) > edge_) return;
      input.now = input.coming.pop();
      input.sent = 0;
      input.active = true;
      input.unrouted.push(input.now);
      if (flit_edge(input.now.cycle) != edge_)
        fail("shell", fmt::format("packets of input {} overlap", i));
    }
    pins_->put_flit(i, flit(input.now, input.sent++));
    if (input.sent == input.now.arrival.flits) input.active = false;
    if (!input.active && input.coming.empty()) streaming_ &= ~one(i);
  });
  for_each_bit(returning_, [&](std::uint32_t o) {
    Output& output = outputs_[o];
    for (std::uint32_t k = 0; k < config_.speedup && !output.returning.empty(); ++k) {
      const std::uint64_t due = output.returning.front().cycle * config_.speedup;
      if (due > edge_) return;
      if (due < edge_)
        fail("shell", fmt::format("credit for output {} comes late, or too many at once", o));
      pins_->put_credit(o, output.returning.pop().pins);
    }
    if (output.returning.empty()) returning_ &= ~one(o);
  });
  for_each_bit(held_, [&](std::uint32_t o) {
    if (outputs_[o].held_until > edge_) {
      pins_->hold(o);
    } else {
      held_ &= ~one(o);
    }
  });
}

/// Makes `tick` the model's current tick.
void VerilatedSwitch::advance(std::uint64_t tick) {
  if (!started_) start();
  while (edge_ <= tick) {
    if (!pins_->busy()) {
      const std::uint64_t wake = std::min(next_input(), tick + 1);
      if (wake > edge_) {
        edge_ = wake;
        pins_->jump(edge_);
        continue;
      }
    }
    drive();
    pins_->clock(config_.speedup == 2 && edge_ % 2 == 0);
    ++edge_;
    ++clocks_;
    observe();
  }
}

void VerilatedSwitch::observe() {
  take_routes();
  check_outputs();
  check_credits();
  if (pins_->granted() != 0) take_grants();
}

void VerilatedSwitch::take_routes() {
  for_each_bit(pins_->routed(), [&](std::uint32_t i) {
    Input& input = inputs_[i];
    if (input.unrouted.empty()) fail("RTL-1", fmt::format("input {} routed no packet", i));
    const Packet packet = input.unrouted.pop();
    const std::uint32_t o = pins_->routed_output(i);
    if ((packet.cycle + 1) * config_.speedup + 1 != edge_)
      fail("RTL-1", fmt::format("input {}: head of cycle {} routed late", i, packet.cycle));
    voqs_[(std::size_t{i} * ports_ + o) * kClasses + packet.arrival.traffic_class].push(packet);
    ++waiting_;
  });
}

void VerilatedSwitch::take_grants() {
  const std::uint64_t tick = edge_ - 1;
  if (stepping_ != kNever && tick < stepping_)
    fail("shell", "a grant in a tick that was not to be stepped");
  const std::size_t before = departures_.size();
  for_each_bit(pins_->granted(), [&](std::uint32_t o) {
    Output& output = outputs_[o];
    const auto grant = pins_->grant(o);
    auto& queue = voqs_[(std::size_t{grant.input} * ports_ + o) * kClasses + grant.traffic_class];
    if (queue.empty()) {
      fail("RTL-2", fmt::format("output {} granted input {}, class {}, which has no packet", o,
                                grant.input, grant.traffic_class));
    }
    const Packet packet = queue.pop();
    --waiting_;
    const std::uint64_t flits = packet.arrival.flits;
    const std::uint64_t start = std::max(output.busy_until, link_cycle(tick));
    const std::uint64_t end = std::max(tick + flits, (packet.cycle + flits) * config_.speedup + 1);
    const std::uint64_t head = start + config_.pipeline.count - 1;
    note(o, kBusy, link_cycle(tick));
    output.busy_until = start + flits;
    output.leaving.push({packet, head, grant.mark});
    leaving_ |= one(o);
    Input& input = inputs_[grant.input];
    input.expected = {end,
                      {table_.group_of[packet.arrival.destination], packet.arrival.traffic_class,
                       packet.arrival.flits}};
    crossing_ |= one(grant.input);
    departures_.push_back(
        {packet.arrival, static_cast<std::uint16_t>(o), grant.mark, head, link_cycle(end)});
  });
  std::sort(departures_.begin() + static_cast<std::ptrdiff_t>(before), departures_.end(),
            [](const Departure& a, const Departure& b) { return a.packet.input < b.packet.input; });
}

void VerilatedSwitch::check_outputs() {
  if ((edge_ - 1) % config_.speedup != 0) return;  // the pins change with the link
  const std::uint64_t cycle = (edge_ - 1) / config_.speedup;
  const std::uint64_t sending = pins_->sending();
  if ((sending & ~leaving_) != 0)
    fail("RTL-3", fmt::format("outputs {:#x} send what was not granted", sending & ~leaving_));
  for_each_bit(leaving_, [&](std::uint32_t o) {
    Output& output = outputs_[o];
    const Leaving& leaving = output.leaving.front();
    const bool due = leaving.head <= cycle;
    if (due != ((sending & one(o)) != 0)) {
      fail("RTL-3", fmt::format("output {}: {} in cycle {}, packet due from {}", o,
                                due ? "no flit" : "a flit", cycle, leaving.head));
    }
    if (!due) return;
    const auto place = static_cast<std::uint32_t>(cycle - leaving.head);
    if (pins_->flit(o) != flit(leaving.packet, place))
      fail("RTL-4", fmt::format("output {}: flit {} of a packet differs", o, place));
    if (place == 0 && pins_->mark(o) != leaving.mark)
      fail("RTL-4", fmt::format("output {}: mark differs", o));
    ++flits_checked_;
    if (place + 1 == leaving.packet.arrival.flits) {
      output.leaving.pop();
      if (output.leaving.empty()) leaving_ &= ~one(o);
    }
  });
}

void VerilatedSwitch::check_credits() {
  const std::uint64_t tick = edge_ - 1;
  const std::uint64_t returning = pins_->returning();
  if ((returning & ~crossing_) != 0)
    fail("RTL-5", fmt::format("inputs {:#x} return credit for nothing", returning & ~crossing_));
  for_each_bit(crossing_, [&](std::uint32_t i) {
    const Credit& expected = inputs_[i].expected;
    const bool due = expected.cycle == tick;
    if (due != ((returning & one(i)) != 0))
      fail("RTL-5", fmt::format("input {}: credit {}", i, due ? "missing" : "too early"));
    if (!due) return;
    const auto credit = pins_->credit(i);
    if (credit.pool != expected.pins.pool || credit.traffic_class != expected.pins.traffic_class ||
        credit.flits != expected.pins.flits) {
      fail("RTL-5",
           fmt::format("input {}: credit of pool {}, class {}, {} flits, not pool {}, class {}, {}",
                       i, credit.pool, credit.traffic_class, credit.flits, expected.pins.pool,
                       expected.pins.traffic_class, expected.pins.flits));
    }
    crossing_ &= ~one(i);
  });
}

const std::vector<directcom::SwitchModel::Departure>& VerilatedSwitch::step(std::uint64_t tick) {
  departures_.clear();
  stepping_ = tick;
  advance(tick);
  stepping_ = kNever;
  while (!routing_.empty() && routing_.next() <= tick)
    routing_.pop();
  const std::uint64_t cycle = tick / config_.speedup;
  for_each_bit(pins_->no_credit(), [&](std::uint32_t o) { note(o, kNoCredit, cycle); });
  for_each_bit(pins_->lost_arbitration(),
               [&](std::uint32_t o) { note(o, kLostArbitration, cycle); });
  return departures_;
}

std::uint64_t VerilatedSwitch::next() const {
  return waiting_ != 0 ? edge_ : routing_.next();
}

void VerilatedSwitch::settle() {
  while (leaving_ != 0 || crossing_ != 0)
    advance(edge_);
}

std::string VerilatedSwitch::stuck() const {
  return waiting_ == 0 ? "" : fmt::format("{} packets wait for outputs", waiting_);
}

/// As SwitchCore: a state other than busy begins when all that was granted has passed.
void VerilatedSwitch::note(std::uint32_t o, State state, std::uint64_t cycle) {
  Output& output = outputs_[o];
  if (output.stack.state() == kBusy) {
    if (output.busy_until > cycle) return;
    if (output.busy_until < cycle) output.stack.enter(kNoPacket, output.busy_until);
  }
  if (output.stack.state() != state) output.stack.enter(state, cycle);
}

std::vector<std::uint64_t> VerilatedSwitch::account(std::uint32_t o, std::uint64_t cycle) const {
  TimeStack stack = outputs_[o].stack;
  const std::uint64_t until = outputs_[o].busy_until;
  if (stack.state() == kBusy && until < cycle) stack.enter(kNoPacket, until);
  return stack.read(cycle);
}

void VerilatedSwitch::fail(const std::string& rule, const std::string& what) const {
  throw Mismatch(rule, edge_ - 1,
                 fmt::format("{}: switch {}, tick {}: {}", rule,
                             routes_.topology().switches[index_].name, edge_ - 1, what))
      .reported(report_);
}

}  // namespace aipu::cosim
