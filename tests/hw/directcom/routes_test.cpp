// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/routes.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

#include "hw/base/error.h"
#include "tests/hw/directcom/random_topology.h"

namespace aipu::directcom {
namespace {

using testing::HasSubstr;
using Group = std::vector<std::uint16_t>;

constexpr std::uint32_t kNever = 1'000'000;

/// Ports of a packet to a node while links may be masked.
Group choices(const Routes& r, std::uint32_t s, std::uint32_t node) {
  const RoutingTable& table = r.table(s);
  if (table.group_of[node] == RoutingTable::kNoGroup) return {};
  Group result = table.groups[table.group_of[node]];
  const auto unusable = [&](std::uint16_t port) {
    return !table.usable.empty() && !table.usable[r.kind_of(node)].has(port);
  };
  result.erase(std::remove_if(result.begin(), result.end(), unusable), result.end());
  return result;
}

/// Switches that a packet passes from `s` at most, whatever is chosen; kNever: it may not arrive.
std::uint32_t longest(const Routes& r, std::uint32_t s, std::uint32_t node,
                      std::uint32_t depth = 0) {
  const Group ports = choices(r, s, node);
  if (ports.empty() || depth > 50) return kNever;
  std::uint32_t most = 0;
  for (const std::uint16_t port : ports) {
    const Neighbour& n = r.neighbour(s, port);
    if (n.node && n.index != node) return kNever;
    most = std::max(most, n.node ? 1 : 1 + longest(r, n.index, node, depth + 1));
  }
  return std::min(most, kNever);
}

/// Switches on the shortest way, found without the routes.
std::vector<std::uint32_t> shortest(const Topology& t, std::uint32_t node) {
  std::vector<std::uint32_t> hops(t.switches.size(), kNever);
  for (bool change = true; change;) {
    change = false;
    const auto relax = [&](const Topology::End& from, const Topology::End& to) {
      if (from.node || (to.node && to.index != node)) return;
      const std::uint32_t h = to.node ? 1 : hops[to.index] + 1;
      if (h >= hops[from.index]) return;
      hops[from.index] = h;
      change = true;
    };
    for (const Topology::Link& link : t.links) {
      relax(link.a, link.b);
      relax(link.b, link.a);
    }
  }
  return hops;
}

void expect_minimal(const Topology& t) {
  const Routes r(t);
  for (std::uint32_t node = 0; node < t.nodes; ++node) {
    const std::vector<std::uint32_t> hops = shortest(t, node);
    for (std::uint32_t s = 0; s < t.switches.size(); ++s) {
      Group all;  // every port that brings a packet nearer
      for (std::uint16_t port = 0; port < t.switches[s].ports; ++port) {
        const Neighbour& n = r.neighbour(s, port);
        const std::uint32_t left = !n.linked ? kNever
                                   : n.node  ? (n.index == node ? 0 : kNever)
                                             : hops[n.index];
        if (left + 1 == hops[s]) all.push_back(port);
      }
      ASSERT_EQ(choices(r, s, node), all) << t.name << ", " << t.switches[s].name << " to " << node;
    }
  }
}

TEST(RoutesTest, OneSwitchHasAGroupForEveryPort) {
  const Topology t = single_switch(16);
  const Routes r(t);
  ASSERT_EQ(r.table(0).groups.size(), 16U);
  for (std::uint16_t i = 0; i < 16; ++i) {
    EXPECT_EQ(r.table(0).group_of[i], i);
    EXPECT_EQ(r.table(0).groups[i], Group{i});
  }
  EXPECT_FALSE(r.masked());
  EXPECT_TRUE(r.table(0).usable.empty());
}

TEST(RoutesTest, TheUpPortsOfALeafAreOneGroup) {
  const Topology t = leaf_spine(4, 2, 3);
  const Routes r(t);
  const RoutingTable& leaf = r.table(1);  // of nodes 2 and 3; groups in order of first destination
  EXPECT_EQ(leaf.groups, (std::vector<Group>{{2, 3, 4}, {0}, {1}}));
  EXPECT_EQ(leaf.group_of, (Group{0, 0, 1, 2, 0, 0, 0, 0}));
  EXPECT_EQ(r.table(4).groups, (std::vector<Group>{{0}, {1}, {2}, {3}}));
}

TEST(RoutesTest, EveryGroupIsEveryPortOfAShortestWay) {
  expect_minimal(single_switch(5));
  expect_minimal(leaf_spine(4, 3, 2));
  expect_minimal(test::ring(5));
  expect_minimal(hc1000({2, 4, 2, 1, 4}));
  expect_minimal(hc1000({7, 4, 2, 2, 4}));
  for (std::uint32_t seed = 0; seed < 200; ++seed)
    expect_minimal(test::random_topology(seed));
}

TEST(RoutesTest, ThreeTiersPassOneThreeOrFiveSwitches) {
  const Topology t = hc1000({40});
  const Routes r(t);
  for (std::uint32_t lane = 0; lane < 4; ++lane) {
    const std::uint32_t leaf = r.lane(0, lane).index;
    EXPECT_EQ(longest(r, leaf, 15), 1U);
    EXPECT_EQ(longest(r, leaf, 16), 3U);   // of the same pod
    EXPECT_EQ(longest(r, leaf, 639), 5U);  // of the last
    EXPECT_EQ(r.table(leaf).groups.size(), 17U);
    EXPECT_EQ(r.table(leaf).groups.back().size(), 16U);
  }
  EXPECT_EQ(r.usable_lanes(0, 639), 0xFU);
}

TEST(RoutesTest, TheLargestMachineHasRoutes) {
  const Topology t = hc1000({256});
  const Routes r(t);
  EXPECT_EQ(t.switches.size(), 3072U);
  EXPECT_EQ(choices(r, r.lane(0, 3).index, 4095).size(), 16U);
  EXPECT_EQ(longest(r, r.lane(17, 2).index, 18), 1U);
}

TEST(RoutesTest, ALaneThatDoesNotLeadToANodeIsNotUsable) {
  Topology t;  // node 0 at x and y, node 1 at x, node 2 at y
  t.nodes = 3;
  t.lanes = 2;
  t.switches = {{"x", 4, 0}, {"y", 4, 0}};
  t.links = {{{true, 0, 0}, {false, 0, 0}, 0}, {{true, 0, 1}, {false, 1, 0}, 0},
             {{true, 1, 0}, {false, 0, 1}, 0}, {{true, 1, 1}, {false, 0, 2}, 0},
             {{true, 2, 0}, {false, 1, 1}, 0}, {{true, 2, 1}, {false, 1, 2}, 0}};
  const Routes r(t);
  EXPECT_EQ(r.usable_lanes(0, 1), 1U);
  EXPECT_EQ(r.usable_lanes(0, 2), 2U);
  EXPECT_EQ(r.table(0).group_of[2], RoutingTable::kNoGroup);
  EXPECT_EQ(choices(r, 0, 1), (Group{1, 2}));  // both lanes of node 1
}

// --- masks ---

std::uint32_t link_at(const Topology& t, const std::string& end) {
  for (std::uint32_t i = 0; i < t.links.size(); ++i) {
    if (name_of(t, t.links[i].a) == end || name_of(t, t.links[i].b) == end) return i;
  }
  ADD_FAILURE() << "no link at " << end;
  return 0;
}

TEST(MaskTest, NoPacketIsSentUpWhereItsWayDownIsMasked) {
  const Topology t = leaf_spine(3, 2, 3);
  Routes r(t);
  r.mask(link_at(t, "spine1.2"));  // from leaf 2
  EXPECT_TRUE(r.masked());
  EXPECT_EQ(choices(r, 0, 4), (Group{2, 4}));
  EXPECT_EQ(choices(r, 0, 2), (Group{2, 3, 4}));  // leaf 1 has all three
  EXPECT_EQ(choices(r, 2, 0), (Group{2, 4}));
  EXPECT_TRUE(choices(r, 4, 4).empty());
  r.unmask(link_at(t, "spine1.2"));
  EXPECT_FALSE(r.masked());
  EXPECT_EQ(choices(r, 0, 4), (Group{2, 3, 4}));
  EXPECT_TRUE(r.table(0).usable.empty());
}

TEST(MaskTest, AMaskedLaneConcernsItsNodeOnly) {
  const Topology t = hc1000({2});
  Routes r(t);
  r.mask(link_at(t, "node5.2"));
  for (std::uint32_t source = 0; source < 32; ++source) {
    for (std::uint32_t destination = 0; destination < 32; ++destination) {
      if (source == destination) continue;
      EXPECT_EQ(r.usable_lanes(source, destination), source == 5 || destination == 5 ? 0xBU : 0xFU);
    }
  }
  const std::uint32_t far_leaf = r.lane(20, 2).index;
  EXPECT_TRUE(choices(r, far_leaf, 5).empty());
  EXPECT_EQ(choices(r, far_leaf, 6).size(), 16U);
}

TEST(MaskTest, AMaskThatCutsANodeOffIsRefusedAndChangesNothing) {
  const Topology t = leaf_spine(2, 2, 2);
  Routes r(t);
  const std::uint32_t last = link_at(t, "leaf1.3");
  r.mask(link_at(t, "leaf0.2"));
  const Group before = choices(r, 0, 2);
  try {
    r.mask(last);
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("link leaf1.3 - spine1.1 cannot be masked: node"));
    EXPECT_THAT(error.what(), HasSubstr("could no longer reach node"));
  }
  EXPECT_EQ(choices(r, 0, 2), before);
  EXPECT_EQ(r.usable_lanes(0, 2), 1U);
  r.unmask(last);  // was not masked: nothing to do
  EXPECT_TRUE(r.masked());
  EXPECT_EQ(choices(r, 0, 2), before);
  const Topology one = single_switch(4);
  Routes only(one);
  EXPECT_THROW(only.mask(2), ConfigError);
  EXPECT_FALSE(only.masked());
}

TEST(MaskTest, ANodeAloneKeepsALaneToItself) {
  const Topology t = single_switch(1);
  Routes r(t);
  EXPECT_THROW(r.mask(0), ConfigError);
  EXPECT_FALSE(r.masked());
  EXPECT_EQ(r.usable_lanes(0, 0), 1U);
}

/// Every way that is left ends at its node, and none that could be used is lost.
void expect_masks_right(const Topology& t, const Routes& whole, const Routes& r,
                        const std::vector<bool>& masked) {
  for (std::uint32_t node = 0; node < t.nodes; ++node) {
    const std::vector<std::uint32_t> hops = shortest(t, node);
    std::vector<std::uint32_t> order(t.switches.size());
    for (std::uint32_t s = 0; s < order.size(); ++s)
      order[s] = s;
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return hops[a] < hops[b]; });
    std::vector<Group> want(t.switches.size());
    for (const std::uint32_t s : order) {
      for (const std::uint16_t port : choices(whole, s, node)) {
        const Neighbour& n = whole.neighbour(s, port);
        if (!masked[n.link] && (n.node || !want[n.index].empty())) want[s].push_back(port);
      }
      ASSERT_EQ(choices(r, s, node), want[s]) << t.name;
    }
    for (std::uint32_t source = 0; source < t.nodes; ++source) {
      std::uint32_t lanes = 0;
      for (std::uint32_t l = 0; l < t.lanes; ++l) {
        const Neighbour& n = whole.lane(source, l);
        if (!masked[n.link] && !want[n.index].empty()) lanes |= 1U << l;
      }
      ASSERT_EQ(r.usable_lanes(source, node), lanes) << t.name;
      ASSERT_TRUE(lanes != 0 || source == node) << t.name;
    }
  }
}

TEST(MaskTest, AnyMasksLeaveExactlyTheWaysThatStillArrive) {
  std::uint32_t accepted = 0;
  std::uint32_t refused = 0;
  for (std::uint32_t seed = 0; seed < 150; ++seed) {
    const Topology t =
        seed % 3 == 0 ? hc1000({2 + seed % 5, 4, 2, 1, 4}) : test::random_topology(seed);
    const Routes whole(t);
    Routes r(t);
    std::vector<bool> masked(t.links.size(), false);
    std::mt19937 random(seed);
    for (int step = 0; step < 12; ++step) {
      const auto link = static_cast<std::uint32_t>(random() % t.links.size());
      try {
        if (masked[link]) {
          r.unmask(link);
        } else {
          r.mask(link);
        }
        masked[link] = !masked[link];
        ++accepted;
      } catch (const ConfigError&) {
        ASSERT_FALSE(masked[link]);
        ++refused;
      }
      expect_masks_right(t, whole, r, masked);
    }
  }
  EXPECT_GT(accepted, 100U);
  EXPECT_GT(refused, 100U);
}

// --- routes of one's own ---

TEST(SetRouteTest, AGroupReplacesTheShortestOne) {
  const Topology t = leaf_spine(2, 2, 3);
  Routes r(t);
  r.set(0, 2, {3});
  EXPECT_EQ(choices(r, 0, 2), Group{3});
  EXPECT_EQ(choices(r, 0, 3), (Group{2, 3, 4}));
  EXPECT_NE(r.kind_of(2), r.kind_of(3));
  r.set(0, {2, 3}, {4, 2, 4});
  EXPECT_EQ(choices(r, 0, 2), (Group{2, 4}));
  EXPECT_EQ(r.table(0).groups, (std::vector<Group>{{0}, {1}, {2, 4}}));  // none left over
}

TEST(SetRouteTest, MasksFollowIt) {
  const Topology t = leaf_spine(2, 2, 3);
  Routes r(t);
  r.set(0, 2, {3});
  EXPECT_THROW(r.mask(link_at(t, "leaf0.3")), ConfigError);
  r.mask(link_at(t, "leaf0.2"));
  EXPECT_EQ(choices(r, 0, 2), Group{3});
  EXPECT_EQ(choices(r, 0, 3), (Group{3, 4}));
}

TEST(SetRouteTest, PortsThatDoNotLeadThereAreRefused) {
  Topology t = leaf_spine(2, 2, 1);
  t.switches[0].ports = 5;
  Routes r(t);
  EXPECT_THROW(r.set(0, 2, {}), ConfigError);
  EXPECT_THROW(r.set(0, 2, {4}), ConfigError);  // not linked
  EXPECT_THROW(r.set(0, 2, {9}), ConfigError);
  EXPECT_THROW(r.set(0, 2, {1}), ConfigError);  // node 1
  EXPECT_EQ(choices(r, 0, 2), Group{2});
}

}  // namespace
}  // namespace aipu::directcom
