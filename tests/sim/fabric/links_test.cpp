// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/links.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "sim/fabric/load_run.h"
#include "tests/sim/fabric/machine.h"

namespace aipu::fabric {
namespace {

LoadResult run_uniform(const Machine& machine, double load) {
  const std::vector<FlowClass> classes{{"uniform", load, 1, {}, {}}};
  return run_load(machine.routes, machine.config, classes,
                  {machine.topology.nodes, machine.topology.lanes, 8, 1}, {5'000, 20'000, 20'000},
                  [](std::uint64_t) {});
}

TEST(LinksTest, EveryCycleOfEveryLinkHasAnAccount) {
  for (const double load : {0.1, 1.0}) {
    const Machine machine(directcom::leaf_spine(4, 4, 2));
    const LoadResult result = run_uniform(machine, load);
    EXPECT_EQ(result.links.size(), 2 * machine.topology.links.size());
    for (const LinkShare& link : result.links) {
      double sum = 0;
      for (const double part : link.parts) {
        EXPECT_GE(part, 0);
        sum += part;
      }
      EXPECT_NEAR(sum, 1, 1e-9) << link.from;
    }
  }
}

TEST(LinksTest, LinksToNodesAreAsBusyAsTheirNodesReceive) {
  const Machine machine(directcom::leaf_spine(4, 4, 4));
  const LoadResult result = run_uniform(machine, 0.5);
  for (const LinkShare& link : result.links) {
    if (link.tier != 0 || link.up) continue;
    const auto node = static_cast<std::size_t>(std::stoul(link.to.substr(4)));
    EXPECT_NEAR(link.parts[kBusy], static_cast<double>(result.all.flits[node]) / 20'000, 0.002);
  }
}

TEST(LinksTest, TiersAreMeansOfTheirLinks) {
  const Machine machine(directcom::leaf_spine(4, 4, 2));
  const LoadResult result = run_uniform(machine, 0.4);
  const auto tiers = tier_shares(result.links);
  ASSERT_EQ(tiers.size(), 4U);
  EXPECT_EQ(name_of(tiers[0]), "tier 0 up");
  EXPECT_EQ(name_of(tiers[3]), "tier 1 down");
  EXPECT_EQ(tiers[0].links, 16U);
  EXPECT_EQ(tiers[2].links, 8U);
  EXPECT_NEAR(tiers[0].parts[kBusy], 0.4, 0.01);
  EXPECT_NEAR(tiers[2].parts[kBusy], 0.4 * 2 * 3 / 4, 0.02);  // 3 of 4 packets leave their leaf
  for (const TierShare& tier : tiers) {
    EXPECT_GE(tier.busiest, tier.parts[kBusy]);
    EXPECT_EQ(result.links[tier.busiest_link].parts[kBusy], tier.busiest);
  }
}

TEST(LinksTest, ALinkIsFoundByItsEnds) {
  const auto topology = directcom::leaf_spine(2, 2, 2);
  for (const char* name : {"leaf1.2-spine0.1", "leaf1.2>spine0.1", "spine0.1-leaf1.2",
                           "leaf1-spine0", "spine0-leaf1", "spine0.1-leaf1"}) {
    const auto& link = topology.links[directcom::find_link(topology, name)];
    const auto& a = link.a.index == 1 && !link.a.node && link.a.port == 2 ? link.a : link.b;
    EXPECT_EQ(a.port, 2U) << name;
    EXPECT_EQ(topology.switches[a.index].name, "leaf1") << name;
  }
  EXPECT_TRUE(topology.links[directcom::find_link(topology, "node3-leaf1")].a.node);
  EXPECT_THROW(directcom::find_link(topology, "leaf1-spine2"), ConfigError);
  EXPECT_THROW(directcom::find_link(topology, ""), ConfigError);
}

TEST(LinksTest, AnEndWithoutPortsMustBeTheOnlyOne) {
  directcom::Topology topology;
  topology.nodes = 2;
  topology.switches = {{"a", 3, 0}, {"b", 3, 0}};
  topology.links = {{{true, 0, 0}, {false, 0, 0}, 0},
                    {{true, 1, 0}, {false, 1, 0}, 0},
                    {{false, 0, 1}, {false, 1, 1}, 1},
                    {{false, 0, 2}, {false, 1, 2}, 1}};
  EXPECT_THROW(directcom::find_link(topology, "a-b"), ConfigError);
  EXPECT_EQ(directcom::find_link(topology, "a.2-b"), 3U);
  EXPECT_EQ(directcom::find_link(topology, "b.1-a.1"), 2U);
}

TEST(LinksTest, CsvHasALineForEveryDirection) {
  const Machine machine(directcom::single_switch(2));
  const std::string csv = to_csv(run_uniform(machine, 0.1).links);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
  EXPECT_EQ(csv.rfind("from,to,tier,direction,busy,no_packet,no_credit,lost_arbitration\n", 0), 0U);
}

}  // namespace
}  // namespace aipu::fabric
