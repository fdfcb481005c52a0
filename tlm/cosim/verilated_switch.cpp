// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/verilated_switch.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "tlm/cosim/port_mask.h"

namespace aipu::cosim {

using directcom::kClasses;

std::uint32_t VerilatedSwitch::make_packet() {
  if (free_packet_ == kNone) {
    packets_.emplace_back();
    free_packet_ = static_cast<std::uint32_t>(packets_.size() - 1);
  }
  const std::uint32_t index = free_packet_;
  free_packet_ = packets_[index].next;
  return index;
}

void VerilatedSwitch::append(List& list, std::uint32_t packet) {
  packets_[packet].next = kNone;
  if (list.first == kNone) {
    list.first = packet;
  } else {
    packets_[list.last].next = packet;
  }
  list.last = packet;
}

std::uint32_t VerilatedSwitch::take_first(List& list) {
  const std::uint32_t packet = list.first;
  list.first = packets_[packet].next;
  return packet;
}

void VerilatedSwitch::arrive(std::uint64_t cycle, const Arrival& arrival) {
  AIPU_ASSERT(flit_edge(cycle) >= edge_,
              "input {}: a packet for cycle {}, but tick {} is done: lookahead {} is too far",
              arrival.input, cycle, edge_ - 1, lookahead_);
  AIPU_ASSERT(arrival.flits <= kMaxFlits, "a packet of {} flits", arrival.flits);
  const std::uint32_t index = make_packet();
  Packet& packet = packets_[index];
  packet.arrival = arrival;
  packet.cycle = cycle;
  packet.number = number_++;
  Input& input = inputs_[arrival.input];
  append(input.announced, index);
  if (input.coming == kNone) input.coming = index;
  announced_ |= one(arrival.input);
  streaming_ |= one(arrival.input);
  next_routing_ = std::min(next_routing_, routing_tick(packet));
}

void VerilatedSwitch::credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
                             std::uint32_t traffic_class, std::uint32_t flits) {
  const std::uint64_t tick = ticks(cycle);
  AIPU_ASSERT(tick >= edge_,
              "output {}: credit for cycle {}, but tick {} is done: lookahead {} is too far",
              output, cycle, edge_ - 1, lookahead_);
  Output& o = outputs_[output];
  o.returning.push({tick, {o.far_end.pool(destination), traffic_class, flits}});
  returning_ |= one(output);
}

void VerilatedSwitch::delay(std::uint32_t output, std::uint64_t cycles) {
  AIPU_ASSERT(lookahead_ == 1, "output {} is delayed with lookahead {}", output, lookahead_);
  Output& o = outputs_[output];
  o.account.delay(cycles);
  o.held_until = o.account.busy_until();
  held_ |= one(output);
}

/// Every bit of every flit is a function of its packet. The check sum of the header is stale: a
/// switch does not look at it.
SwitchPins::Flit VerilatedSwitch::flit(const Packet& packet, std::uint32_t place) const {
  const Arrival& a = packet.arrival;
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (place == 0) {
    const auto& header = headers_[a.traffic_class * (kMaxFlits + 1) + a.flits];
    low = header[0] | std::uint64_t{a.destination} << 6U | std::uint64_t{a.source} << 18U;
    high = header[1] | packet.number;
  } else {
    low = (std::uint64_t{packet.number} << 32U | place) * 0x9E3779B97F4A7C15ULL;
    high = ~low;
  }
  return {static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32U),
          static_cast<std::uint32_t>(high), static_cast<std::uint32_t>(high >> 32U)};
}

/// The earliest tick in which something that was announced is to be felt.
std::uint64_t VerilatedSwitch::next_input() const {
  if (active_ != 0) return edge_;
  std::uint64_t at = kNever;
  for_each_bit(streaming_, [&](std::uint32_t i) {
    at = std::min(at, flit_edge(packets_[inputs_[i].coming].cycle));
  });
  for_each_bit(returning_, [&](std::uint32_t o) {
    at = std::min(at, std::max(outputs_[o].returning.front().tick, edge_));
  });
  return at;
}

/// Puts on the pins what is to be felt in tick edge_.
void VerilatedSwitch::drive() {
  if (streaming_ != 0 && (shift_ == 0 || edge_ % 2 == 1)) drive_flits();
  if (returning_ != 0) drive_credits();
  for_each_bit(held_, [&](std::uint32_t o) {
    if (outputs_[o].held_until > edge_) {
      pins_->hold(o);
    } else {
      held_ &= ~one(o);
    }
  });
}

void VerilatedSwitch::drive_flits() {
  std::uint64_t put = 0;
  for_each_bit(streaming_, [&](std::uint32_t i) {
    Input& input = inputs_[i];
    if ((active_ & one(i)) == 0) {
      const Packet& next = packets_[input.coming];
      if (flit_edge(next.cycle) > edge_) return;
      if (flit_edge(next.cycle) != edge_)
        fail("shell", fmt::format("packets of input {} overlap", i));
      input.now = input.coming;
      input.coming = next.next;
      input.sent = 0;
      active_ |= one(i);
    }
    const Packet& packet = packets_[input.now];
    flits_[i] = flit(packet, input.sent++);
    put |= one(i);
    if (input.sent != packet.arrival.flits) return;
    active_ &= ~one(i);
    if (input.coming == kNone) streaming_ &= ~one(i);
  });
  if (put != 0) pins_->put_flits(put, flits_.data());
}

void VerilatedSwitch::drive_credits() {
  for_each_bit(returning_, [&](std::uint32_t o) {
    auto& returning = outputs_[o].returning;
    for (std::uint32_t k = 0; k < config_.speedup && !returning.empty(); ++k) {
      const Credit& next = returning.front();
      if (next.tick > edge_) return;
      if (next.tick < edge_)
        fail("shell", fmt::format("too many credits for output {} at once", o));
      pins_->put_credit(o, next.pins);
      returning.drop();
    }
    if (returning.empty()) returning_ &= ~one(o);
  });
}

/// Runs the model up to tick `end`, which stays undone.
void VerilatedSwitch::advance(std::uint64_t end) {
  if (!started_) start();
  while (edge_ < end) {
    if (!pins_out_.busy) {
      if (waiting_ != 0 || leaving_ != 0 || crossings_ != 0)
        fail("RTL-6", "busy_o is low with packets in it");
      const std::uint64_t wake = std::min(next_input(), end);
      if (wake > edge_) {
        edge_ = wake;
        continue;
      }
    }
    drive();
    pins_->clock(shift_ != 0 && edge_ % 2 == 0);
    ++edge_;
    ++clocks_;
    observe();
  }
}

void VerilatedSwitch::observe() {
  const std::uint64_t tick = edge_ - 1;
  if (const auto* const broken = pins_->broken()) fail(broken->rule, broken->where);
  pins_->read(pins_out_);
  if (pins_out_.routed != 0 || next_routing_ <= tick) take_routes();
  check_outputs();
  std::uint64_t& due = crossed_[tick % kCrossings];
  if ((pins_out_.returning | due) != 0) {
    check_credits();
    due = 0;
  }
  if (pins_out_.granted != 0) take_grants();
  if (stepping_ <= tick && (pins_out_.no_credit | pins_out_.lost_arbitration) != 0) note_states();
}

void VerilatedSwitch::take_routes() {
  const std::uint64_t tick = edge_ - 1;
  if ((pins_out_.routed & ~announced_) != 0) {
    fail("RTL-1", fmt::format("inputs {:#x} routed no packet", pins_out_.routed & ~announced_));
  }
  next_routing_ = kNever;
  for_each_bit(announced_, [&](std::uint32_t i) {
    Input& input = inputs_[i];
    std::uint64_t at = routing_tick(packets_[input.announced.first]);
    if ((at == tick) != ((pins_out_.routed & one(i)) != 0)) {
      fail("RTL-1",
           fmt::format("input {}: head of cycle {} routed {}", i,
                       packets_[input.announced.first].cycle, at == tick ? "late" : "early"));
    }
    if (at == tick) {
      const std::uint32_t packet = take_first(input.announced);
      if (input.announced.first == kNone) {
        announced_ &= ~one(i);
        at = kNever;
      } else {
        at = routing_tick(packets_[input.announced.first]);
      }
      const std::uint32_t output = pins_out_.routed_output[i];
      if (output >= ports_) fail("RTL-1", fmt::format("input {} routed to output {}", i, output));
      append(queue(i, output, packets_[packet].arrival.traffic_class), packet);
      ++waiting_;
    }
    next_routing_ = std::min(next_routing_, at);
  });
}

/// Departures of a tick are in the order of their inputs.
void VerilatedSwitch::take_grants() {
  if (stepping_ != kNever && edge_ - 1 < stepping_)
    fail("shell", "a grant in a tick that was not to be stepped");
  std::array<std::uint8_t, SwitchPins::kMaxPorts> output{};
  std::uint64_t inputs = 0;
  for_each_bit(pins_out_.granted, [&](std::uint32_t o) {
    const std::uint32_t i = pins_out_.grant[o].input;
    if (o >= ports_ || i >= ports_ || (inputs & one(i)) != 0)
      fail("RTL-2", fmt::format("output {} granted input {}, which is not there or taken", o, i));
    inputs |= one(i);
    output[i] = static_cast<std::uint8_t>(o);
  });
  for_each_bit(inputs, [&](std::uint32_t i) { grant(i, output[i]); });
}

void VerilatedSwitch::grant(std::uint32_t i, std::uint32_t o) {
  const std::uint64_t tick = edge_ - 1;
  const auto& granted = pins_out_.grant[o];
  List& waiting = queue(i, o, granted.traffic_class);
  if (waiting.first == kNone) {
    fail("RTL-2", fmt::format("output {} granted input {}, class {}, which has no packet", o, i,
                              granted.traffic_class));
  }
  const std::uint32_t index = take_first(waiting);
  --waiting_;
  Packet& packet = packets_[index];
  Output& output = outputs_[o];
  const std::uint64_t flits = packet.arrival.flits;
  const std::uint64_t cycle = link_cycle(tick);
  const std::uint64_t start = std::max(output.account.busy_until(), cycle);
  const std::uint64_t end = std::max(tick + flits, ticks(packet.cycle + flits) + 1);
  packet.head = start + config_.pipeline.count - 1;
  packet.mark = granted.mark;
  output.account.grant(cycle, start + flits, present_);
  append(output.leaving, index);
  leaving_ |= one(o);
  auto& expected = inputs_[i].expected;
  expected.pool = table_.group_of[packet.arrival.destination];
  expected.traffic_class = packet.arrival.traffic_class;
  expected.flits = packet.arrival.flits;
  crossed_[end % kCrossings] |= one(i);
  ++crossings_;
  // In place: a copy would wait for its own narrow writes.
  departures_.emplace_back();
  Departure& departure = departures_.back();
  departure.packet = packet.arrival;
  departure.output = static_cast<std::uint16_t>(o);
  departure.marked = granted.mark;
  departure.head = packet.head;
  departure.freed = link_cycle(end);
}

void VerilatedSwitch::check_outputs() {
  if (shift_ != 0 && edge_ % 2 == 0) return;  // the pins change with the link
  const std::uint64_t cycle = (edge_ - 1) >> shift_;
  const std::uint64_t sending = pins_out_.sending;
  if ((sending & ~leaving_) != 0)
    fail("RTL-3", fmt::format("outputs {:#x} send what was not granted", sending & ~leaving_));
  for_each_bit(leaving_, [&](std::uint32_t o) {
    List& leaving = outputs_[o].leaving;
    Packet& packet = packets_[leaving.first];
    const bool due = packet.head <= cycle;
    if (due != ((sending & one(o)) != 0)) {
      fail("RTL-3", fmt::format("output {}: {} in cycle {}, packet due from {}", o,
                                due ? "no flit" : "a flit", cycle, packet.head));
    }
    if (!due) return;
    const auto place = static_cast<std::uint32_t>(cycle - packet.head);
    if (const auto expected = flit(packet, place); pins_out_.flit[o] != expected) {
      fail("RTL-4",
           fmt::format("output {}: flit {} of a packet is {:08x}, not {:08x}", o, place,
                       fmt::join(pins_out_.flit[o].rbegin(), pins_out_.flit[o].rend(), "_"),
                       fmt::join(expected.rbegin(), expected.rend(), "_")));
    }
    if (place == 0 && ((pins_out_.marked & one(o)) != 0) != packet.mark)
      fail("RTL-4", fmt::format("output {}: mark is {}", o, packet.mark ? "missing" : "set"));
    ++flits_checked_;
    if (place + 1 != packet.arrival.flits) return;
    const std::uint32_t index = take_first(leaving);
    packet.next = free_packet_;
    free_packet_ = index;
    if (leaving.first == kNone) leaving_ &= ~one(o);
  });
}

void VerilatedSwitch::check_credits() {
  const std::uint64_t returning = pins_out_.returning;
  const std::uint64_t due = crossed_[(edge_ - 1) % kCrossings];
  if ((returning & ~due) != 0)
    fail("RTL-5", fmt::format("inputs {:#x} return credit for nothing", returning & ~due));
  if ((due & ~returning) != 0)
    fail("RTL-5", fmt::format("inputs {:#x}: credit missing", due & ~returning));
  for_each_bit(due, [&](std::uint32_t i) {
    const auto& expected = inputs_[i].expected;
    const auto& credit = pins_out_.credit[i];
    --crossings_;
    if (credit.pool == expected.pool && credit.traffic_class == expected.traffic_class &&
        credit.flits == expected.flits) {
      return;
    }
    fail("RTL-5",
         fmt::format("input {}: credit of pool {}, class {}, {} flits, not pool {}, class {}, {}",
                     i, credit.pool, credit.traffic_class, credit.flits, expected.pool,
                     expected.traffic_class, expected.flits));
  });
}

void VerilatedSwitch::note_states() {
  const std::uint64_t cycle = (edge_ - 1) >> shift_;
  for_each_bit(pins_out_.no_credit,
               [&](std::uint32_t o) { outputs_[o].account.note(kNoCredit, cycle, present_); });
  for_each_bit(pins_out_.lost_arbitration & (one(ports_) - 1), [&](std::uint32_t o) {
    outputs_[o].account.note(kLostArbitration, cycle, present_);
  });
}

const std::vector<directcom::SwitchModel::Departure>& VerilatedSwitch::step(std::uint64_t tick) {
  departures_.clear();
  stepping_ = tick;
  present_ = tick >> shift_;
  advance(window_end(tick));
  stepping_ = kNever;
  return departures_;
}

void VerilatedSwitch::settle() {
  while (leaving_ != 0 || crossings_ != 0)
    advance(edge_ + 1);
}

std::string VerilatedSwitch::stuck() const {
  return waiting_ == 0 ? "" : fmt::format("{} packets wait for outputs", waiting_);
}

void VerilatedSwitch::fail(const std::string& rule, const std::string& what) const {
  const std::uint64_t tick = edge_ - 1;
  throw Mismatch(fmt::format("{}: switch {}, cycle {} (tick {}): {}", rule,
                             routes_.topology().switches[index_].name, tick >> shift_, tick, what));
}

}  // namespace aipu::cosim
