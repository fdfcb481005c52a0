// SPDX-License-Identifier: Apache-2.0
// Several clocks in one activation change nothing that anybody can see.
#include "tlm/cosim/lookahead.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "sim/cosim/random_run.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::test {
namespace {

using directcom::SwitchConfig;
using directcom::SwitchModel;

/// A run whose links allow a lookahead: errors on links do not.
cosim::RandomRun long_links(std::uint32_t ports, std::uint32_t speedup, std::uint64_t seed) {
  cosim::RandomRun run = cosim::random_run(ports, speedup, seed);
  run.config.flit_errors = 0;
  run.every_tick = run.accounts = true;  // accounts are compared
  for (std::uint32_t& cycles : run.link_cycles)
    cycles += 2 + static_cast<std::uint32_t>(seed % 30);
  return run;
}

void expect_equal(std::uint32_t ports, std::uint32_t speedup, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    cosim::RandomRun run = long_links(ports, speedup, seed);
    ASSERT_GE(run.longest_lookahead(), 3U);
    const auto by_one = run.run();
    for (const std::uint64_t lookahead : {std::uint64_t{2}, run.longest_lookahead()}) {
      run.lookahead = lookahead;
      const auto ahead = run.run();
      EXPECT_EQ(ahead.packets, by_one.packets) << run.name;
      EXPECT_EQ(ahead.flits, by_one.flits) << run.name;
      EXPECT_EQ(ahead.deliveries, by_one.deliveries) << run.name;
      EXPECT_EQ(ahead.accounts, by_one.accounts) << run.name;
    }
    run.every_tick = run.accounts = false;
    EXPECT_EQ(run.run().deliveries, by_one.deliveries) << run.name;
  }
}

TEST(LookaheadTest, FourPortsDoTheSame) {
  expect_equal(4, 1, 10);
}

TEST(LookaheadTest, FourPortsWithSpeedupDoTheSame) {
  expect_equal(4, 2, 10);
}

TEST(LookaheadTest, FivePortsDoTheSame) {
  expect_equal(5, 1, 10);
}

TEST(LookaheadTest, SixteenPortsDoTheSame) {
  expect_equal(16, 1, 4);
}

TEST(LookaheadTest, SixteenPortsWithSpeedupDoTheSame) {
  expect_equal(16, 2, 3);
}

/// A switch alone, driven directly.
struct Alone {
  explicit Alone(std::uint64_t lookahead, std::uint32_t speedup = 1) {
    config.speedup = speedup;
    rtl = std::make_unique<cosim::VerilatedSwitch>(config, routes, 0, 1, nullptr, lookahead);
    for (std::uint32_t p = 0; p < 4; ++p)
      rtl->offer(p, {{5}, nullptr});
  }
  void arrive(std::uint64_t cycle, std::uint16_t input, std::uint32_t output, std::uint16_t flits) {
    rtl->arrive(cycle, {nullptr, input, output, input, flits, 1});
  }
  directcom::Topology topology = directcom::single_switch(4);
  directcom::Routes routes{topology};
  SwitchConfig config;
  std::unique_ptr<cosim::VerilatedSwitch> rtl;
};

TEST(LookaheadTest, OneStepReportsTheWholeWindow) {
  Alone alone(20);
  alone.arrive(10, 0, 3, 2);
  alone.arrive(20, 1, 2, 1);
  alone.arrive(31, 2, 1, 1);
  ASSERT_EQ(alone.rtl->next(), 11U);
  const auto left = alone.rtl->step(11);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].head, 14U);
  EXPECT_EQ(left[1].head, 24U);
  EXPECT_EQ(alone.rtl->window_end(11), 31U);
  EXPECT_EQ(alone.rtl->next(), 32U);
  EXPECT_EQ(alone.rtl->step(32).size(), 1U);
}

TEST(LookaheadTest, AccountsInsideTheWindowAreThoseOfTheirCycle) {
  Alone ahead(40);
  Alone by_one(1);
  for (Alone* alone : {&ahead, &by_one}) {
    alone->arrive(10, 0, 3, 4);
    alone->arrive(14, 0, 3, 4);  // waits for credit
    alone->arrive(10, 1, 3, 1);
    alone->arrive(16, 2, 1, 3);
  }
  ahead.rtl->step(11);
  for (std::uint64_t cycle = 11; cycle < 51; ++cycle) {
    by_one.rtl->step(cycle);
    for (std::uint32_t o = 0; o < 4; ++o) {
      EXPECT_EQ(ahead.rtl->account(o, cycle), by_one.rtl->account(o, cycle))
          << "output " << o << ", cycle " << cycle;
    }
  }
  EXPECT_GT(ahead.rtl->account(3, 50)[SwitchModel::kNoCredit], 10U);
}

TEST(LookaheadDeathTest, WhatComesIntoTheWindowIsRefused) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Alone alone(20);
  alone.arrive(10, 0, 3, 2);
  alone.rtl->step(11);
  alone.rtl->credit(31, 3, 3, 1, 2);
  alone.arrive(31, 1, 2, 1);
  EXPECT_DEATH(alone.arrive(30, 2, 2, 1), "packet for cycle 30, but tick 30 is done: lookahead 20");
  EXPECT_DEATH(alone.rtl->credit(30, 2, 2, 1, 1), "credit for cycle 30, but tick 30 is done");
  EXPECT_DEATH(alone.rtl->delay(3, 1), "output 3 is delayed with lookahead 20");
}

TEST(LookaheadDeathTest, ARunThatLooksTooFarEnds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  cosim::RandomRun run = long_links(4, 1, 3);
  run.lookahead = run.longest_lookahead() + 3;
  EXPECT_DEATH(run.run(), "is done: lookahead");
}

TEST(LookaheadTest, IsTheShortestLinkOrOneWhereOutputsAreDelayed) {
  const directcom::Topology topology = directcom::leaf_spine(3, 2, 2);
  const directcom::Routes routes(topology);
  SwitchConfig config;
  const auto tiers = [](std::uint32_t tier) { return tier == 0 ? 40U : 12U; };
  EXPECT_EQ(cosim::lookahead_of(config, routes, 0, tiers), 12U);
  config.link_latency = Picoseconds(100'000);  // 78.125 cycles of 1.28 ns
  directcom::Config aipu;
  EXPECT_EQ(cosim::lookahead_of(config, routes, 0, aipu), 79U);
  aipu.link_latency = Picoseconds(50'000);
  EXPECT_EQ(cosim::lookahead_of(config, routes, 0, aipu), 40U);
  config.flit_errors = 1;
  EXPECT_EQ(cosim::lookahead_of(config, routes, 0, aipu), 1U);
  config.flit_errors = 0;
  config.multicast_flits = 512;
  EXPECT_EQ(cosim::lookahead_of(config, routes, 0, tiers), 1U);
}

}  // namespace
}  // namespace aipu::test
