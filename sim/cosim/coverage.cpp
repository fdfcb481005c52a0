// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/coverage.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/directcom/config.h"
#include "tlm/cosim/port_mask.h"

namespace aipu::cosim {
namespace {

using directcom::kClasses;

constexpr std::uint32_t kPhases = 2;
constexpr std::uint32_t kChoices = 6;     ///< directcom::PathChoice
constexpr std::uint32_t kResetKinds = 3;  ///< waiting, crossing, sending
constexpr std::uint64_t kRuleChoice = 5;  ///< rtl/router/packet_pkg.sv
constexpr std::uint32_t kTypeData = 1;
constexpr std::uint32_t kTypeGet = 4;
constexpr std::uint32_t kFlitBytes = SwitchPins::kFlitWords * 4;

/// Flits of the packet with this header (hw/docs/directcom.md, "Packet and header").
std::uint32_t flits_of(const SwitchPins::Flit& header) {
  const std::uint32_t type = header[0] & 15U;
  if (type != kTypeData && type != kTypeGet) return 1;
  const std::uint32_t bytes = header[1] >> 14U & 0x3FFU;
  return 1 + (bytes + kFlitBytes - 1) / kFlitBytes;
}

}  // namespace

BinGroup::BinGroup(std::string pattern, std::vector<std::uint32_t> sizes,
                   std::vector<std::uint32_t> firsts)
    : pattern_(std::move(pattern)), sizes_(std::move(sizes)), firsts_(std::move(firsts)) {
  firsts_.resize(sizes_.size());
  std::size_t bins = 1;
  for (const std::uint32_t size : sizes_)
    bins *= size;
  hits_.resize(bins);
}

void BinGroup::hit(std::initializer_list<std::uint32_t> at) {
  std::size_t bin = 0;
  std::size_t k = 0;
  for (const std::uint32_t index : at) {
    const std::uint32_t place = index - firsts_[k];
    if (place >= sizes_[k]) return;  // a port that the bins do not count
    bin = bin * sizes_[k++] + place;
  }
  ++hits_[bin];
}

void BinGroup::each(
    const std::function<void(const std::string& id, std::uint64_t hits)>& visit) const {
  for (std::size_t bin = 0; bin < hits_.size(); ++bin) {
    std::string id = pattern_;
    std::size_t rest = bin;
    for (std::size_t k = sizes_.size(); k-- > 0; rest /= sizes_[k])
      id.replace(id.rfind("{}"), 2, std::to_string(rest % sizes_[k] + firsts_[k]));
    visit(id, hits_[bin]);
  }
}

Coverage::Coverage(std::uint32_t p, std::uint32_t s)
    : ports(p),
      speedup(s),
      flow("flow.i{}.o{}.c{}", {p, p, kClasses}),
      contend("contend.o{}.n{}", {p, p - 1}, {0, 2}),
      credit_zero("credit.o{}.zero", {p}),
      credit_one("credit.o{}.one", {p}),
      credit_max("credit.o{}.max", {p}),
      starved("credit.o{}.starved", {p}),
      credit_with_send("credit.o{}.with_send", {p}),
      buffer_empty("buffer.i{}.empty", {p}),
      buffer_full("buffer.i{}.full", {p}),
      back_to_back("packet.i{}.back_to_back", {p}),
      single("packet.i{}.single", {p}),
      handover("handover.o{}", {p}),
      pointer("pointer.c{}.p{}.w{}", {kClasses, p, p}),
      accept("accept.p{}.w{}", {p, p}),
      blocked("blocked.o{}", {p}),
      wake_flit("wake.flit.i{}", {p}),
      wake_credit("wake.credit.o{}", {p}),
      mark("mark.o{}", {p}),
      held("held.o{}", {p}),
      choice("choice.r{}.o{}", {kChoices, p}),
      reset("reset.k{}", {kResetKinds}),
      grant_tick("grant.tick{}", {kPhases}),
      credit_tick("credit_out.tick{}", {kPhases}),
      twice("credit.o{}.twice", {p}) {}

void Coverage::each(
    const std::function<void(const std::string& id, std::uint64_t hits)>& visit) const {
  const auto named = [&](const std::string& id, std::uint64_t hits) {
    visit(fmt::format("x{}.{}", speedup, id), hits);
  };
  for (const BinGroup* group :
       {&flow, &contend, &credit_zero, &credit_one, &credit_max, &starved, &credit_with_send,
        &buffer_empty, &buffer_full, &back_to_back, &single, &handover, &pointer, &accept, &blocked,
        &wake_flit, &wake_credit, &mark, &reset})
    group->each(named);
  choice.each([&](const std::string& id, std::uint64_t hits) {
    const auto ecmp = static_cast<std::uint32_t>(directcom::PathChoice::kEcmp);  // not built
    if (id.find(fmt::format(".r{}.", ecmp)) == std::string::npos) named(id, hits);
  });
  if (speedup == 1) {
    held.each(named);
  } else {
    for (const BinGroup* group : {&grant_tick, &credit_tick, &twice})
      group->each(named);
  }
}

CoveredPins::CoveredPins(std::unique_ptr<SwitchPins> to, Coverage& coverage)
    : PassedPins(std::move(to)), bins_(coverage), state_(fresh()) {}

CoveredPins::State CoveredPins::fresh() {
  const Limits limits = this->limits();
  State state;
  state.inputs.resize(ports());
  state.outputs.resize(ports());
  state.queues.resize(std::size_t{ports()} * ports() * kClasses);
  state.masks.resize(limits.nodes);
  for (Output& output : state.outputs) {
    output.credit.resize(std::size_t{limits.pools} * kClasses);
    output.first.resize(output.credit.size());
    output.pools.resize(limits.nodes);
  }
  return state;
}

void CoveredPins::configure(Select select, std::uint32_t port, std::uint32_t index,
                            std::uint64_t value) {
  Output& output = state_.outputs[port];
  switch (select) {
    case Select::kRoute:
      state_.masks[index] = value & (one(ports()) - 1);
      break;
    case Select::kFarPool:
      output.pools[index] = static_cast<std::uint32_t>(value);
      break;
    case Select::kCredit:
      output.credit[index] = output.first[index] = static_cast<std::uint32_t>(value);
      break;
    case Select::kRule:
      if (index == kRuleChoice) state_.choice = static_cast<std::uint32_t>(value);
      break;
    case Select::kLfsr:
      break;
  }
  PassedPins::configure(select, port, index, value);
}

void CoveredPins::put_flit(std::uint32_t i, const Flit& flit) {
  Input& input = state_.inputs[i];
  if (!busy()) bins_.wake_flit.hit({i});
  if (input.rest == 0) {
    const Packet packet{flit[0] >> 6U & 0xFFFU, flit[0] >> 4U & 3U, flits_of(flit), 0};
    input.coming.push_back(packet);
    input.rest = packet.flits;
    if (packet.flits == 1) bins_.single.hit({i});
    if (input.last != 0 && input.last + bins_.speedup == state_.tick) bins_.back_to_back.hit({i});
  }
  --input.rest;
  input.last = state_.tick;
  if (++input.stored == limits().buffer_flits) bins_.buffer_full.hit({i});
  PassedPins::put_flit(i, flit);
}

void CoveredPins::put_credit(std::uint32_t o, const Credit& credit) {
  Output& output = state_.outputs[o];
  const std::uint32_t at = credit.pool * kClasses + credit.traffic_class;
  if (!busy()) bins_.wake_credit.hit({o});
  if (++output.returns == 2) bins_.twice.hit({o});
  if (output.sent + 1 == state_.tick && output.sent_at == at) bins_.credit_with_send.hit({o});
  output.credit[at] += credit.flits;
  if (output.credit[at] == output.first[at]) bins_.credit_max.hit({o});
  PassedPins::put_credit(o, credit);
}

void CoveredPins::hold(std::uint32_t o) {
  state_.outputs[o].held = true;
  PassedPins::hold(o);
}

void CoveredPins::clock(bool second) {
  PassedPins::clock(second);
  sample_routes();
  for_each_bit(no_credit(), [&](std::uint32_t o) { sample_starved(o); });
  for_each_bit(granted(), [&](std::uint32_t o) { sample_grant(o, second); });
  sample_credits(second);
  for (std::uint32_t o = 0; o < ports(); ++o) {
    Output& output = state_.outputs[o];
    if (output.held && waiting_inputs(o) != 0) bins_.held.hit({o});
    output.held = false;
    output.returns = 0;
  }
  ++state_.tick;
}

void CoveredPins::reset() {
  const bool waits = std::any_of(state_.queues.begin(), state_.queues.end(),
                                 [](const auto& queue) { return !queue.empty(); });
  const bool crosses = std::any_of(state_.outputs.begin(), state_.outputs.end(),
                                   [&](const Output& output) { return output.free > state_.tick; });
  if (waits) bins_.reset.hit({0});
  if (crosses) bins_.reset.hit({1});
  if (sending() != 0) bins_.reset.hit({2});
  state_ = fresh();
  PassedPins::reset();
}

std::uint32_t CoveredPins::waiting_inputs(std::uint32_t o) {
  std::uint32_t inputs = 0;
  for (std::uint32_t i = 0; i < bins_.ports; ++i) {
    bool waits = false;
    for (std::uint32_t c = 0; c < kClasses; ++c)
      waits = waits || !queue(i, o, c).empty();
    if (waits) ++inputs;
  }
  return inputs;
}

void CoveredPins::sample_routes() {
  for_each_bit(routed(), [&](std::uint32_t i) {
    Input& input = state_.inputs[i];
    if (input.coming.empty()) return;  // a fault: others find it
    Packet packet = input.coming.front();
    input.coming.pop_front();
    const std::uint32_t o = routed_output(i);
    const std::uint32_t node = packet.destination & (limits().nodes - 1);
    packet.pool = state_.outputs[o].pools[node];
    const std::uint64_t mask = state_.masks[node];
    if ((mask & (mask - 1)) != 0) bins_.choice.hit({state_.choice, o});
    queue(i, o, packet.traffic_class).push_back(packet);
  });
}

void CoveredPins::sample_starved(std::uint32_t o) {
  bins_.starved.hit({o});
  const auto has_credit = [&](const Packet& packet) {
    return state_.outputs[o].credit[packet.pool * kClasses + packet.traffic_class] >= packet.flits;
  };
  for (std::uint32_t i = 0; i < bins_.ports; ++i) {
    for (std::uint32_t c = 0; c < kClasses; ++c) {
      const auto& waiting = queue(i, o, c);
      if (waiting.size() > 1 && !has_credit(waiting[0]) && has_credit(waiting[1]))
        bins_.blocked.hit({o});
    }
  }
}

void CoveredPins::sample_grant(std::uint32_t o, bool second) {
  const Grant grant = this->grant(o);
  auto& waiting = queue(grant.input, o, grant.traffic_class);
  if (waiting.empty()) return;
  bins_.contend.hit({o, waiting_inputs(o)});
  const Packet packet = waiting.front();
  waiting.pop_front();

  Output& output = state_.outputs[o];
  Input& input = state_.inputs[grant.input];
  bins_.flow.hit({grant.input, o, grant.traffic_class});
  bins_.pointer.hit({grant.traffic_class, output.pointer[grant.traffic_class], grant.input});
  bins_.accept.hit({input.pointer, o});
  if (grant.mark) bins_.mark.hit({o});
  if (output.free == state_.tick) bins_.handover.hit({o});
  bins_.grant_tick.hit({second ? 1U : 0U});
  output.pointer[grant.traffic_class] = (grant.input + 1) % ports();
  input.pointer = (o + 1) % ports();
  output.free = state_.tick + packet.flits;
  output.sent = state_.tick;
  output.sent_at = packet.pool * kClasses + packet.traffic_class;
  std::uint32_t& credit = output.credit[output.sent_at];
  credit -= packet.flits;
  if (credit == 0) bins_.credit_zero.hit({o});
  if (credit == 1) bins_.credit_one.hit({o});
}

void CoveredPins::sample_credits(bool second) {
  for_each_bit(returning(), [&](std::uint32_t i) {
    Input& input = state_.inputs[i];
    bins_.credit_tick.hit({second ? 1U : 0U});
    input.stored -= credit(i).flits;
    if (input.stored == 0) bins_.buffer_empty.hit({i});
  });
}

}  // namespace aipu::cosim
