// SPDX-License-Identifier: Apache-2.0
// What the choice of a path is worth: permutations at full load over leaves and spines.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>

#include "hw/base/error.h"
#include "tests/tlm/directcom/network_traffic.h"

namespace aipu::directcom::test {
namespace {

using Permutation = std::vector<std::uint16_t>;

constexpr std::uint64_t kCycles = 20'000;

/// All equally likely, fixed points included.
Permutation random_permutation(std::uint32_t nodes, std::uint32_t seed) {
  Permutation p(nodes);
  std::iota(p.begin(), p.end(), std::uint16_t{0});
  std::shuffle(p.begin(), p.end(), std::mt19937(seed));
  return p;
}

Network::Config config(PathChoice choice, std::uint32_t speedup = 2) {
  Network::Config config;
  config.plane.up_choice = choice;
  config.plane.speedup = speedup;
  config.plane.voq_flits = 64;
  return config;
}

struct Throughput {
  double mean = 0;
  double worst = 1;
};

std::ostream& operator<<(std::ostream& out, const Throughput& t) {
  return out << fmt::format("mean {:.4f}, worst {:.4f}", t.mean, t.worst);
}

/// Flits a cycle and node, every node sending 8-flit packets as fast as its lane takes them.
Throughput throughput(const Routes& routes, const Network::Config& config,
                      const Permutation& permutation, std::uint64_t cycles = kCycles) {
  std::vector<StandingFlow> flows;
  for (std::uint16_t n = 0; n < permutation.size(); ++n)
    flows.push_back({n, permutation[n], [] { return 8U; }});
  constexpr std::uint32_t kWindow = 200;  // packets, far more than the network holds of a flow
  Throughput result;
  for (const double rate : StandingTraffic(routes, config, flows, kWindow).rates(cycles)) {
    result.mean += rate / static_cast<double>(permutation.size());
    result.worst = std::min(result.worst, rate);
  }
  return result;
}

class RoutingTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RoutingTest, AdaptiveChoiceCarriesARandomPermutationOf64) {
  const Topology topology = leaf_spine(8, 8, 8);
  const Routes routes(topology);
  const Permutation p = random_permutation(64, GetParam());
  const Throughput scan = throughput(routes, config(PathChoice::kAdaptive), p);
  const Throughput two = throughput(routes, config(PathChoice::kAdaptive2), p);
  const Throughput random = throughput(routes, config(PathChoice::kRandom), p);
  Network::Config hashed = config(PathChoice::kEcmp);
  hashed.plane.hash_seed = GetParam();
  const Throughput ecmp = throughput(routes, hashed, p);
  std::cout << "adaptive: " << scan << "; adaptive2: " << two << "; random: " << random
            << "; ecmp: " << ecmp << "\n";
  EXPECT_GE(scan.mean, 0.94);
  EXPECT_GE(scan.worst, 0.85);
  EXPECT_GE(two.mean, 0.94);
  EXPECT_GE(two.worst, 0.85);
  EXPECT_GE(scan.mean, random.mean);
  EXPECT_GE(scan.worst, random.worst);
  EXPECT_NEAR(ecmp.mean, 0.6, 0.06) << "flows share up links by chance";
  EXPECT_GE(ecmp.worst, 0.1) << "but none starves";
}

INSTANTIATE_TEST_SUITE_P(Permutations, RoutingTest, testing::Range(1U, 6U));

TEST(RoutingScaleTest, NothingHerdsAt128) {
  const Topology topology = leaf_spine(8, 16, 16);
  const Routes routes(topology);
  for (const std::uint32_t speedup : {1U, 2U}) {
    const Permutation p = random_permutation(128, 11);
    const Throughput scan = throughput(routes, config(PathChoice::kAdaptive, speedup), p, 8000);
    const Throughput random = throughput(routes, config(PathChoice::kRandom, speedup), p, 8000);
    std::cout << "speedup " << speedup << ": adaptive " << scan << "; random " << random << "\n";
    EXPECT_GE(scan.mean, 0.99 * random.mean);
    EXPECT_GE(scan.worst, 0.99 * random.worst);
  }
}

/// Every leaf renamed, and within it every node.
Permutation symmetry(std::uint32_t leaves, std::uint32_t down, std::uint32_t seed) {
  const Permutation leaf = random_permutation(leaves, seed);
  Permutation map(std::size_t{leaves} * down);
  for (std::uint32_t l = 0; l < leaves; ++l) {
    const Permutation node = random_permutation(down, seed + 1 + l);
    for (std::uint32_t i = 0; i < down; ++i)
      map[l * down + i] = static_cast<std::uint16_t>(leaf[l] * down + node[i]);
  }
  return map;
}

TEST(RoutingSymmetryTest, RenamingNodesChangesThroughputByLessThanTwoPercent) {
  const Topology topology = leaf_spine(8, 8, 8);
  const Routes routes(topology);
  for (const PathChoice choice : {PathChoice::kAdaptive, PathChoice::kRandom}) {
    const Permutation p = random_permutation(64, 3);
    const Throughput first = throughput(routes, config(choice), p);
    for (const std::uint32_t seed : {100U, 200U, 300U}) {
      const Permutation map = symmetry(8, 8, seed);
      Permutation renamed(64);
      for (std::size_t n = 0; n < p.size(); ++n)
        renamed[map[n]] = map[p[n]];
      const Throughput other = throughput(routes, config(choice), renamed);
      std::cout << first << " and " << other << "\n";
      EXPECT_NEAR(other.mean, first.mean, 0.02 * first.mean);
    }
  }
}

TEST(RoutingMaskTest, AMaskedLinkFallsIdleAndTheOthersCarryOn) {
  const Topology topology = leaf_spine(4, 4, 4);
  Routes routes(topology);
  std::vector<StandingFlow> flows;
  for (std::uint16_t n = 0; n < 16; ++n)
    flows.push_back({n, static_cast<std::uint16_t>((n + 4) % 16), [] { return 8U; }});
  StandingTraffic traffic(routes, config(PathChoice::kAdaptive), flows, 100);
  const auto total = [](const std::vector<double>& rates) {
    return std::accumulate(rates.begin(), rates.end(), 0.0) / 16;
  };
  Network& network = traffic.network;
  EXPECT_GE(total(traffic.rates(10'000)), 0.97);
  std::uint32_t link = 0;  // one from leaf 0 to a spine
  while (topology.links[link].a.node || topology.links[link].b.node)
    ++link;
  routes.mask(link);
  network.run(network.now() + 5000);  // what had chosen it leaves
  const auto busy = [&] {
    std::uint64_t cycles = 0;
    for (const Network::LinkAccount& a : network.accounts())
      cycles += a.link == link ? a.busy : 0;
    return cycles;
  };
  const std::uint64_t before = busy();
  EXPECT_GT(before, 0U);
  const double degraded = total(traffic.rates_on(10'000));
  EXPECT_EQ(busy(), before);
  EXPECT_NEAR(degraded, 14.0 / 16, 0.02) << "leaf 0 sends, and is sent to, at three quarters";
  routes.unmask(link);
  network.run(network.now() + 5000);
  EXPECT_GE(total(traffic.rates_on(10'000)), 0.97);
  EXPECT_GT(busy(), before);
}

}  // namespace
}  // namespace aipu::directcom::test
