// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/random_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace aipu::cosim {
namespace {

using directcom::Network;
using directcom::PathChoice;
using Generator = std::mt19937_64;

std::uint32_t below(Generator& random, std::uint32_t n) {
  return static_cast<std::uint32_t>(random() % n);
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
  void delivered(const Network::Packet& /*packet*/, std::uint64_t /*cycle*/) override {
    ++delivered_;
  }
  void wake(std::uint32_t node, std::uint64_t cycle) override {
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
};

directcom::Topology topology_of(std::uint32_t ports, std::uint32_t kind) {
  switch (ports) {
    case 4:  // alone, a leaf, a spine
      return kind == 0   ? directcom::single_switch(4)
             : kind == 1 ? directcom::leaf_spine(3, 2, 2)
                         : directcom::leaf_spine(2, 1, 3);
    case 5:
      return kind == 0   ? directcom::single_switch(5)
             : kind == 1 ? directcom::leaf_spine(3, 3, 2)
                         : directcom::leaf_spine(2, 2, 3);
    default:
      return kind == 0   ? directcom::single_switch(16)
             : kind == 1 ? directcom::leaf_spine(3, 8, 8)
                         : directcom::leaf_spine(2, 4, 12);
  }
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
  Network network(routes, network_config, sender,
                  [&](std::uint32_t index) -> std::unique_ptr<directcom::SwitchModel> {
                    if (index != 0) return nullptr;
                    RtlSwitch how;
                    how.seed = seed;
                    how.command = fmt::format("test_rtl_switch --gtest_filter='*{}*'", name);
                    how.every_tick = every_tick;
                    how.failure_prefix = failure_prefix;
                    how.waves = waves;
                    how.disturb = disturb;
                    auto made = how.make_lockstep(config, routes, index);
                    rtl = made.rtl;
                    lockstep = made.both.get();
                    return std::move(made.both);
                  });
  sender.start(network);
  network.run(cycles);
  const bool done = network.drain(1'000 * cycles);
  if (!done) throw Mismatch("not drained: " + network.stuck());
  rtl->settle();
  if (accounts) lockstep->compare_accounts(network.now());
  return {lockstep->flits_compared(), lockstep->packets_compared(), sender.delivered(),
          rtl->clocks()};
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
