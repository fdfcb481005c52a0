// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/coverage/pin_traffic.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace aipu::test {
namespace {

using Select = cosim::SwitchPins::Select;

constexpr std::uint32_t kClasses = 4;
constexpr std::uint32_t kFlitBytes = cosim::SwitchPins::kFlitWords * 4;
constexpr std::uint32_t kQuanta = 3;
constexpr std::uint32_t kRulePatience = 3;  // rtl/router/packet_pkg.sv
constexpr std::uint32_t kRuleMark = 4;
constexpr std::uint32_t kRuleChoice = 5;
constexpr std::uint32_t kRuleLongest = 6;
constexpr std::uint32_t kRules = 7;
constexpr std::uint32_t kQuantumBits = 17;
constexpr std::uint32_t kDrainCycles = 200'000;

}  // namespace

PinTraffic::PinTraffic(cosim::SwitchPins& pins, std::uint32_t speedup, std::uint64_t seed)
    : pins_(pins), ports_(pins.ports()), speedup_(speedup), random_(seed) {}

void PinTraffic::configure(const Knobs& knobs) {
  knobs_ = knobs;
  const auto limits = pins_.limits();
  inputs_.assign(ports_, {});
  outputs_.assign(ports_, {});
  masks_.assign(limits.nodes, 0);
  // Every register first with any bits, then with what is to hold.
  for (std::uint32_t rule = 0; rule < kRules; ++rule) {
    pins_.configure(Select::kRule, 0, rule, ~0ULL);
    pins_.configure(Select::kRule, 0, rule, 0);
  }
  for (std::uint32_t q = 0; q < kQuanta; ++q) {
    const std::uint32_t drawn = knobs.max_flits + below((1U << kQuantumBits) - knobs.max_flits);
    pins_.configure(Select::kRule, 0, q, knobs.quantum != 0 ? knobs.quantum : drawn);
  }
  pins_.configure(Select::kRule, 0, kRulePatience, knobs.patience);
  pins_.configure(Select::kRule, 0, kRuleMark, knobs.mark);
  pins_.configure(Select::kRule, 0, kRuleChoice, knobs.choice);
  pins_.configure(Select::kRule, 0, kRuleLongest, knobs.max_flits);
  for (std::uint32_t p = 0; p < ports_; ++p) {
    pins_.configure(Select::kLfsr, p, below(4096), 1 + below(0xFFFF));
    for (std::uint32_t at = 0; at < limits.pools * kClasses; ++at) {
      pins_.configure(Select::kCredit, p, at, limits.credits);
      pins_.configure(Select::kCredit, p, at,
                      knobs.max_flits + below(knobs.credit - knobs.max_flits + 1));
    }
  }
  for (std::uint32_t node = 0; node < limits.nodes; ++node) {
    do
      masks_[node] = (1 + below((1U << ports_) - 1)) & knobs.outputs;
    while (masks_[node] == 0);
    const std::uint64_t pool = below(limits.pools);
    pins_.configure(Select::kRoute, below(ports_), node, pool << ports_ | masks_[node]);
    for (std::uint32_t p = 0; p < ports_; ++p) {
      outputs_[p].pools.push_back(below(std::min(knobs.pools, limits.pools)));
      pins_.configure(Select::kFarPool, p, node, outputs_[p].pools.back());
    }
  }
}

PinTraffic::Packet PinTraffic::draw() {
  const std::uint32_t nodes = pins_.limits().nodes;
  Packet packet;
  packet.id = next_id_++;
  packet.destination = below(std::min(knobs_.destinations, nodes)) + nodes * below(4096 / nodes);
  do
    packet.traffic_class = below(kClasses);
  while ((knobs_.classes >> packet.traffic_class & 1U) == 0);
  const std::uint32_t flits = below(2) == 0 ? 1 : 1 + below(knobs_.max_flits);
  static constexpr std::uint32_t kWithPayload[] = {1, 4};
  static constexpr std::uint32_t kWithout[] = {0, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const std::uint32_t type = flits > 1 ? kWithPayload[below(2)] : kWithout[below(14)];
  const std::uint32_t bytes =
      flits > 1 ? (flits - 2) * kFlitBytes + 1 + below(kFlitBytes) : below(1024);
  for (std::uint32_t k = 0; k < flits; ++k) {
    const std::uint64_t low = random_();
    const std::uint64_t high = random_();
    packet.flits.push_back({static_cast<std::uint32_t>(low), static_cast<std::uint32_t>(low >> 32U),
                            static_cast<std::uint32_t>(high),
                            static_cast<std::uint32_t>(high >> 32U)});
  }
  Flit& head = packet.flits[0];
  head[0] = type | packet.traffic_class << 4U | packet.destination << 6U | head[0] << 18U;
  head[2] = packet.id;
  head[1] = (head[1] & ~(0x3FFU << 14U)) | bytes << 14U;
  return packet;
}

void PinTraffic::watch(std::uint32_t o) {
  Output& output = outputs_[o];
  const Flit flit = pins_.flit(o);
  if (output.left == 0) {
    const auto found = under_way_.find(flit[2]);
    ASSERT_NE(found, under_way_.end()) << "output " << o << ": a packet that never came";
    output.now = std::move(found->second);
    under_way_.erase(found);
    const std::uint32_t node = output.now.destination & (pins_.limits().nodes - 1);
    EXPECT_NE(masks_[node] >> o & 1U, 0U) << "packet for " << node << " at output " << o;
  }
  EXPECT_EQ(flit, output.now.flits[output.left]) << "output " << o << ", flit " << output.left;
  if (++output.left < output.now.flits.size()) return;
  const std::uint32_t node = output.now.destination & (pins_.limits().nodes - 1);
  output.returns.push_back({now_ + 2 + below(knobs_.delay),
                            {output.pools[node], output.now.traffic_class, output.left}});
  output.left = 0;
  ++delivered_;
}

/// One clock; credit and outputs change with the second tick of a link cycle.
void PinTraffic::tick(bool second) {
  const bool last = speedup_ == 1 || second;
  if (last && !no_credit_) {
    for (std::uint32_t o = 0; o < ports_; ++o) {
      auto& returns = outputs_[o].returns;
      for (std::uint32_t k = 0; k < speedup_ && !returns.empty(); ++k) {
        if (returns.front().cycle > now_) break;
        pins_.put_credit(o, returns.front().credit);
        returns.pop_front();
      }
      if (std::generate_canonical<double, 53>(random_) < knobs_.holds) pins_.hold(o);
    }
  }
  pins_.clock(second);
  for (std::uint32_t i = 0; i < ports_; ++i) {
    // A sender uses credit in the cycle after it came.
    inputs_[i].stored -= inputs_[i].freed;
    inputs_[i].freed = (pins_.returning() >> i & 1U) != 0 ? pins_.credit(i).flits : 0;
  }
  // The outputs hold through both ticks of a link cycle.
  if (!last) return;
  for (std::uint32_t o = 0; o < ports_; ++o) {
    if ((pins_.sending() >> o & 1U) != 0) watch(o);
  }
}

void PinTraffic::cycle(bool send) {
  ++now_;
  for (std::uint32_t i = 0; i < ports_; ++i) {
    Input& input = inputs_[i];
    if (input.sent == input.now.flits.size()) {
      input.now.flits.clear();
      input.sent = 0;
      const double mean = 1 + knobs_.max_flits / 4.0;
      const bool full = knobs_.load >= 1;
      if (!send || (!full && std::generate_canonical<double, 53>(random_) > knobs_.load / mean))
        continue;
      Packet packet = draw();
      if (input.stored + packet.flits.size() > pins_.limits().buffer_flits) continue;
      input.stored += static_cast<std::uint32_t>(packet.flits.size());
      under_way_[packet.id] = packet;
      input.now = std::move(packet);
    }
    pins_.put_flit(i, input.now.flits[input.sent++]);
  }
  tick(false);
  if (speedup_ == 2) tick(true);
}

bool PinTraffic::idle() const {
  return under_way_.empty() && !pins_.busy() &&
         std::all_of(outputs_.begin(), outputs_.end(),
                     [](const Output& o) { return o.returns.empty() && o.left == 0; });
}

void PinTraffic::run(std::uint32_t cycles, bool leave) {
  for (std::uint32_t k = 0; k < cycles; ++k)
    cycle(true);
  if (leave) return;
  for (std::uint32_t k = 0; k < kDrainCycles && !idle(); ++k)
    cycle(false);
  EXPECT_TRUE(idle()) << under_way_.size() << " packets did not leave";
  if (const auto* const broken = pins_.broken())
    ADD_FAILURE() << broken->rule << ": " << broken->where;
}

void PinTraffic::fill() {
  no_credit_ = true;
  const auto full = [&] {
    return std::all_of(inputs_.begin(), inputs_.end(), [&](const Input& input) {
      return input.stored == pins_.limits().buffer_flits && input.sent == input.now.flits.size();
    });
  };
  for (std::uint32_t k = 0; k < kDrainCycles && !full(); ++k)
    cycle(true);
  EXPECT_TRUE(full());
  for (std::uint32_t k = 0; k < 4; ++k)
    cycle(false);
  no_credit_ = false;
  run(0);
}

void PinTraffic::reset() {
  pins_.reset();
  under_way_.clear();
  inputs_.assign(ports_, {});
  outputs_.assign(ports_, {});
}

}  // namespace aipu::test
