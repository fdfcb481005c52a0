// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "hw/base/assert.h"
#include "hw/base/error.h"
#include "hw/directcom/packet.h"
#include "tlm/cosim/built_router.h"
#include "tlm/cosim/port_mask.h"
#include "tlm/cosim/verilated_switch.h"

namespace aipu::cosim {

using directcom::kClasses;
using directcom::PathChoice;

namespace {

constexpr std::uint64_t kSeedStep = 0x9E37;  ///< as SwitchCore

/// Numbers of the registers behind Select::kRule (rtl/router/packet_pkg.sv).
enum Rule : std::uint32_t {
  kQuantum1,
  kQuantum2,
  kQuantum3,
  kPatience,
  kMarkFlits,
  kChoice,
  kLongest
};

/// Of a made-up packet: types with and without payload, a last flit more or less full.
directcom::PacketType type_of(std::uint32_t flits) {
  if (flits <= 1) return directcom::PacketType::kCommit;
  return flits % 3 == 0 ? directcom::PacketType::kGet : directcom::PacketType::kData;
}
std::uint16_t payload_of(std::uint32_t traffic_class, std::uint32_t flits) {
  constexpr std::uint32_t kFlitBytes = SwitchPins::kFlitWords * 4;
  if (flits <= 1) return 0;
  return static_cast<std::uint16_t>((flits - 1) * kFlitBytes -
                                    (flits * 5 + traffic_class) % kFlitBytes);
}

}  // namespace

VerilatedSwitch::VerilatedSwitch(const directcom::SwitchConfig& config,
                                 const directcom::Routes& routes, std::uint32_t index,
                                 std::uint64_t seed, std::unique_ptr<SwitchPins> pins,
                                 std::uint64_t lookahead)
    : config_(config),
      routes_(routes),
      table_(routes.table(index)),
      index_(index),
      seed_(seed),
      lookahead_(lookahead),
      shift_(config.speedup - 1),
      ports_(routes.topology().switches[index].ports),
      pins_(pins != nullptr ? std::move(pins) : SwitchPins::make(ports_, config.speedup)),
      inputs_(ports_),
      outputs_(ports_),
      queues_(std::size_t{ports_} * ports_ * kClasses) {
  check_config();
  AIPU_ASSERT(lookahead_ >= 1, "lookahead {}", lookahead_);
  pins_->watch(this);
  for (std::uint32_t c = 0; c < kClasses; ++c) {
    for (std::uint32_t flits = 0; flits <= kMaxFlits; ++flits) {
      directcom::Packet packet;
      packet.type = type_of(flits);
      packet.traffic_class = static_cast<std::uint8_t>(c);
      packet.payload_bytes = payload_of(c, flits);
      const auto header = directcom::encode(packet);
      headers_.push_back({header.low, header.high});
    }
  }
}

VerilatedSwitch::~VerilatedSwitch() {
  // The last tick of waves asks for signals of this side.
  pins_->close_waves(0);
  pins_->watch(nullptr);
}

void VerilatedSwitch::refuse(const std::string& what) const {
  throw ConfigError(
      "", fmt::format("switch {} in RTL: {}", routes_.topology().switches[index_].name, what));
}

void VerilatedSwitch::check_config() const {
  const auto built = SwitchPins::built();
  if (pins_ == nullptr && built.empty()) refuse(no_rtl());
  if (pins_ == nullptr) {
    refuse(
        fmt::format("no model of {} ports or more; there are: {}", ports_, fmt::join(built, ", ")));
  }
  const auto limits = pins_->limits();
  if (config_.speedup != 1 && config_.flit_errors != 0) refuse("flit_errors needs speedup 1");
  if (config_.speedup != 1 && config_.multicast_flits != 0)
    refuse("multicast_flits needs speedup 1");
  if (config_.speedup != 1 && config_.out_flits != limits.out_flits)
    refuse(fmt::format("out_flits must be {}", limits.out_flits));
  if (config_.up_choice == PathChoice::kEcmp) refuse("up_choice ecmp is not built");
  if (config_.flit.count != SwitchPins::kFlitWords * 4) refuse("flit must be 16 B");
  if (config_.pipeline.count != limits.pipeline)
    refuse(fmt::format("pipeline must be {}", limits.pipeline));
  if (config_.max_packet_flits() > kMaxFlits)
    refuse(fmt::format("packets of more than {} flits", kMaxFlits));
  if (routes_.topology().nodes > limits.nodes)
    refuse(fmt::format("more than {} nodes", limits.nodes));
  if (table_.groups.size() > limits.pools)
    refuse(fmt::format("{} groups of outputs, more than {}", table_.groups.size(), limits.pools));
  std::uint64_t flits = 0;
  for (const auto& group : table_.groups)
    flits += std::uint64_t{config_.voq_flits} * group.size() * kClasses;
  if (flits > limits.buffer_flits) {
    refuse(fmt::format("voq_flits {} makes inputs of {} flits, at most {} are built",
                       config_.voq_flits, flits, limits.buffer_flits));
  }
}

void VerilatedSwitch::offer(std::uint32_t output, const directcom::FarEnd& far_end) {
  AIPU_ASSERT(far_end.pool_flits.size() <= pins_->limits().pools, "output {}: {} pools", output,
              far_end.pool_flits.size());
  outputs_[output].far_end = far_end;
}

/// Of the pools there are; no packet goes to another.
void VerilatedSwitch::set_credits() {
  const std::uint32_t most = pins_->limits().credits;
  for (std::uint32_t o = 0; o < ports_; ++o) {
    const auto& pools = outputs_[o].far_end.pool_flits;
    for (std::uint32_t p = 0; p < pools.size(); ++p) {
      for (std::uint32_t c = 0; c < kClasses; ++c) {
        pins_->configure(SwitchPins::Select::kCredit, o, p * kClasses + c,
                         std::min(pools[p], most));
      }
    }
  }
}

/// Before the first cycle.
void VerilatedSwitch::start() {
  started_ = true;
  set_credits();
  const std::uint64_t first = seed_ + (std::uint64_t{index_} + 1) * kSeedStep;
  for (std::uint32_t i = 0; i < ports_; ++i) {
    const std::uint64_t state = (first + i) & 0xFFFFU;
    pins_->configure(SwitchPins::Select::kLfsr, i, 0, state != 0 ? state : 1);
  }
  const std::pair<Rule, std::uint64_t> rules[] = {
      {kQuantum1, config_.quantum1},
      {kQuantum2, config_.quantum2},
      {kQuantum3, config_.quantum3},
      {kPatience, config_.patience},
      {kMarkFlits, config_.mark_flits},
      {kChoice, static_cast<std::uint64_t>(config_.up_choice)},
      {kLongest, config_.max_packet_flits()}};
  for (const auto& [rule, value] : rules)
    pins_->configure(SwitchPins::Select::kRule, 0, rule, value);
  set_tables();
}

void VerilatedSwitch::set_tables() {
  for (std::uint32_t node = 0; node < routes_.topology().nodes; ++node) {
    const std::uint16_t group = table_.group_of[node];
    if (group == directcom::RoutingTable::kNoGroup) continue;
    std::uint64_t mask = 0;
    std::uint64_t usable = 0;
    for (const std::uint16_t port : table_.groups[group]) {
      mask |= one(port);
      if (!table_.usable.empty() && table_.usable[routes_.kind_of(node)].has(port))
        usable |= one(port);
    }
    if (usable != 0) mask = usable;
    pins_->configure(SwitchPins::Select::kRoute, 0, node,
                     std::uint64_t{group} << pins_->ports() | mask);
    for_each_bit(mask, [&](std::uint32_t port) {
      pins_->configure(SwitchPins::Select::kFarPool, port, node, outputs_[port].far_end.pool(node));
    });
  }
}

}  // namespace aipu::cosim
