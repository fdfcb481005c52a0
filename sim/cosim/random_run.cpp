// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/random_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "tlm/cosim/lookahead.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::cosim {
namespace {

using directcom::Network;
using directcom::PathChoice;
using Generator = std::mt19937_64;

std::uint32_t below(Generator& random, std::uint32_t n) {
  return static_cast<std::uint32_t>(random() % n);
}

/// Scatters what is put in (SplitMix64's last steps), for digests.
std::uint64_t mixed(std::uint64_t digest, std::uint64_t value) {
  std::uint64_t z = (digest ^ value) + 0x9E3779B97F4A7C15ULL;
  z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27U) * 0x94D049BB133111EBULL;
  return z ^ z >> 31U;
}

/// Sends packets from every node, each a Bernoulli process.
class Sender final : public Network::User {
 public:
  explicit Sender(const RandomRun& run) : run_(run), random_(run.seed) {
    partner_.resize(run.topology.nodes);
    std::iota(partner_.begin(), partner_.end(), std::uint16_t{0});
    std::shuffle(partner_.begin(), partner_.end(), random_);
  }
  void start(Network& network) {
    network_ = &network;
    for (std::uint32_t n = 0; n < run_.topology.nodes; ++n)
      network.wake_at(1 + below(random_, 8), n);
  }
  void delivered(const Network::Packet& packet, std::uint64_t cycle) override {
    ++delivered_;
    std::uint64_t digest = mixed(packet.sent, packet.entered);
    for (const std::uint64_t value :
         {std::uint64_t{packet.source}, std::uint64_t{packet.destination},
          std::uint64_t{packet.flits}, std::uint64_t{packet.traffic_class},
          std::uint64_t{packet.marked}, cycle}) {
      digest = mixed(digest, value);
    }
    deliveries_ += digest;
  }
  void wake(std::uint32_t node, std::uint64_t cycle) override {
    if (node == 0 && cycle >= next_look_) look(cycle);
    Network::Packet packet;
    packet.source = static_cast<std::uint16_t>(node);
    packet.destination = destination(node, cycle);
    packet.flits =
        static_cast<std::uint16_t>((random_() & 1U) != 0 ? 1 : 1 + below(random_, run_.max_flits));
    do
      packet.traffic_class = static_cast<std::uint8_t>(below(random_, 4));
    while ((run_.classes >> packet.traffic_class & 1U) == 0);
    network_->send(packet);
    ++sent_;
    const double mean = packet.flits / run_.load;
    const auto gap =
        static_cast<std::uint64_t>(std::exponential_distribution<double>(1 / mean)(random_) + 0.5);
    const std::uint64_t at = cycle + std::max<std::uint64_t>(gap, 1);
    if (at < run_.cycles) network_->wake_at(at, node);
  }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t deliveries() const { return deliveries_; }
  std::uint64_t accounts() const { return accounts_; }

  void look(std::uint64_t cycle) {
    constexpr std::uint64_t kBetween = 50;
    next_look_ = cycle + kBetween;
    for (const Network::LinkAccount& a : network_->accounts()) {
      for (const std::uint64_t cycles : {a.no_packet, a.busy, a.no_credit, a.lost_arbitration})
        accounts_ = mixed(accounts_, cycles);
    }
  }

 private:
  std::uint16_t destination(std::uint32_t node, std::uint64_t cycle) {
    const std::uint32_t nodes = run_.topology.nodes;
    switch (run_.pattern) {
      case Pattern::kPermutation:
        return partner_[node];
      case Pattern::kHotspot:
        if ((random_() & 3U) != 0) return partner_[0];
        break;
      case Pattern::kNeighbour:
        return static_cast<std::uint16_t>((node + 1) % nodes);
      case Pattern::kBursts:  // all to one for a while, then all to another
        return partner_[cycle / 100 % nodes];
      case Pattern::kUniform:
        break;
    }
    return static_cast<std::uint16_t>(below(random_, nodes));
  }

  const RandomRun& run_;
  Generator random_;
  Network* network_ = nullptr;
  std::vector<std::uint16_t> partner_;
  std::uint64_t sent_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t deliveries_ = 0;
  std::uint64_t accounts_ = 0;
  std::uint64_t next_look_ = 0;
};

/// Switch 0 has so many ports: alone, or a leaf with half or a quarter of them to nodes.
directcom::Topology topology_of(std::uint32_t ports, std::uint32_t kind) {
  if (kind == 0) return directcom::single_switch(ports);
  const std::uint32_t down = kind == 1 ? (ports + 1) / 2 : (ports + 3) / 4;
  return directcom::leaf_spine(kind == 1 ? 3 : 2, down, ports - down);
}

}  // namespace

RandomRun::Result RandomRun::run() const {
  const directcom::Routes routes(topology);
  Network::Config network_config;
  network_config.plane = config;
  network_config.link_cycles = link_cycles;
  network_config.seed = seed;
  Sender sender(*this);
  LockstepSwitch* lockstep = nullptr;
  VerilatedSwitch* rtl = nullptr;
  network_config.make_switch = [&](const directcom::Routes& all,
                                   std::uint32_t index) -> std::unique_ptr<directcom::SwitchModel> {
    if (index != 0) return nullptr;
    auto pins = SwitchPins::make(topology.switches[index].ports, config.speedup);
    if (disturb) pins = disturb(std::move(pins));
    auto other =
        std::make_unique<VerilatedSwitch>(config, all, index, seed, std::move(pins), lookahead);
    rtl = other.get();
    auto both = std::make_unique<LockstepSwitch>(
        directcom::make_switch_core(config, all, index, seed), std::move(other),
        LockstepSwitch::Run{topology.switches[index].name,
                            fmt::format("test_rtl_switch --gtest_filter='*{}*'", name), seed,
                            every_tick, config.speedup});
    lockstep = both.get();
    return both;
  };
  Network network(routes, network_config, sender);
  sender.start(network);
  network.run(cycles);
  const bool done = network.drain(1'000 * cycles);
  if (!done) throw Mismatch("not drained: " + network.stuck());
  rtl->settle();
  sender.look(network.now());
  if (accounts) lockstep->compare_accounts(network.now());
  return {lockstep->flits_compared(), lockstep->packets_compared(),
          sender.delivered(),         rtl->clocks(),
          sender.deliveries(),        sender.accounts()};
}

std::uint64_t RandomRun::longest_lookahead() const {
  Network::Config network;
  network.link_cycles = link_cycles;
  return lookahead_of(config, directcom::Routes(topology), 0,
                      [&](std::uint32_t tier) { return network.cycles_of_link(tier); });
}

RandomRun random_run(std::uint32_t ports, std::uint32_t speedup, std::uint64_t seed) {
  Generator random(seed * 1'000 + ports);
  RandomRun run;
  run.name = fmt::format("{}_ports_speedup_{}_seed_{}", ports, speedup, seed);
  run.seed = seed;
  run.topology = topology_of(ports, below(random, 3));
  run.pattern = static_cast<Pattern>(below(random, kPatterns));
  run.load = std::vector{0.1, 0.5, 0.9, 1.5}[below(random, 4)];
  run.max_flits = std::vector{1U, 4U, 33U}[below(random, 3)];
  run.classes = below(random, 2) == 0 ? 15 : 1 + below(random, 15);
  run.link_cycles = {1 + below(random, 3) * 7, 1 + below(random, 40)};
  run.config.voq_flits = std::vector{33U, 40U, 99U, 512U}[below(random, 4)];
  run.config.speedup = speedup;
  run.config.patience = std::vector{0U, 1U, 3U, 32U}[below(random, 4)];
  run.config.mark_flits = std::vector{0U, 1U, 20U}[below(random, 3)];
  run.config.quantum1 = 33 + below(random, 100);
  run.config.quantum2 = 33 + below(random, 100);
  run.config.quantum3 = 33 + below(random, 100);
  run.config.up_choice =
      std::vector{PathChoice::kAdaptive, PathChoice::kAdaptive2, PathChoice::kRandom,
                  PathChoice::kRoundRobin, PathChoice::kStatic}[below(random, 5)];
  run.config.flit_errors = below(random, 4) == 0 && speedup == 1 ? 1'000'000 : 0;
  return run;
}

}  // namespace aipu::cosim
