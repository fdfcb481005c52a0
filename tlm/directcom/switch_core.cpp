// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/switch_core.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"

namespace aipu::directcom {
namespace {

constexpr std::uint64_t kSeedStep = 0x9E37;  ///< keeps the LFSRs of neighbours apart

/// Inputs of a tick in ascending order, ticks in order of time.
constexpr std::uint64_t arrival_key(std::uint64_t cycle, std::uint32_t input) {
  return cycle * kMaxPorts + input;
}

}  // namespace

std::vector<std::uint32_t> pool_flits(const SwitchConfig& config, const RoutingTable& table) {
  std::vector<std::uint32_t> flits;
  for (const auto& group : table.groups)
    flits.push_back(config.voq_flits * static_cast<std::uint32_t>(group.size()));
  return flits;
}

template <unsigned Words>
SwitchCore<Words>::SwitchCore(const SwitchConfig& config, const Routes& routes, std::uint32_t index,
                              std::uint64_t seed)
    : config_(config),
      routes_(routes),
      table_(routes.table(index)),
      ports_(routes.topology().switches[index].ports),
      longest_(std::min(config.max_packet_flits(), config.out_flits)),
      pool_flits_(directcom::pool_flits(config, table_)),
      voqs_(std::size_t{ports_} * ports_ * kClasses),
      pool_used_(std::size_t{ports_} * table_.groups.size() * kClasses, 0),
      outputs_(ports_),
      wanted_(std::size_t{ports_} * kClasses),
      accept_pointer_(ports_, 0),
      choices_(ports_),
      wishes_(ports_),
      free_inputs_(Ports::below(ports_)),
      free_outputs_(free_inputs_) {
  AIPU_ASSERT(ports_ >= 1 && ports_ <= Ports::kPorts, "a switch of {} ports", ports_);
  const std::uint64_t first = seed + (std::uint64_t{index} + 1) * kSeedStep;
  for (std::uint32_t i = 0; i < ports_; ++i)
    choosers_.emplace_back(config.up_choice, static_cast<std::uint32_t>(first + i),
                           config.hash_seed);
  for (Output& o : outputs_)
    o.classes = ClassScheduler(config);
}

template <unsigned Words>
void SwitchCore<Words>::offer(std::uint32_t output, const FarEnd& far_end) {
  Output& o = outputs_[output];
  o.credits.clear();
  for (const std::uint32_t flits : far_end.pool_flits)
    o.credits.insert(o.credits.end(), kClasses, flits);
  o.far_end = far_end;
  o.pool_load.assign(o.credits.size(), 0);
}

template <unsigned Words>
void SwitchCore<Words>::arrive(std::uint64_t cycle, const Arrival& arrival) {
  const std::uint32_t group = table_.group_of[arrival.destination];
  std::uint32_t& used = pool_used(arrival);
  used += arrival.flits;
  AIPU_ASSERT(used <= pool_flits_[group], "input {}, pool {}, class {}: {} flits in a buffer of {}",
              arrival.input, group, arrival.traffic_class, used, pool_flits_[group]);
  if (free_entry_ == kNone) {
    entries_.emplace_back();
    free_entry_ = static_cast<std::uint32_t>(entries_.size() - 1);
  }
  const std::uint32_t index = free_entry_;
  free_entry_ = entries_[index].next;
  entries_[index] = {arrival, cycle, kNone, false};
  arriving_.push(arrival_key(cycle + 1, arrival.input), index);
}

template <unsigned Words>
void SwitchCore<Words>::credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
                               std::uint32_t traffic_class, std::uint32_t flits) {
  Output& o = outputs_[output];
  o.returning.push({cycle, o.far_end.pool(destination) * kClasses + traffic_class, flits});
}

template <unsigned Words>
void SwitchCore<Words>::settle(Output& output, std::uint64_t cycle) {
  while (!output.returning.empty() && output.returning.front().cycle <= cycle) {
    const Credit credit = output.returning.pop();
    output.credits[credit.pool] += credit.flits;
    output.load[credit.pool % kClasses] -= credit.flits;
    output.pool_load[credit.pool] -= credit.flits;
  }
}

template <unsigned Words>
void SwitchCore<Words>::collect(std::uint64_t tick) {
  while (crossing_.next() <= tick) {
    const Crossing ended = crossing_.pop();
    free_inputs_.insert(ended.input);
    free_outputs_.insert(ended.output);
  }
  const std::uint64_t cycle = tick / config_.speedup;
  while (arriving_.next() < arrival_key(cycle + 1, 0))
    enter_queue(arriving_.pop(), cycle);
  (requested_ & free_outputs_).for_each([&](std::uint32_t o) { settle(outputs_[o], cycle); });
}

template <unsigned Words>
void SwitchCore<Words>::enter_queue(std::uint32_t index, std::uint64_t cycle) {
  Entry& entry = entries_[index];
  const Arrival& a = entry.arrival;
  const std::uint32_t o = route(a, cycle);
  Output& output = outputs_[o];
  Voq& queue = voqs_[voq(a.input, o, a.traffic_class)];
  queue.flits += a.flits;
  entry.marked = config_.mark_flits != 0 && queue.flits > config_.mark_flits;
  if (queue.first == kNone) {
    queue.first = index;
    output.requests[a.traffic_class].insert(a.input);
    wanted_[a.input * kClasses + a.traffic_class].insert(o);
    requested_.insert(o);
  } else {
    entries_[queue.last].next = index;
  }
  queue.last = index;
  output.load[a.traffic_class] += a.flits;
  output.pool_load[far_pool(output, a)] += a.flits;
  ++waiting_;
}

/// The output of a packet: the only one of its group, or the chooser's.
template <unsigned Words>
std::uint32_t SwitchCore<Words>::route(const Arrival& a, std::uint64_t cycle) {
  const std::vector<std::uint16_t>* ports = &table_.groups[table_.group_of[a.destination]];
  if (ports->size() == 1) return ports->front();
  if (!table_.usable.empty()) {
    const PortSet<4>& usable = table_.usable[routes_.kind_of(a.destination)];
    candidates_.clear();
    std::copy_if(ports->begin(), ports->end(), std::back_inserter(candidates_),
                 [&](std::uint16_t port) { return usable.has(port); });
    if (!candidates_.empty()) ports = &candidates_;
  }
  for (const std::uint16_t port : *ports)
    settle(outputs_[port], cycle);
  // Its own queue at the next hop counts twice: others may hold that up where this switch cannot
  // see.
  const auto load = [&](std::uint32_t i) {
    const Output& output = outputs_[(*ports)[i]];
    return output.load[a.traffic_class] + output.pool_load[far_pool(output, a)];
  };
  return (*ports)[choosers_[a.input].choose(static_cast<std::uint32_t>(ports->size()),
                                            a.traffic_class, {a.source, a.destination}, load)];
}

/// The tick in which an output can take a packet: its FIFO has room for the longest one (else short
/// packets would always be first), or, without speed-up, its link is free.
template <unsigned Words>
std::uint64_t SwitchCore<Words>::room_at(const Output& output) const {
  const std::uint64_t ahead = config_.speedup == 1 ? 0 : config_.out_flits - longest_;
  return output.busy_until <= ahead ? 0 : (output.busy_until - ahead) * config_.speedup;
}

/// Takes the queues whose heads wait for a buffer at the next hop out of `inputs`.
template <unsigned Words>
void SwitchCore<Words>::reserve_pool(std::uint32_t o, std::uint32_t c, std::size_t pool,
                                     Ports& inputs) const {
  const Ports all = inputs;
  all.for_each([&](std::uint32_t i) {
    if (far_pool(outputs_[o], head(voqs_[voq(i, o, c)])) == pool) inputs.erase(i);
  });
}

// A head without credit keeps those behind it from the same buffer, whether its input is free or
// not: else short packets would take every credit before it adds up to a long one. Urgent queues do
// that wherever they stand.
template <unsigned Words>
std::uint32_t SwitchCore<Words>::pick_input(std::uint32_t o, std::uint32_t c, std::uint64_t tick,
                                            Obstacle& obstacle) {
  const Output& output = outputs_[o];
  const auto lacks_credit = [&](std::uint32_t i) {
    const Arrival& packet = head(voqs_[voq(i, o, c)]);
    if (has_credit(output, packet)) return false;
    obstacle.no_credit = true;
    return true;
  };
  Ports candidates = output.requests[c];
  Ports free = candidates & free_inputs_;
  if (c != 0) free -= kept_;
  std::uint32_t first = kNone;
  if (output.keeps && output.kept.traffic_class == c && free_inputs_.has(output.kept.input)) {
    first = output.kept.input;
    free.insert(first);
  }
  output.urgent[c].for_each([&](std::uint32_t i) {
    if (lacks_credit(i))
      reserve_pool(o, c, far_pool(output, head(voqs_[voq(i, o, c)])), candidates);
  });
  while (!(candidates & free).empty()) {
    const bool kept = first != kNone && candidates.has(first);
    const std::uint32_t i = kept ? first : candidates.round_robin(output.pointer[c]);
    candidates.erase(i);
    if (lacks_credit(i)) {
      reserve_pool(o, c, far_pool(output, head(voqs_[voq(i, o, c)])), candidates);
    } else if (free.has(i)) {
      const std::uint64_t at = room_at(output);
      if (at <= tick) return i;
      obstacle.room_at = at;
      return kNone;
    }
  }
  return kNone;
}

template <unsigned Words>
bool SwitchCore<Words>::choose(std::uint32_t o, std::uint64_t tick, Obstacle& obstacle) {
  const Output& output = outputs_[o];
  ClassScheduler::Flits flits{};
  std::uint32_t input[kClasses] = {};
  std::uint32_t waiting = 0;
  for (std::uint32_t c = 0; c < kClasses; ++c) {
    if (output.requests[c].empty()) continue;
    waiting |= 1U << c;
    input[c] = pick_input(o, c, tick, obstacle);
    if (input[c] != kNone) flits[c] = head(voqs_[voq(input[c], o, c)]).flits;
  }
  Choice& choice = choices_[o];
  choice.classes = output.classes;
  choice.traffic_class = choice.classes.choose(flits, waiting);
  if (choice.traffic_class == ClassScheduler::kNone) return false;
  choice.input = input[choice.traffic_class];
  return true;
}

template <unsigned Words>
void SwitchCore<Words>::accept(std::uint64_t tick, std::uint32_t i, const Ports& wishing) {
  Ports control;
  wishing.for_each([&](std::uint32_t o) {
    if (choices_[o].traffic_class == 0) control.insert(o);
  });
  const std::uint32_t o = (control.empty() ? wishing : control).round_robin(accept_pointer_[i]);
  const std::uint32_t c = choices_[o].traffic_class;
  Output& output = outputs_[o];
  const std::uint32_t index = voqs_[voq(i, o, c)].first;
  Entry& entry = entries_[index];
  if (config_.patience != 0) count_turns(o, c, i);
  take_from_queue(i, o, c);
  output.credits[far_pool(output, entry.arrival)] -= entry.arrival.flits;
  output.classes = choices_[o].classes;
  output.pointer[c] = i + 1 == ports_ ? 0 : i + 1;
  accept_pointer_[i] = o + 1 == ports_ ? 0 : o + 1;
  free_inputs_.erase(i);
  free_outputs_.erase(o);
  depart(tick, entry, o);
  entry.next = free_entry_;
  free_entry_ = index;
}

template <unsigned Words>
void SwitchCore<Words>::take_from_queue(std::uint32_t i, std::uint32_t o, std::uint32_t c) {
  Output& output = outputs_[o];
  Voq& queue = voqs_[voq(i, o, c)];
  const Entry& entry = entries_[queue.first];
  queue.flits -= entry.arrival.flits;
  queue.first = entry.next;
  --waiting_;
  if (queue.first != kNone) return;
  if (output.urgent[c].has(i)) end_urgency(i, o, c);
  queue.lost = 0;
  output.requests[c].erase(i);
  wanted_[i * kClasses + c].erase(o);
  if (no_input(output.requests)) requested_.erase(o);
}

template <unsigned Words>
void SwitchCore<Words>::depart(std::uint64_t tick, const Entry& entry, std::uint32_t o) {
  Output& output = outputs_[o];
  const std::uint64_t flits = entry.arrival.flits;
  const std::uint64_t cycle = link_cycle(tick);
  const std::uint64_t start = std::max(output.busy_until, cycle);
  // The last flit crosses one tick behind the one before it, and only once it is there.
  const std::uint64_t end = std::max(tick + flits, (entry.cycle + flits) * config_.speedup + 1);
  note(o, kBusy, cycle);
  output.busy_until = start + flits;
  crossing_.push(end, {o, entry.arrival.input});
  pool_used(entry.arrival) -= entry.arrival.flits;
  departures_.push_back({entry.arrival, static_cast<std::uint16_t>(o), entry.marked,
                         start + config_.pipeline.count - 1, link_cycle(end)});
}

template <unsigned Words>
const std::vector<SwitchModel::Departure>& SwitchCore<Words>::step(std::uint64_t tick) {
  departures_.clear();
  stepped_ = tick;
  collect(tick);
  const std::uint64_t cycle = tick / config_.speedup;
  keep_inputs(cycle);
  open_inputs_ = free_inputs_ - kept_;
  open_outputs_ = free_outputs_;
  starved_.clear();
  retry_ = kNever;
  Ports wishing_inputs;
  (requested_ & free_outputs_).for_each([&](std::uint32_t o) {
    Obstacle obstacle;
    if (choose(o, tick, obstacle)) {
      wishes_[choices_[o].input].insert(o);
      wishing_inputs.insert(choices_[o].input);
      return;
    }
    if (obstacle.no_credit) starved_.insert(o);
    retry_ = std::min(retry_, obstacle.room_at);
    note(o, obstacle.no_credit ? kNoCredit : kLostArbitration, cycle);
  });
  wishing_inputs.for_each([&](std::uint32_t i) {
    const Ports wishing = wishes_[i];
    wishes_[i].clear();
    accept(tick, i, wishing);
    (wishing & free_outputs_).for_each([&](std::uint32_t loser) {
      note(loser, kLostArbitration, cycle);
      retry_ = tick + 1;
    });
  });
  // What an input was kept for may have gone, or its credit.
  if (!departures_.empty() && !kept_.empty()) retry_ = tick + 1;
  return departures_;
}

template <unsigned Words>
std::uint64_t SwitchCore<Words>::next() const {
  std::uint64_t at = retry_;
  if (!arriving_.empty()) at = std::min(at, arriving_.next() / kMaxPorts * config_.speedup);
  if (waiting_ == 0) return at;
  at = std::min(at, crossing_.next());
  (starved_ | urgent_outputs_).for_each([&](std::uint32_t o) {
    if (outputs_[o].returning.empty()) return;
    const std::uint64_t tick = outputs_[o].returning.front().cycle * config_.speedup;
    at = std::min(at, std::max(tick, stepped_ + 1));  // an output may have become urgent just now
  });
  return at;
}

template <unsigned Words>
void SwitchCore<Words>::delay(std::uint32_t output, std::uint64_t cycles) {
  outputs_[output].busy_until += cycles;
}

/// A state other than busy begins when all that was granted has passed.
template <unsigned Words>
void SwitchCore<Words>::note(std::uint32_t o, State state, std::uint64_t cycle) {
  Output& output = outputs_[o];
  if (output.stack.state() == kBusy) {
    if (output.busy_until > cycle) return;
    if (output.busy_until < cycle) output.stack.enter(kNoPacket, output.busy_until);
  }
  if (output.stack.state() != state) output.stack.enter(state, cycle);
}

template <unsigned Words>
std::vector<std::uint64_t> SwitchCore<Words>::account(std::uint32_t o, std::uint64_t cycle) const {
  TimeStack stack = outputs_[o].stack;
  const std::uint64_t until = outputs_[o].busy_until;
  if (stack.state() == kBusy && until < cycle) stack.enter(kNoPacket, until);
  return stack.read(cycle);
}

template <unsigned Words>
std::string SwitchCore<Words>::stuck() const {
  if (waiting_ == 0) return {};
  std::string text = fmt::format("{} packets wait for outputs", waiting_);
  requested_.for_each([&](std::uint32_t o) {
    text += fmt::format(" {}{}", o, starved_.has(o) ? " (no credit)" : "");
  });
  return text;
}

template class SwitchCore<1>;
template class SwitchCore<4>;

std::unique_ptr<SwitchModel> make_switch_core(const SwitchConfig& config, const Routes& routes,
                                              std::uint32_t index, std::uint64_t seed) {
  if (routes.topology().switches[index].ports <= PortSet<1>::kPorts)
    return std::make_unique<SwitchCore<1>>(config, routes, index, seed);
  return std::make_unique<SwitchCore<4>>(config, routes, index, seed);
}

}  // namespace aipu::directcom
