// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "hw/base/error.h"
#include "hw/directcom/routes.h"
#include "tests/hw/directcom/random_topology.h"

namespace aipu::directcom {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// Which channel can wait for which, by name, followed packet by packet.
std::map<std::string, std::set<std::string>> waits(const Routes& r) {
  const Topology& t = r.topology();
  std::map<std::string, std::set<std::string>> result;
  struct At {
    std::string channel;
    std::uint32_t index;
  };
  for (std::uint32_t source = 0; source < t.nodes; ++source) {
    for (std::uint32_t node = 0; node < t.nodes; ++node) {
      std::vector<At> queue;
      std::set<std::string> seen;
      for (std::uint32_t l = 0; l < t.lanes && node != source; ++l) {
        const Neighbour& n = r.lane(source, l);
        if (r.table(n.index).group_of[node] != RoutingTable::kNoGroup)
          queue.push_back({"lane " + std::to_string(source) + "." + std::to_string(l), n.index});
      }
      for (std::size_t i = 0; i < queue.size(); ++i) {
        const At at = queue[i];
        const RoutingTable& table = r.table(at.index);
        for (const std::uint16_t port : table.groups[table.group_of[node]]) {
          const Neighbour& n = r.neighbour(at.index, port);
          if (n.node) continue;
          const std::string next =
              name_of(t, {false, at.index, port}) + ">" + name_of(t, {false, n.index, n.port});
          result[at.channel].insert(next);
          if (seen.insert(next).second) queue.push_back({next, n.index});
        }
      }
    }
  }
  return result;
}

/// Takes away what waits for nothing until nothing changes; whether anything is left.
bool circle_in(std::map<std::string, std::set<std::string>> waits) {
  for (bool change = true; change;) {
    change = false;
    for (auto& entry : waits) {
      for (auto to = entry.second.begin(); to != entry.second.end();) {
        const bool free = waits.count(*to) == 0 || waits.at(*to).empty();
        change = change || free;
        to = free ? entry.second.erase(to) : std::next(to);
      }
    }
  }
  return std::any_of(waits.begin(), waits.end(), [](const auto& w) { return !w.second.empty(); });
}

/// Follows the routes to the end, on every branch.
bool arrives(const Routes& r, std::uint32_t s, std::uint32_t node, std::uint32_t steps = 0) {
  const RoutingTable& table = r.table(s);
  if (table.group_of[node] == RoutingTable::kNoGroup) return false;
  if (steps > r.topology().switches.size()) return false;
  const auto& group = table.groups[table.group_of[node]];
  return std::all_of(group.begin(), group.end(), [&](std::uint16_t port) {
    const Neighbour& n = r.neighbour(s, port);
    return n.node ? n.index == node : arrives(r, n.index, node, steps + 1);
  });
}

void expect_good_up_down(const Topology& t) {
  Routes r(t);
  route_up_down(r);
  EXPECT_THAT(r.dependency_cycle(), IsEmpty()) << t.name;
  EXPECT_FALSE(circle_in(waits(r))) << t.name;
  for (std::uint32_t node = 0; node < t.nodes; ++node) {
    for (std::uint32_t source = 0; source < t.nodes; ++source) {
      for (std::uint32_t l = 0; l < t.lanes; ++l)
        ASSERT_TRUE(arrives(r, r.lane(source, l).index, node)) << t.name;
    }
  }
}

TEST(DeadlockTest, TreesOfSwitchesHaveNone) {
  EXPECT_THAT(Routes(single_switch(16)).dependency_cycle(), IsEmpty());
  const Topology spine = leaf_spine(8, 8, 8);
  EXPECT_THAT(Routes(spine).dependency_cycle(), IsEmpty());
  for (const std::uint32_t modules : {1U, 2U, 16U, 40U}) {
    const Topology t = hc1000({modules});
    const Routes r(t);
    EXPECT_THAT(r.dependency_cycle(), IsEmpty()) << modules;
    EXPECT_NO_THROW(check_deadlock_free(r, ""));
  }
}

TEST(DeadlockTest, ShortestRoutesOfAFourRingHaveACircle) {
  const Topology t = test::ring(4);
  const Routes r(t);
  const std::vector<std::string> cycle = r.dependency_cycle();
  ASSERT_EQ(cycle.size(), 5U);
  EXPECT_EQ(cycle.front(), cycle.back());
  try {
    check_deadlock_free(r, "ring.yaml:9:1");
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), StartsWith("ring.yaml:9:1: routes can deadlock: " + cycle[0] +
                                         " -> " + cycle[1] + " -> "));
    EXPECT_THAT(error.what(), HasSubstr(cycle[0] + "; "));
    EXPECT_THAT(error.what(), EndsWith("up*/down* routes"));
  }
}

TEST(DeadlockTest, ShortestRoutesOfATriangleAreOneHopAndHaveNone) {
  const Topology t = test::ring(3, 2);
  EXPECT_THAT(Routes(t).dependency_cycle(), IsEmpty());
}

TEST(DeadlockTest, ATriangleRoutedOneWayRoundHasACircle) {
  const Topology t = test::ring(3);
  Routes r(t);
  for (std::uint32_t s = 0; s < 3; ++s)
    r.set(s, (s + 2) % 3, {1});  // on, though the next one back would be nearer
  EXPECT_THAT(r.dependency_cycle(),
              testing::ElementsAre("a.1>b.2", "b.1>c.2", "c.1>a.2", "a.1>b.2"));
  route_up_down(r);
  EXPECT_THAT(r.dependency_cycle(), IsEmpty());
}

TEST(DeadlockTest, RoutesThatSendAPacketToAndFroHaveACircle) {
  const Topology t = test::ring(3);
  Routes r(t);
  r.set(0, 2, {1});  // a sends packets for c by b
  r.set(1, 2, {2});  // b by a
  EXPECT_THAT(r.dependency_cycle(), testing::ElementsAre("a.1>b.2", "b.2>a.1", "a.1>b.2"));
}

TEST(DeadlockTest, AWayThatNoPacketComesByDoesNotCount) {
  // With no nodes at b and d, no packet goes on past a or c.
  Topology t = test::ring(4);
  t.nodes = 2;  // at a and c
  t.links.erase(t.links.begin() + 3);
  t.links.erase(t.links.begin() + 1);
  t.links[1].a.index = 1;
  check_topology(t, "");
  EXPECT_THAT(Routes(t).dependency_cycle(), IsEmpty());
}

TEST(DeadlockTest, UpDownRoutesArriveWithoutACircle) {
  for (std::uint32_t switches = 2; switches < 9; ++switches)
    expect_good_up_down(test::ring(switches, 2));
  expect_good_up_down(leaf_spine(4, 2, 3));
  expect_good_up_down(hc1000({7, 4, 2, 1, 4}));
  for (std::uint32_t seed = 0; seed < 300; ++seed)
    expect_good_up_down(test::random_topology(seed));
}

TEST(DeadlockTest, UpDownRoutesOfALeafSpineAreAlsoLegalOnShortestOnes) {
  const Topology t = leaf_spine(4, 2, 1);
  const Routes shortest(t);
  Routes r(t);
  route_up_down(r);
  for (std::uint32_t s = 0; s < t.switches.size(); ++s) {
    EXPECT_EQ(r.table(s).groups, shortest.table(s).groups);
    EXPECT_EQ(r.table(s).group_of, shortest.table(s).group_of);
  }
}

TEST(DeadlockTest, ACircleIsFoundWhereverThereIsOne) {
  std::uint32_t found = 0;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    const Topology t = test::random_topology(seed);
    const Routes r(t);
    const auto graph = waits(r);
    const std::vector<std::string> cycle = r.dependency_cycle();
    ASSERT_EQ(!cycle.empty(), circle_in(graph)) << seed;
    for (std::size_t i = 0; i + 1 < cycle.size(); ++i)
      ASSERT_EQ(graph.at(cycle[i]).count(cycle[i + 1]), 1U) << cycle[i] << " " << cycle[i + 1];
    found += cycle.empty() ? 0 : 1;
  }
  EXPECT_GT(found, 10U);
  EXPECT_LT(found, 390U);
}

}  // namespace
}  // namespace aipu::directcom
