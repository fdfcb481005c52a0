// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/load_run.h"

#include <gtest/gtest.h>
#include <numeric>

#include "sim/fabric/path.h"
#include "tests/sim/fabric/machine.h"

namespace aipu::fabric {
namespace {

const Watch kNobody = [](std::uint64_t) {};

LoadResult run(const Machine& machine, const FlowClass& one, std::uint32_t flits,
               const Windows& windows) {
  const std::vector<FlowClass> classes{one};
  return run_load(machine.routes, machine.config, classes,
                  {machine.topology.nodes, machine.topology.lanes, flits, 1}, windows, kNobody);
}

FlowClass to(std::uint16_t destination, std::uint32_t nodes, double load) {
  FlowClass one;
  one.name = "hotspot";
  one.load = load;
  one.destinations.assign(nodes, destination);
  return one;
}

/// Packets so seldom that none meets another: all have the latency of an empty network.
void expect_latency(const Machine& machine, const Destinations& destinations, std::uint32_t flits,
                    std::int64_t cycles, double hops) {
  FlowClass one{"sparse", 1e-5, 1, destinations, {}};
  const LoadResult result = run(machine, one, flits, {0, 4'000'000, 100'000});
  ASSERT_GT(result.all.measured, 10U);
  EXPECT_EQ(result.all.latency.count(), result.all.measured);
  EXPECT_EQ(result.all.latency.percentile(50), cycles);
  EXPECT_EQ(result.all.latency.min(), cycles);
  EXPECT_DOUBLE_EQ(*result.all.mean_hops(), hops);
  EXPECT_TRUE(result.stable);
}

TEST(LoadRunTest, AnEmptySwitchHasTwoLinksAPipelineAndATail) {
  for (const std::uint32_t flits : {1U, 8U, 33U}) {
    const Machine one(directcom::single_switch(16), 4, {1});
    expect_latency(one, bit_complement(16), flits, 2 * 1 + 4 + flits - 1, 1);
    const Machine far(directcom::single_switch(16), 7, {98});
    expect_latency(far, bit_complement(16), flits, 2 * 98 + 7 + flits - 1, 1);
  }
}

TEST(LoadRunTest, AnEmptyLeafSpineHasFourLinksAndThreePipelines) {
  for (const std::uint32_t flits : {1U, 8U}) {
    const Machine machine(directcom::leaf_spine(4, 4, 4), 2, {2});
    expect_latency(machine, bit_complement(16), flits, 2 + 4 * 3 + flits - 1, 3);
    Destinations self(16);
    std::iota(self.begin(), self.end(), std::uint16_t{0});
    expect_latency(machine, self, flits, 2 + 4 * 1 + flits - 1, 1);
  }
}

TEST(LoadRunTest, EveryTierHasItsOwnLinks) {
  const Machine machine(directcom::leaf_spine(4, 4, 4), 3, {10, 100});
  expect_latency(machine, bit_complement(16), 8, 2 * 10 + 2 * 100 + 3 * 3 + 7, 3);
  EXPECT_EQ(zero_load(machine.routes, machine.config, 0, 15), 229U);
  EXPECT_EQ(zero_load(machine.routes, machine.config, 0, 1), 23U);
  EXPECT_EQ(longest_zero_load(machine.routes, machine.config), 229U);
}

TEST(LoadRunTest, TheShortestWayMayNeedALaneOtherThanTheFirst) {
  directcom::Topology t;  // node 0 at x and y, node 1 at x, node 2 at y
  t.nodes = 3;
  t.lanes = 2;
  t.switches = {{"x", 4, 0}, {"y", 4, 0}};
  t.links = {{{true, 0, 0}, {false, 0, 0}, 0}, {{true, 0, 1}, {false, 1, 0}, 0},
             {{true, 1, 0}, {false, 0, 1}, 0}, {{true, 1, 1}, {false, 0, 2}, 0},
             {{true, 2, 0}, {false, 1, 1}, 0}, {{true, 2, 1}, {false, 1, 2}, 0}};
  const Machine machine(t, 3, {10});
  EXPECT_EQ(zero_load(machine.routes, machine.config, 0, 1), 23U);
  EXPECT_EQ(zero_load(machine.routes, machine.config, 0, 2), 23U);
}

TEST(LoadRunTest, ZeroLoadIsThatOfTheShortestWay) {
  directcom::Topology t;  // both lanes of node 1 at y, node 0 at x (a hop away) and at y
  t.nodes = 2;
  t.lanes = 2;
  t.switches = {{"x", 2, 0}, {"y", 4, 0}};
  t.links = {{{true, 0, 0}, {false, 0, 0}, 0},
             {{true, 0, 1}, {false, 1, 0}, 0},
             {{true, 1, 0}, {false, 1, 1}, 0},
             {{true, 1, 1}, {false, 1, 2}, 0},
             {{false, 0, 1}, {false, 1, 3}, 1}};
  const Machine machine(t, 3, {10, 100});
  EXPECT_EQ(zero_load(machine.routes, machine.config, 0, 1), 23U);
}

TEST(LoadRunTest, WhatIsOfferedIsAcceptedBelowSaturation) {
  const Machine machine(directcom::single_switch(16));
  FlowClass one{"uniform", 0.5, 1, {}, {}};
  const LoadResult result = run(machine, one, 8, {5'000, 60'000, 60'000});
  const auto flits =
      std::accumulate(result.all.flits.begin(), result.all.flits.end(), std::uint64_t{0});
  EXPECT_NEAR(static_cast<double>(flits) / 16 / 60'000, 0.5, 0.008);
  EXPECT_TRUE(result.stable);
  EXPECT_TRUE(result.all.complete(8));
}

TEST(LoadRunTest, AnIncastTakesAllOfOneLinkAndIsNotStable) {
  const Machine machine(directcom::single_switch(16));
  const LoadResult result = run(machine, to(3, 16, 0.2), 8, {5'000, 20'000, 20'000});
  for (std::size_t n = 0; n < 16; ++n) {
    const double accepted = static_cast<double>(result.all.flits[n]) / 20'000;
    EXPECT_NEAR(accepted, n == 3 ? 1.0 : 0.0, 0.001) << n;
  }
  EXPECT_FALSE(result.stable);
  EXPECT_FALSE(result.all.complete(8));
  EXPECT_GT(result.all.growth, 0);
}

TEST(LoadRunTest, APermutationIsStableAtFullLoadOfWholeCycles) {
  const Machine machine(directcom::single_switch(16));
  FlowClass one{"bitcomp", 1, 1, bit_complement(16), {}};
  const LoadResult result = run(machine, one, 1, {1'000, 10'000, 10'000});
  for (const std::uint64_t flits : result.all.flits)
    EXPECT_EQ(flits, 10'000U);
  EXPECT_EQ(result.all.latency.max(), 6);
  EXPECT_TRUE(result.stable);
}

TEST(LoadRunTest, ClassesAreToldApart) {
  const Machine machine(directcom::single_switch(16));
  const std::vector<FlowClass> classes{to(0, 16, 0.1),
                                       {"background", 0.3, 2, {}, std::uint32_t{0}}};
  const LoadResult result = run_load(machine.routes, machine.config, classes, {16, 1, 8, 1},
                                     {10'000, 50'000, 50'000}, kNobody);
  ASSERT_EQ(result.classes.size(), 2U);
  EXPECT_FALSE(result.classes[0].stable(8));
  EXPECT_TRUE(result.classes[1].stable(8));
  EXPECT_TRUE(result.classes[1].complete(8));
  EXPECT_FALSE(result.stable);
  EXPECT_EQ(result.classes[1].flits[0], 0U);
  const auto background = std::accumulate(result.classes[1].flits.begin(),
                                          result.classes[1].flits.end(), std::uint64_t{0});
  EXPECT_NEAR(static_cast<double>(background) / 16 / 50'000, 0.3, 0.006);
  EXPECT_EQ(result.all.measured, result.classes[0].measured + result.classes[1].measured);
}

TEST(LoadRunTest, TheSameRunGivesTheSameResult) {
  const Machine machine(directcom::leaf_spine(4, 4, 4));
  FlowClass one{"uniform", 0.7, 1, {}, {}};
  const LoadResult a = run(machine, one, 8, {1'000, 10'000, 10'000});
  const LoadResult b = run(machine, one, 8, {1'000, 10'000, 10'000});
  EXPECT_EQ(a.all.flits, b.all.flits);
  EXPECT_EQ(a.all.latency.mean(), b.all.latency.mean());
  EXPECT_EQ(a.packet_hops, b.packet_hops);
}

TEST(LoadRunTest, TheWatchCanEndIt) {
  const Machine machine(directcom::single_switch(16));
  const std::vector<FlowClass> classes{{"uniform", 0.5, 1, {}, {}}};
  EXPECT_THROW(
      run_load(machine.routes, machine.config, classes, {16, 1, 8, 1}, {0, 1'000'000'000, 0},
               [](std::uint64_t cycle) {
                 if (cycle > 10'000) throw std::runtime_error("enough");
               }),
      std::runtime_error);
}

}  // namespace
}  // namespace aipu::fabric
