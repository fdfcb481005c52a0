// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/topology.h"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "hw/base/error.h"
#include "tests/hw/directcom/random_topology.h"

namespace aipu::directcom {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}
std::string error_of(const Topology& t) {
  return error_of([&t] { check_topology(t, "here"); });
}
std::string error_of(const Hc1000& machine) {
  return error_of([&machine] { hc1000(machine); });
}

std::map<std::uint32_t, std::uint32_t> switches_by_level(const Topology& t) {
  std::map<std::uint32_t, std::uint32_t> count;
  for (const Topology::Switch& s : t.switches)
    ++count[s.level];
  return count;
}

/// What each port of a switch leads to, as `name.port`.
std::map<std::string, std::string> wires(const Topology& t) {
  std::map<std::string, std::string> result;
  for (const Topology::Link& link : t.links) {
    result[name_of(t, link.a)] = name_of(t, link.b);
    result[name_of(t, link.b)] = name_of(t, link.a);
  }
  return result;
}

std::size_t all_ports(const Topology& t) {
  std::size_t ports = 0;
  for (const Topology::Switch& s : t.switches)
    ports += s.ports;
  return ports;
}

Hc1000 machine_of(std::uint32_t modules) {
  Hc1000 machine;
  machine.modules = modules;
  return machine;
}

TEST(TopologyTest, OneSwitchHasNodeIAtPortI) {
  const Topology t = single_switch(16);
  check_topology(t, "");
  EXPECT_EQ(t.nodes, 16U);
  EXPECT_EQ(t.lanes, 1U);
  ASSERT_EQ(t.switches.size(), 1U);
  EXPECT_EQ(t.switches[0].ports, 16U);
  for (std::uint32_t i = 0; i < 16; ++i)
    EXPECT_EQ(wires(t).at("node" + std::to_string(i) + ".0"), "switch." + std::to_string(i));
}

TEST(TopologyTest, ALeafLinksEverySpineOnceBehindItsNodes) {
  const Topology t = leaf_spine(4, 8, 3);
  check_topology(t, "");
  EXPECT_EQ(t.nodes, 32U);
  EXPECT_EQ(switches_by_level(t), (std::map<std::uint32_t, std::uint32_t>{{0, 4}, {1, 3}}));
  const auto to = wires(t);
  EXPECT_EQ(to.at("node11.0"), "leaf1.3");
  EXPECT_EQ(to.at("leaf1.8"), "spine0.1");
  EXPECT_EQ(to.at("leaf3.10"), "spine2.3");
  EXPECT_EQ(to.size(), all_ports(t) + t.nodes);  // no port is left over
}

struct Counts {
  std::uint32_t modules;
  std::map<std::uint32_t, std::uint32_t> of_a_plane;  ///< switches by level
  std::size_t links;                                  ///< of all four planes
};

class Hc1000Test : public testing::TestWithParam<Counts> {};

TEST_P(Hc1000Test, HasTheTiersItNeedsAndNoPortToSpare) {
  const Counts& want = GetParam();
  const Topology t = hc1000(machine_of(want.modules));
  check_topology(t, "");
  EXPECT_EQ(t.nodes, want.modules * 16);
  EXPECT_EQ(t.lanes, 4U);
  for (const auto& [level, count] : switches_by_level(t))
    EXPECT_EQ(count, 4 * want.of_a_plane.at(level)) << "level " << level;
  EXPECT_EQ(t.switches.size() % 4, 0U);
  EXPECT_EQ(t.links.size(), want.links);
  EXPECT_EQ(all_ports(t) + std::size_t{t.nodes} * t.lanes, 2 * t.links.size());
  for (const Topology::Switch& s : t.switches)
    EXPECT_LE(s.ports, 32U) << s.name;
}

TEST_P(Hc1000Test, AnAipuIsAtThePortOfItsNumberInEveryPlane) {
  const Topology t = hc1000(machine_of(GetParam().modules));
  for (const Topology::Link& link : t.links) {
    if (!link.a.node) continue;
    EXPECT_EQ(t.switches[link.b.index].name,
              "plane" + std::to_string(link.a.port) + ".leaf" + std::to_string(link.a.index / 16));
    EXPECT_EQ(link.b.port, link.a.index % 16);
    EXPECT_EQ(link.tier, 0U);
  }
}

// Links: 16 a module to AIPUs, as many from leaves up, as many from the middle up; of 4 planes.
INSTANTIATE_TEST_SUITE_P(
    Modules, Hc1000Test,
    testing::Values(Counts{1, {{0, 1}}, 64}, Counts{2, {{0, 2}, {1, 16}}, 256},
                    Counts{16, {{0, 16}, {1, 16}}, 2048}, Counts{32, {{0, 32}, {1, 16}}, 4096},
                    Counts{40, {{0, 40}, {1, 48}, {2, 256}}, 4 * (640 + 640 + 768)},
                    Counts{256, {{0, 256}, {1, 256}, {2, 256}}, 49'152}),
    [](const auto& test) { return std::to_string(test.param.modules); });

TEST(Hc1000ShapeTest, PlanesAreAlikeAndMeetOnlyInTheAipus) {
  const Topology t = hc1000(machine_of(40));
  std::set<std::tuple<std::string, std::string>> planes[4];
  const auto split = [&t](const Topology::End& end) {
    const std::string name = name_of(t, end);  // planeP.rest
    return std::pair(static_cast<std::uint32_t>(name[5] - '0'), name.substr(7));
  };
  for (const Topology::Link& link : t.links) {
    if (link.a.node) continue;
    const auto [plane_a, a] = split(link.a);
    const auto [plane_b, b] = split(link.b);
    ASSERT_EQ(plane_a, plane_b);
    planes[plane_a].emplace(a, b);
  }
  for (const auto& plane : planes)
    EXPECT_EQ(plane, planes[0]);
}

/// Swapping two modules (of a pod), or two pods, maps links onto links: the middle and core
/// switches stay where they are.
TEST(Hc1000ShapeTest, ModulesAndPodsCanBeSwapped) {
  const Topology t = hc1000(machine_of(48));
  std::set<std::pair<std::string, std::string>> middle;  // switches joined, without ports
  for (const Topology::Link& link : t.links) {
    if (!link.a.node) middle.emplace(t.switches[link.a.index].name, t.switches[link.b.index].name);
  }
  for (std::uint32_t pod = 0; pod < 3; ++pod) {
    for (std::uint32_t mid = 0; mid < 16; ++mid) {
      const std::string name = "plane1.pod" + std::to_string(pod) + ".mid" + std::to_string(mid);
      for (std::uint32_t leaf = 0; leaf < 16; ++leaf)
        EXPECT_EQ(middle.count({"plane1.leaf" + std::to_string(pod * 16 + leaf), name}), 1U);
      for (std::uint32_t core = 0; core < 16; ++core)
        EXPECT_EQ(middle.count({name, "plane1.core" + std::to_string(mid * 16 + core)}), 1U);
    }
  }
  EXPECT_EQ(middle.size(), 4U * 3 * 16 * (16 + 16));
}

TEST(Hc1000ShapeTest, OversubscriptionDividesTheUpPortsOfEveryTier) {
  Hc1000 machine = machine_of(32);
  machine.oversubscription = 4;
  EXPECT_EQ(switches_by_level(hc1000(machine)),
            (std::map<std::uint32_t, std::uint32_t>{{0, 128}, {1, 16}}));
  machine.modules = 64;
  const Topology t = hc1000(machine);
  check_topology(t, "");
  // 4 pods x 4 middle switches, 4 groups of 4 core switches, in 4 planes
  EXPECT_EQ(switches_by_level(t),
            (std::map<std::uint32_t, std::uint32_t>{{0, 256}, {1, 64}, {2, 64}}));
}

TEST(Hc1000ShapeTest, WhatCannotBeBuiltIsRefused) {
  EXPECT_THAT(error_of(machine_of(0)), StartsWith("modules: 0 is not between 1 and 256"));
  EXPECT_THAT(error_of(machine_of(257)), StartsWith("modules: 257"));
  EXPECT_THAT(error_of(Hc1000{256, 32}), StartsWith("modules x aipus: 8192"));
  EXPECT_THAT(error_of(Hc1000{2, 16, 0}), StartsWith("planes: 0"));
  EXPECT_THAT(error_of(Hc1000{2, 16, 17}), StartsWith("planes: 17"));
  EXPECT_THAT(error_of(Hc1000{2, 16, 4, 3}), HasSubstr("3 must divide the 16 AIPUs of a module"));
  EXPECT_THAT(error_of(Hc1000{2, 16, 4, 0}), HasSubstr("oversubscription: 0"));
  EXPECT_THAT(error_of(Hc1000{64, 12, 4, 3}), HasSubstr("3 must divide the 16 down ports"));
  EXPECT_THAT(error_of(Hc1000{40, 16, 4, 1, 8}), HasSubstr("no more than 32 modules, not 40"));
  EXPECT_THAT(error_of(Hc1000{2, 200}), HasSubstr("ports of a leaf: 400"));
}

TEST(TopologyTest, SizesOutOfRangeAreRefused) {
  EXPECT_THAT(error_of([] { single_switch(0); }), HasSubstr("0 is not between 1 and 256"));
  EXPECT_THAT(error_of([] { single_switch(257); }), HasSubstr("257"));
  EXPECT_THAT(error_of([] { leaf_spine(0, 4, 4); }), StartsWith("leaves: 0"));
  EXPECT_THAT(error_of([] { leaf_spine(4, 4, 0); }), StartsWith("spines: 0"));
  EXPECT_THAT(error_of([] { leaf_spine(4, 200, 100); }), StartsWith("ports of a leaf: 300"));
  EXPECT_THAT(error_of([] { leaf_spine(256, 32, 1); }), StartsWith("nodes: 8192"));
}

TEST(CheckTopologyTest, SaysInOneLineWhatIsWrong) {
  Topology t = leaf_spine(2, 2, 1);
  t.links.push_back({{false, 0, 2}, {false, 2, 0}, 1});
  EXPECT_EQ(error_of(t), "here: port leaf0.2 is used by two links; it takes one");

  t = leaf_spine(2, 2, 1);
  t.links.back().b = {false, 9, 0};
  EXPECT_EQ(error_of(t), "here: switch 9 of a link does not exist; there are 3");

  t = leaf_spine(2, 2, 1);
  t.links.back().b = {false, 2, 7};
  EXPECT_EQ(error_of(t), "here: port spine0.7 does not exist; ports are 0 to 1");

  t = leaf_spine(2, 2, 1);
  t.nodes = 5;
  EXPECT_EQ(error_of(t), "here: lane node4.0 is not linked; every lane needs a switch");

  t = leaf_spine(2, 2, 1);
  t.links.pop_back();
  EXPECT_EQ(error_of(t),
            "here: node0 and node2 cannot reach each other; links must join all nodes");

  t = leaf_spine(2, 2, 1);
  t.links[0].b = {true, 1, 0};
  EXPECT_EQ(error_of(t),
            "here: node0.0 and node1.0 are linked; a node's lane must lead to a switch");

  t = leaf_spine(2, 2, 1);
  t.links[0].a.index = 4;
  EXPECT_EQ(error_of(t), "here: node4 of a link does not exist; there are 4 nodes");

  t = leaf_spine(2, 2, 1);
  t.lanes = 17;
  EXPECT_EQ(error_of(t), "here: lanes: 17 is not between 1 and 16");
}

TEST(CheckTopologyTest, NodesMayShareASwitchPairByPair) {
  Topology t;  // three switches without a link between them, but every two nodes share one
  t.nodes = 3;
  t.lanes = 2;
  t.switches = {{"x", 2, 0}, {"y", 2, 0}, {"z", 2, 0}};
  t.links = {{{true, 0, 0}, {false, 0, 0}, 0}, {{true, 1, 0}, {false, 0, 1}, 0},
             {{true, 0, 1}, {false, 1, 0}, 0}, {{true, 2, 0}, {false, 1, 1}, 0},
             {{true, 1, 1}, {false, 2, 0}, 0}, {{true, 2, 1}, {false, 2, 1}, 0}};
  EXPECT_EQ(error_of(t), "accepted");
}

TEST(CheckTopologyTest, AnyConnectedTopologyPasses) {
  for (std::uint32_t seed = 0; seed < 100; ++seed)
    EXPECT_EQ(error_of(test::random_topology(seed)), "accepted") << seed;
}

}  // namespace
}  // namespace aipu::directcom
