// SPDX-License-Identifier: Apache-2.0
// What a crossbar at twice the link rate with FIFOs at the outputs is worth, and what it must not
// change: turns are per packet, whatever its length.
#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/tlm/directcom/network_traffic.h"

namespace aipu::directcom::test {
namespace {

class SpeedupTest : public testing::TestWithParam<std::uint32_t> {
 protected:
  Network::Config config() const {
    Network::Config config;
    config.plane.speedup = GetParam();
    return config;
  }
};

/// Packets of either length take turns, so the flits are as the lengths.
constexpr double kLongShare = 33.0 / (33 + 8);

TEST_P(SpeedupTest, LongPacketsAndShortOnesTakeTurnsAtAnOutput) {
  const Topology topology = single_switch(2);
  const Routes routes(topology);
  StandingTraffic traffic(routes, config(), {{0, 0, [] { return 33U; }}, {1, 0, [] { return 8U; }}},
                          20);
  const std::vector<double> rates = traffic.rates(50'000);
  EXPECT_NEAR(rates[0], kLongShare, 0.02);
  EXPECT_NEAR(rates[1], 1 - kLongShare, 0.02);
}

TEST_P(SpeedupTest, LongPacketsAndShortOnesTakeTurnsAtAScarceBuffer) {
  // Nodes 0 and 1 at the first switch, 2 at the second: a link whose far end holds little more than
  // a packet.
  Topology topology;
  topology.nodes = 3;
  topology.switches = {{"near", 3, 0}, {"far", 2, 0}};
  topology.links = {{{true, 0, 0}, {false, 0, 0}, 0},
                    {{true, 1, 0}, {false, 0, 1}, 0},
                    {{true, 2, 0}, {false, 1, 0}, 0},
                    {{false, 0, 2}, {false, 1, 1}, 1}};
  const Routes routes(topology);
  for (const std::uint32_t flits : {33U, 40U, 66U, 512U}) {
    Network::Config small = config();
    small.plane.voq_flits = flits;
    small.link_cycles = {1, 20};
    StandingTraffic traffic(routes, small, {{0, 2, [] { return 33U; }}, {1, 2, [] { return 8U; }}},
                            20);
    const std::vector<double> rates = traffic.rates(50'000);
    EXPECT_NEAR(rates[0] / (rates[0] + rates[1]), kLongShare, 0.05) << flits << " flits";
  }
}

TEST_P(SpeedupTest, NoFlowOfRandomLengthsStarves) {
  const Topology topology = single_switch(8);
  const Routes routes(topology);
  std::mt19937 random(7);
  std::vector<StandingFlow> flows;
  for (std::uint16_t i = 0; i < 8; ++i) {
    for (std::uint16_t o = 0; o < 8; ++o)
      flows.push_back({i, o, [&random] { return static_cast<std::uint32_t>(1 + random() % 33); }});
  }
  StandingTraffic traffic(routes, config(), flows, 20);
  double least = 1;
  double total = 0;
  for (const double rate : traffic.rates(100'000)) {
    least = std::min(least, rate * 8);
    total += rate / 8;
  }
  fmt::print("least {:.3f} of the fair share, {:.3f} of the links\n", least, total);
  EXPECT_GE(least, 0.85);
  EXPECT_GE(total, GetParam() == 2 ? 0.99 : 0.95);
}

INSTANTIATE_TEST_SUITE_P(Crossbar, SpeedupTest, testing::Values(1U, 2U));

}  // namespace
}  // namespace aipu::directcom::test
