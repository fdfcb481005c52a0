// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/switch_core.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

#include "hw/base/assert.h"

namespace aipu::directcom {
namespace {

constexpr std::uint64_t bit(std::uint32_t i) {
  return 1ULL << i;
}

/// Calls `visit(index)` for every set bit, lowest first.
template <typename Visit>
void for_each_bit(std::uint64_t bits, Visit&& visit) {
  for (; bits != 0; bits &= bits - 1)
    visit(static_cast<std::uint32_t>(__builtin_ctzll(bits)));
}

template <typename T>
void push_heap(std::vector<T>& heap, const T& item) {
  heap.push_back(item);
  std::push_heap(heap.begin(), heap.end(), std::greater<>());
}

template <typename T>
T pop_heap(std::vector<T>& heap) {
  std::pop_heap(heap.begin(), heap.end(), std::greater<>());
  const T item = heap.back();
  heap.pop_back();
  return item;
}

}  // namespace

SwitchCore::SwitchCore(const SwitchConfig& config, std::uint32_t ports)
    : config_(config),
      ports_(ports),
      voqs_(std::size_t{ports} * ports * kClasses),
      outputs_(ports),
      accept_pointer_(ports, 0),
      choices_(ports),
      wishes_(ports, 0),
      free_inputs_(ports >= kMaxPorts ? ~0ULL : bit(ports) - 1),
      free_outputs_(free_inputs_) {
  AIPU_ASSERT(ports >= 1 && ports <= kMaxPorts, "a switch of {} ports", ports);
  for (Output& o : outputs_) {
    o.classes = ClassScheduler(config.quantum1, config.quantum2, config.quantum3);
  }
}

void SwitchCore::offer(std::uint32_t output, std::uint32_t pools, std::uint32_t flits) {
  outputs_[output].credits.assign(std::size_t{pools} * kClasses, flits);
}

void SwitchCore::arrive(std::uint64_t cycle, const Arrival& arrival) {
  Voq& queue = voqs_[voq(arrival.input, arrival.output, arrival.traffic_class)];
  queue.flits += arrival.flits;
  AIPU_ASSERT(queue.flits <= config_.voq_flits,
              "input {}, output {}, class {}: {} flits in a buffer of {}", arrival.input,
              arrival.output, arrival.traffic_class, queue.flits, config_.voq_flits);
  push_heap(arriving_, Timed{cycle + 1, order_++, arrival});
}

void SwitchCore::credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t pool,
                        std::uint32_t traffic_class, std::uint32_t flits) {
  outputs_[output].returning.push({cycle, pool * kClasses + traffic_class, flits});
}

void SwitchCore::collect(std::uint64_t cycle) {
  while (!busy_.empty() && busy_.front().cycle <= cycle) {
    const Freed freed = pop_heap(busy_);
    free_inputs_ |= bit(freed.input);
    free_outputs_ |= bit(freed.output);
    outputs_[freed.output].stack.enter(kNoPacket, freed.cycle);
  }
  while (!arriving_.empty() && arriving_.front().cycle <= cycle) {
    const Arrival a = pop_heap(arriving_).arrival;
    voqs_[voq(a.input, a.output, a.traffic_class)].packets.push(a);
    outputs_[a.output].requests[a.traffic_class] |= bit(a.input);
    requested_ |= bit(a.output);
    ++waiting_packets_;
  }
  for_each_bit(requested_ & free_outputs_, [&](std::uint32_t o) { settle(outputs_[o], cycle); });
}

void SwitchCore::settle(Output& output, std::uint64_t cycle) {
  while (!output.returning.empty() && output.returning.front().cycle <= cycle) {
    output.credits[output.returning.front().pool] += output.returning.front().flits;
    output.returning.pop();
  }
}

// Without this, outputs and inputs that free in different cycles can miss each other for ever.
void SwitchCore::hold_for_urgent(std::uint64_t cycle) {
  held_ = 0;
  for (const Urgent& u : urgent_) {
    settle(outputs_[u.output], cycle);
    const Arrival& head = voqs_[voq(u.input, u.output, u.traffic_class)].packets.front();
    if (has_credit(outputs_[u.output], head)) held_ |= bit(u.input);
  }
}

/// The output served `input`: whoever was before it in turn and had a busy input has lost a turn.
void SwitchCore::count_passed_over(std::uint32_t o, std::uint32_t c, std::uint32_t input) {
  Output& output = outputs_[o];
  std::uint64_t others = output.requests[c] & ~free_inputs_ & ~output.urgent[c] & ~bit(input);
  const std::uint64_t from = ~0ULL << output.pointer[c];
  const std::uint64_t before = bit(input) - 1;
  others &= input >= output.pointer[c] ? from & before : from | before;
  for_each_bit(others, [&](std::uint32_t i) {
    Voq& queue = voqs_[voq(i, o, c)];
    if (!has_credit(output, queue.packets.front()) || ++queue.passed_over < config_.patience)
      return;
    output.urgent[c] |= bit(i);
    urgent_.push_back({i, o, c});
  });
}

bool SwitchCore::choose(std::uint32_t o, bool& no_credit) {
  Output& output = outputs_[o];
  ClassScheduler::Flits flits{};
  std::uint32_t input[kClasses] = {};
  std::uint32_t waiting = 0;
  no_credit = false;
  for (std::uint32_t c = 0; c < kClasses; ++c) {
    if (output.requests[c] != 0) waiting |= 1U << c;
    const std::uint64_t urgent = output.urgent[c] & free_inputs_;
    std::uint64_t candidates = output.requests[c] & free_inputs_;
    if (c != 0) candidates &= ~held_;
    for (candidates |= urgent; candidates != 0;) {
      const std::uint64_t first = candidates & urgent;
      const std::uint32_t i = round_robin(first != 0 ? first : candidates, output.pointer[c]);
      const Arrival& head = voqs_[voq(i, o, c)].packets.front();
      if (has_credit(output, head)) {
        input[c] = i;
        flits[c] = head.flits;
        break;
      }
      no_credit = true;
      candidates &= ~bit(i);
    }
  }
  Choice& choice = choices_[o];
  choice.classes = output.classes;
  choice.traffic_class = choice.classes.choose(flits, waiting);
  if (choice.traffic_class == ClassScheduler::kNone) return false;
  choice.input = input[choice.traffic_class];
  return true;
}

void SwitchCore::accept(std::uint64_t cycle, std::uint32_t i, std::uint64_t wishing) {
  std::uint64_t control = 0;
  for_each_bit(wishing, [&](std::uint32_t o) {
    if (choices_[o].traffic_class == 0) control |= bit(o);
  });
  const std::uint32_t o = round_robin(control != 0 ? control : wishing, accept_pointer_[i]);
  const std::uint32_t c = choices_[o].traffic_class;
  Output& output = outputs_[o];
  Voq& queue = voqs_[voq(i, o, c)];
  const Arrival packet = queue.packets.front();
  if (config_.patience != 0) count_passed_over(o, c, i);
  queue.passed_over = 0;
  if ((output.urgent[c] & bit(i)) != 0) {
    output.urgent[c] &= ~bit(i);
    const auto served = [&](const Urgent& u) {
      return u.input == i && u.output == o && u.traffic_class == c;
    };
    urgent_.erase(std::find_if(urgent_.begin(), urgent_.end(), served));
  }
  queue.packets.pop();
  queue.flits -= packet.flits;
  if (queue.packets.empty()) output.requests[c] &= ~bit(i);
  if ((output.requests[0] | output.requests[1] | output.requests[2] | output.requests[3]) == 0) {
    requested_ &= ~bit(o);
  }
  --waiting_packets_;
  output.credits[packet.pool * kClasses + c] -= packet.flits;
  output.classes = choices_[o].classes;
  output.pointer[c] = i + 1 == ports_ ? 0 : i + 1;
  accept_pointer_[i] = o + 1 == ports_ ? 0 : o + 1;
  free_inputs_ &= ~bit(i);
  free_outputs_ &= ~bit(o);
  push_heap(busy_, Freed{cycle + packet.flits, o, i});
  enter(o, kBusy, cycle);
  grants_.push_back({packet, cycle});
}

const std::vector<SwitchCore::Grant>& SwitchCore::step(std::uint64_t cycle) {
  grants_.clear();
  collect(cycle);
  hold_for_urgent(cycle);
  starved_ = 0;
  retry_ = kNever;
  std::uint64_t wishing_inputs = 0;
  std::uint64_t choosing = requested_ & free_outputs_;
  for_each_bit(choosing, [&](std::uint32_t o) {
    bool no_credit = false;
    if (choose(o, no_credit)) {
      wishes_[choices_[o].input] |= bit(o);
      wishing_inputs |= bit(choices_[o].input);
    } else {
      if (no_credit) starved_ |= bit(o);
      enter(o, no_credit ? kNoCredit : kLostArbitration, cycle);
    }
  });
  for_each_bit(wishing_inputs, [&](std::uint32_t i) {
    const std::uint64_t wishing = wishes_[i];
    wishes_[i] = 0;
    accept(cycle, i, wishing);
    for_each_bit(wishing & free_outputs_, [&](std::uint32_t loser) {
      enter(loser, kLostArbitration, cycle);
      retry_ = cycle + 1;
    });
  });
  return grants_;
}

std::uint64_t SwitchCore::next() const {
  std::uint64_t at = retry_;
  if (!arriving_.empty()) at = std::min(at, arriving_.front().cycle);
  if (waiting_packets_ == 0) return at;
  if (!busy_.empty()) at = std::min(at, busy_.front().cycle);
  for_each_bit(starved_, [&](std::uint32_t o) {
    if (!outputs_[o].returning.empty()) at = std::min(at, outputs_[o].returning.front().cycle);
  });
  return at;
}

void SwitchCore::enter(std::uint32_t o, State state, std::uint64_t cycle) {
  TimeStack& stack = outputs_[o].stack;
  if (stack.state() != state) stack.enter(state, cycle);
}

std::vector<std::uint64_t> SwitchCore::account(std::uint32_t o, std::uint64_t cycle) const {
  TimeStack stack = outputs_[o].stack;
  for (const Freed& freed : busy_) {
    if (freed.output == o && freed.cycle <= cycle) stack.enter(kNoPacket, freed.cycle);
  }
  return stack.read(cycle);
}

std::string SwitchCore::stuck() const {
  if (waiting_packets_ == 0) return {};
  std::string text = fmt::format("{} packets wait for outputs", waiting_packets_);
  for_each_bit(requested_, [&](std::uint32_t o) {
    text += fmt::format(" {}{}", o, (starved_ & bit(o)) != 0 ? " (no credit)" : "");
  });
  return text;
}

}  // namespace aipu::directcom
