// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/random_run.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "hw/base/assert.h"
#include "hw/base/rng.h"
#include "sim/cosim/rtl_switch.h"
#include "sim/cosim/scoreboard.h"
#include "sim/fabric/permutation.h"
#include "tlm/cosim/lookahead.h"

namespace aipu::cosim {
namespace {

using directcom::Network;
using directcom::PathChoice;
using fabric::Destinations;
using Generator = std::mt19937_64;

std::uint32_t below(Generator& random, std::uint32_t n) {
  return static_cast<std::uint32_t>(random() % n);
}

std::uint64_t mixed(std::uint64_t digest, std::uint64_t value) {
  return split_mix(digest ^ value);
}

/// A pattern on the address bits of the first nodes, as many as `base` to some power; the others
/// send round among themselves.
template <typename Make>
Destinations on_addresses(std::uint32_t nodes, std::uint32_t base, const Make& make) {
  std::uint32_t part = 1;
  while (part * base <= nodes)
    part *= base;
  Destinations all = make(part);
  for (std::uint32_t i = part; i < nodes; ++i)
    all.push_back(static_cast<std::uint16_t>(i + 1 < nodes ? i + 1 : part));
  return all;
}

/// The destination of every node, empty where it is drawn for each packet.
Destinations destinations_of(Pattern pattern, std::uint32_t nodes, std::uint64_t seed) {
  switch (pattern) {
    case Pattern::kBitComplement:
      return on_addresses(nodes, 2, fabric::bit_complement);
    case Pattern::kShuffle:
      return on_addresses(nodes, 2, fabric::shuffle);
    case Pattern::kTranspose:
      return on_addresses(nodes, 4, fabric::transpose);
    case Pattern::kPermutation:
      return fabric::random_permutation(nodes, seed);
    default:
      return {};
  }
}

/// Sends packets from every node, each a Bernoulli process.
class Sender final : public Network::User {
 public:
  Sender(const RandomRun& run, const directcom::Routes& routes)
      : run_(run),
        random_(run.seed),
        scoreboard_(routes, run.config.up_choice),
        fixed_(destinations_of(run.pattern, run.topology.nodes, run.seed)),
        partner_(fabric::random_permutation(run.topology.nodes, run.seed)) {
    for (std::uint32_t c = 0; c < directcom::kClasses; ++c) {
      if ((run.classes >> c & 1U) != 0) classes_.push_back(static_cast<std::uint8_t>(c));
    }
  }
  void start(Network& network) {
    network_ = &network;
    for (std::uint32_t n = 0; n < run_.topology.nodes; ++n)
      network.wake_at(1 + below(random_, 8), n);
  }
  void delivered(const Network::Packet& packet, std::uint64_t cycle) override {
    scoreboard_.delivered(packet, cycle);
    class_flits_[packet.traffic_class] += packet.flits;
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
    packet.flits =
        static_cast<std::uint16_t>((random_() & 1U) != 0 ? 1 : 1 + below(random_, run_.max_flits));
    packet.traffic_class = classes_[below(random_, static_cast<std::uint32_t>(classes_.size()))];
    direct(packet, cycle);
    scoreboard_.sent(packet);
    network_->send(packet);
    const double mean = packet.flits / run_.load;
    const auto gap =
        static_cast<std::uint64_t>(std::exponential_distribution<double>(1 / mean)(random_) + 0.5);
    const std::uint64_t at = cycle + std::max<std::uint64_t>(gap, 1);
    if (at < run_.cycles) network_->wake_at(at, node);
  }
  const Scoreboard& scoreboard() const { return scoreboard_; }
  const auto& class_flits() const { return class_flits_; }
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
  /// Sets the destination, and the class of incast.
  void direct(Network::Packet& packet, std::uint64_t cycle) {
    const std::uint32_t nodes = run_.topology.nodes;
    const std::uint16_t target = partner_[0];
    packet.destination = static_cast<std::uint16_t>(below(random_, nodes));
    switch (run_.pattern) {
      case Pattern::kUniform:
        break;
      case Pattern::kHotspot:
        if ((random_() & 3U) != 0) packet.destination = target;
        break;
      case Pattern::kIncast:
        if ((random_() & 3U) == 0) {
          packet.destination = target;
          packet.traffic_class = classes_.front();
        } else if (packet.destination == target) {
          packet.destination = static_cast<std::uint16_t>((target + 1U) % nodes);
        }
        break;
      case Pattern::kNeighbour:
        packet.destination = static_cast<std::uint16_t>((packet.source + 1U) % nodes);
        break;
      case Pattern::kBursts:
        packet.destination = partner_[cycle / kBurst % nodes];
        break;
      default:
        packet.destination = fixed_[packet.source];
    }
  }

  static constexpr std::uint64_t kBurst = 100;  ///< cycles of kBursts for one node

  const RandomRun& run_;
  Generator random_;
  Network* network_ = nullptr;
  std::uint64_t deliveries_ = 0;
  std::uint64_t accounts_ = 0;
  std::uint64_t next_look_ = 0;
  Scoreboard scoreboard_;
  const Destinations fixed_;
  const Destinations partner_;
  std::vector<std::uint8_t> classes_;
  std::array<std::uint64_t, directcom::kClasses> class_flits_{};
};

/// A fabric in which a switch of so many ports stands alone, is a leaf, a leaf with more ways up
/// than nodes, or the spine of as many leaves.
void set_place(RandomRun& run, std::uint32_t ports, std::uint32_t kind) {
  const std::uint32_t down = ports / 2 + (ports == 5 ? 1 : 0);
  const std::uint32_t few = (ports + 3) / 4;
  run.place = 0;
  switch (kind) {
    case 0:
      run.topology = directcom::single_switch(ports);
      break;
    case 1:
      run.topology = directcom::leaf_spine(3, down, ports - down);
      break;
    case 2:
      run.topology = directcom::leaf_spine(2, few, ports - few);
      break;
    default:
      run.topology = directcom::leaf_spine(ports, 2, 1);
      run.place = ports;
  }
}
constexpr std::uint32_t kPlaces = 4;

}  // namespace

const char* name_of(Pattern pattern) {
  static constexpr std::array<const char*, kPatterns> kNames{"uniform",   "bitcomp",   "shuffle",
                                                             "transpose", "hotspot",   "randperm",
                                                             "incast",    "neighbour", "bursts"};
  return kNames[static_cast<std::size_t>(pattern)];
}

RandomRun::Result RandomRun::run() const {
  const directcom::Routes routes(topology);
  Network::Config network_config;
  network_config.plane = config;
  network_config.link_cycles = link_cycles;
  network_config.seed = seed;
  AIPU_ASSERT(place < topology.switches.size(), "no switch {}", place);
  Sender sender(*this, routes);
  LockstepSwitch* lockstep = nullptr;
  VerilatedSwitch* rtl = nullptr;
  network_config.make_switch = [&](const directcom::Routes& all,
                                   std::uint32_t index) -> std::unique_ptr<directcom::SwitchModel> {
    if (index != place) return nullptr;
    if (model) return model(all);
    RtlSwitch how;
    how.seed = seed;
    how.command = replay;
    how.every_tick = every_tick;
    how.assertions = assertions;
    how.lookahead = lookahead;
    how.failure_prefix = failure_prefix;
    how.waves = waves;
    how.disturb = disturb;
    auto made = how.make_lockstep(config, all, index);
    rtl = made.rtl;
    lockstep = made.both.get();
    return std::move(made.both);
  };
  Network network(routes, network_config, sender);
  sender.start(network);
  network.run(cycles);
  const bool done = network.drain(1'000 * cycles);
  if (!done) throw Mismatch("not drained: " + network.stuck());
  sender.scoreboard().finish();
  if (model) {
    const auto& flits = sender.class_flits();
    return {std::accumulate(flits.begin(), flits.end(), std::uint64_t{0}),
            sender.scoreboard().packets_delivered(), sender.scoreboard().packets_delivered(), 0,
            flits};
  }
  rtl->settle();
  sender.look(network.now());
  if (accounts) lockstep->compare_accounts(network.now());
  return {lockstep->flits_compared(),
          lockstep->packets_compared(),
          sender.scoreboard().packets_delivered(),
          rtl->clocks(),
          sender.class_flits(),
          sender.deliveries(),
          sender.accounts()};
}

std::uint64_t RandomRun::longest_lookahead() const {
  Network::Config network;
  network.link_cycles = link_cycles;
  return lookahead_of(config, directcom::Routes(topology), place,
                      [&](std::uint32_t tier) { return network.cycles_of_link(tier); });
}

RandomRun random_run(std::uint32_t ports, std::uint32_t speedup, std::uint64_t seed) {
  Generator random(seed * 1'000 + ports * 10 + speedup);
  RandomRun run;
  run.name = fmt::format("{}_ports_speedup_{}_seed_{}", ports, speedup, seed);
  run.replay = fmt::format("hc1000 cosim regress --ports {} --speedup {} --from {} --seeds 1",
                           ports, speedup, seed);
  run.seed = seed;
  run.pattern = static_cast<Pattern>(seed % kPatterns);
  set_place(run, ports, below(random, kPlaces));
  run.load = std::vector{0.1, 0.5, 0.9, 1.5}[below(random, 4)];
  run.max_flits = std::vector{1U, 4U, 33U, 64U}[below(random, 4)];
  run.classes = below(random, 2) == 0 ? 15 : 1 + below(random, 15);
  run.link_cycles = {1 + below(random, 3) * 7, 1 + below(random, 40)};
  if (run.max_flits > run.config.max_packet_flits()) run.config.payload = Bytes(1008);
  const std::uint32_t longest = run.config.max_packet_flits();
  run.config.voq_flits = std::vector{longest, longest + 7, 3 * longest, 512U}[below(random, 4)];
  run.config.speedup = speedup;
  run.config.patience = std::vector{0U, 1U, 3U, 32U}[below(random, 4)];
  run.config.mark_flits = std::vector{0U, 1U, 20U}[below(random, 3)];
  run.config.quantum1 = longest + below(random, 100);
  run.config.quantum2 = longest + below(random, 100);
  run.config.quantum3 = longest + below(random, 100);
  run.config.up_choice =
      std::vector{PathChoice::kAdaptive, PathChoice::kAdaptive2, PathChoice::kRandom,
                  PathChoice::kRoundRobin, PathChoice::kStatic}[below(random, 5)];
  run.config.flit_errors = below(random, 4) == 0 && speedup == 1 ? 1'000'000 : 0;
  run.every_tick = run.accounts = below(random, 2) == 0;
  return run;
}

}  // namespace aipu::cosim
