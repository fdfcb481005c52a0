// SPDX-License-Identifier: Apache-2.0
// Random networks under random traffic: nothing is lost, doubled, overfull or unaccounted for.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <tuple>

#include "hw/base/error.h"
#include "tests/hw/directcom/random_topology.h"
#include "tests/tlm/directcom/checked_switch.h"
#include "tests/tlm/directcom/network_traffic.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::directcom::test {
namespace {

constexpr std::uint64_t kLimit = 5'000'000;  // cycles in which any of these networks is empty again

/// A network drawn at random, free of deadlock, and traffic for it.
struct Draw {
  explicit Draw(std::uint32_t seed) : random(seed), topology(random_topology(seed)) {
    switch (below(5)) {
      case 0:
        topology = leaf_spine(1 + below(4), 1 + below(4), 1 + below(4));
        break;
      case 1:
        topology = hc1000({1U << below(3), 4, 1 + below(4), 1U << below(2), 4});
        break;
      default:
        break;
    }
    SwitchConfig& plane = config.plane;
    plane.payload = Bytes(16 * below(40));
    const std::uint32_t longest = plane.max_packet_flits();
    plane.voq_flits = std::max(2U, longest + (below(2) == 0 ? below(3) : below(200)));
    plane.speedup = 1 + below(2);
    plane.out_flits = longest + below(40);
    plane.pipeline = Cycles(2 + below(6));
    plane.up_choice = static_cast<PathChoice>(below(6));
    plane.patience = below(3) == 0 ? 0 : 1 + below(40);
    plane.mark_flits = below(2) * (1 + below(60));
    plane.quantum1 = longest + below(99);
    plane.quantum2 = longest + below(99);
    plane.quantum3 = longest + below(99);
    config.link_cycles = {1 + below(9), 1 + below(30)};
    config.lane_choice = static_cast<PathChoice>(below(6));
    config.seed = seed;
    shape.longest = longest;
    shape.packets = 0.4 / (1 + below(longest));
    shape.classes = 1 + below(kClasses);
    shape.seed = seed + 1;
  }
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); }

  std::mt19937 random;
  Topology topology;
  Network::Config config;
  RandomTraffic::Shape shape;
};

Routes routes_of(const Topology& topology) {
  Routes routes(topology);
  if (!routes.dependency_cycle().empty()) route_up_down(routes);
  return routes;
}

void expect_accounts(const Network& network, std::uint64_t now) {
  for (const Network::LinkAccount& a : network.accounts()) {
    ASSERT_EQ(a.no_packet + a.busy + a.no_credit + a.lost_arbitration, now)
        << "link " << a.link << (a.forward ? " forward" : " backward");
  }
}

/// All packets created and arrived; whether that came about.
bool finish(RandomTraffic& traffic, const RandomTraffic::Shape& shape) {
  traffic.network.run(shape.until);
  return traffic.created() != 0 && traffic.network.drain(kLimit);
}

class NetworkPropertyTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(NetworkPropertyTest, BooksBalanceAtEveryStepAndEveryPacketArrivesOnce) {
  for (std::uint32_t seed = GetParam() * 25; seed < (GetParam() + 1) * 25; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Draw draw(seed);
    const Routes routes = routes_of(draw.topology);
    std::vector<CheckedSwitch*> switches;
    draw.config.make_switch = [&](const Routes&, std::uint32_t index) {
      auto checked = std::make_unique<CheckedSwitch>(
          make_switch_core(draw.config.plane, routes, index, draw.config.seed), draw.config.plane,
          routes, index);
      switches.push_back(checked.get());
      return checked;
    };
    RandomTraffic traffic(routes, draw.config, draw.shape);
    Network& network = traffic.network;
    for (std::uint64_t cycle = 0; cycle <= draw.shape.until; cycle += 1 + draw.below(100)) {
      network.run(cycle);
      ASSERT_EQ(network.in_flight() + traffic.deliveries().size(), traffic.created());
      expect_accounts(network, network.now());
    }
    ASSERT_TRUE(finish(traffic, draw.shape)) << network.stuck();
    EXPECT_EQ(traffic.wrong(), 0U);
    const std::uint64_t end = network.now() + 1000;  // the last credits are under way
    network.run(end);
    expect_accounts(network, end);
    std::uint64_t flits = 0;
    for (const Delivery& d : traffic.deliveries())
      flits += d.packet.flits;
    EXPECT_EQ(flits, traffic.created_flits());
    for (CheckedSwitch* one : switches)
      one->expect_idle(end);
    if (HasFailure()) return;
  }
}

TEST_P(NetworkPropertyTest, TicksInWhichNothingCanHappenChangeNothing) {
  for (std::uint32_t seed = GetParam() * 5; seed < (GetParam() + 1) * 5; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Draw draw(seed);
    draw.shape.until = 1000;
    const Routes routes = routes_of(draw.topology);
    RandomTraffic plain(routes, draw.config, draw.shape);
    draw.config.make_switch = [&](const Routes&, std::uint32_t index) {
      return std::make_unique<RestlessSwitch>(
          make_switch_core(draw.config.plane, routes, index, draw.config.seed));
    };
    RandomTraffic restless(routes, draw.config, draw.shape);
    ASSERT_TRUE(finish(plain, draw.shape));
    ASSERT_TRUE(finish(restless, draw.shape));
    EXPECT_TRUE(plain.sorted() == restless.sorted());
  }
}

TEST_P(NetworkPropertyTest, HowFarARunGoesAtOnceChangesNothing) {
  for (std::uint32_t seed = GetParam() * 5; seed < (GetParam() + 1) * 5; ++seed) {
    Draw draw(seed);
    const Routes routes = routes_of(draw.topology);
    RandomTraffic once(routes, draw.config, draw.shape);
    RandomTraffic often(routes, draw.config, draw.shape);
    for (std::uint64_t cycle = 0; cycle < draw.shape.until; ++cycle)
      often.network.run(cycle);
    ASSERT_TRUE(finish(once, draw.shape));
    ASSERT_TRUE(finish(often, draw.shape));
    EXPECT_TRUE(once.sorted() == often.sorted()) << "seed " << seed;
  }
}

TEST_P(NetworkPropertyTest, LinksFailAndComeBackAndNothingIsLost) {
  for (std::uint32_t seed = GetParam() * 10; seed < (GetParam() + 1) * 10; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Draw draw(seed);
    if (draw.topology.nodes == 1) continue;
    draw.shape.to_itself = false;  // a mask may cut a node off from itself
    Routes routes = routes_of(draw.topology);
    RandomTraffic traffic(routes, draw.config, draw.shape);
    Network& network = traffic.network;
    std::vector<std::uint32_t> down;
    for (std::uint64_t cycle = 0; cycle < draw.shape.until; cycle += 1 + draw.below(60)) {
      network.run(cycle);
      if (down.empty() || draw.below(3) != 0) {
        const std::uint32_t link =
            draw.below(static_cast<std::uint32_t>(draw.topology.links.size()));
        try {
          routes.mask(link);
          down.push_back(link);
        } catch (const ConfigError&) {  // someone would be cut off
        }
      } else {
        routes.unmask(down.back());
        down.pop_back();
      }
    }
    ASSERT_TRUE(finish(traffic, draw.shape)) << network.stuck();
    EXPECT_EQ(traffic.wrong(), 0U);
    expect_accounts(network, network.now());
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, NetworkPropertyTest, testing::Range(0U, 8U));

}  // namespace
}  // namespace aipu::directcom::test
