// SPDX-License-Identifier: Apache-2.0
#include "hw/config/topology_file.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <ostream>
#include <string>
#include <vector>

#include "hw/base/error.h"

namespace aipu::config {
namespace {

using directcom::Routes;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const char* const kRing =
    "nodes: 4\n"
    "switches:\n"
    "  - {name: a, ports: 3}\n"
    "  - {name: b, ports: 3}\n"
    "  - {name: c, ports: 3}\n"
    "  - {name: d, ports: 3}\n"
    "links:\n"
    "  - [node0, a]\n"
    "  - [node1, b]\n"
    "  - [node2, c]\n"
    "  - [node3, d]\n"
    "  - [a, b]\n"
    "  - [b, c]\n"
    "  - [c, d]\n"
    "  - [d, a]\n";

/// The ring with a piece of its text replaced.
std::string ring_with(const std::string& what, const std::string& by) {
  std::string text = kRing;
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), by);
}

std::string error_of(const std::string& text) {
  try {
    const TopologyFile file = load_topology_text(text, "t.yaml");
    Routes routes(file.topology);
    file.apply(routes);
    check_deadlock_free(routes, file.place);
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST(TopologyFileTest, LinksWithoutPortsTakeTheLowestThatNoLinkNames) {
  const TopologyFile file = load_topology_text(
      "name: pair\n"
      "nodes: 3\n"
      "lanes: 2\n"
      "switches:\n"
      "  - {name: plane0.leaf, ports: 5}\n"
      "  - {name: core, ports: 4, level: 2}\n"
      "links:\n"
      "  - [node0, plane0.leaf]\n"
      "  - [plane0.leaf.0, node1.1]\n"
      "  - [node1, plane0.leaf]\n"
      "  - [core, node0]\n"
      "  - [node2.1, core.0]\n"
      "  - [node2.0, core]\n"
      "  - [plane0.leaf, core]\n",
      "t.yaml");
  const directcom::Topology& t = file.topology;
  EXPECT_EQ(t.name, "pair");
  EXPECT_EQ(t.nodes, 3U);
  EXPECT_EQ(t.lanes, 2U);
  EXPECT_EQ(t.switches[1].level, 2U);
  std::vector<std::string> links;
  for (const directcom::Topology::Link& link : t.links)
    links.push_back(name_of(t, link.a) + " " + name_of(t, link.b) + " " +
                    std::to_string(link.tier));
  EXPECT_THAT(
      links, testing::ElementsAre("node0.0 plane0.leaf.1 0", "plane0.leaf.0 node1.1 0",
                                  "node1.0 plane0.leaf.2 0", "core.1 node0.1 0", "node2.1 core.0 0",
                                  "node2.0 core.2 0", "plane0.leaf.3 core.3 2"));
}

TEST(TopologyFileTest, TheNameIsThatOfTheFileUnlessGiven) {
  EXPECT_EQ(load_topology_text(kRing, "some/where/square.yaml").topology.name, "square");
}

TEST(TopologyFileTest, ShortestRoutesOfARingAreRefusedAndUpDownOnesAreNot) {
  EXPECT_THAT(error_of(kRing), StartsWith("t.yaml:1:1: routes can deadlock: "));
  EXPECT_THAT(error_of(std::string(kRing) + "routes: shortest\n"),
              StartsWith("t.yaml:16:9: routes can deadlock: "));
  EXPECT_EQ(error_of(std::string(kRing) + "routes: updown\n"), "accepted");
}

TEST(TopologyFileTest, ListedRoutesReplaceTheShortest) {
  // c is reached by b and a by d only: two of the four circles' links are used no more.
  const std::string text = std::string(kRing) +
                           "routes:\n"
                           "  - {at: a, to: 2, ports: [1]}\n"
                           "  - {at: c, to: node0, ports: 1}\n"
                           "  - {at: b, to: 3, ports: 1}\n"
                           "  - {at: d, to: [1-1], ports: [2]}\n";
  const TopologyFile file = load_topology_text(text, "t.yaml");
  Routes routes(file.topology);
  file.apply(routes);
  const directcom::RoutingTable& a = routes.table(0);
  EXPECT_EQ(a.groups[a.group_of[2]], std::vector<std::uint16_t>{1});
  const directcom::RoutingTable& d = routes.table(3);
  EXPECT_EQ(d.groups[d.group_of[1]], std::vector<std::uint16_t>{2});
  EXPECT_THAT(error_of(text), Not(HasSubstr("unknown")));
}

TEST(TopologyFileTest, ARouteMayNameManyNodes) {
  const TopologyFile file = load_topology_text(
      "nodes: 6\n"
      "switches: [{name: x, ports: 6}, {name: y, ports: 6}]\n"
      "links: [[node0, x], [node1, x], [node2, y], [node3, y], [node4, y], [node5, y],\n"
      "        [x.4, y.4], [x.5, y.5]]\n"
      "routes: [{at: x, to: [2-4, 5], ports: 5}, {at: y, to: 0-1, ports: [4]}]\n",
      "t.yaml");
  ASSERT_EQ(file.routes.size(), 2U);
  EXPECT_EQ(file.routes[0].to, (std::vector<std::uint32_t>{2, 3, 4, 5}));
  Routes routes(file.topology);
  file.apply(routes);
  EXPECT_EQ(routes.table(0).groups.back(), std::vector<std::uint16_t>{5});
  EXPECT_NO_THROW(check_deadlock_free(routes, ""));
}

struct Broken {
  const char* name;
  const char* what;
  const char* by;
  const char* error;
};
std::ostream& operator<<(std::ostream& out, const Broken& b) {
  return out << b.name;
}

class BrokenTopologyTest : public testing::TestWithParam<Broken> {};

TEST_P(BrokenTopologyTest, IsRefusedInOneLineWithItsPlace) {
  const std::string error = error_of(ring_with(GetParam().what, GetParam().by));
  EXPECT_EQ(error, GetParam().error);
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenTopologyTest,
    testing::Values(
        Broken{"UnknownKey", "switches:", "switchs:",
               "t.yaml:2:1: unknown key 'switchs'; did you mean 'switches'?"},
        Broken{"MissingKey", "nodes: 4\n", "", "t.yaml:1:1: 'nodes' is missing"},
        Broken{"GivenTwice", "nodes: 4\n", "nodes: 4\nnodes: 5\n",
               "t.yaml:2:1: nodes: given twice"},
        Broken{"NoNumber", "nodes: 4", "nodes: many",
               "t.yaml:1:8: nodes: 'many' is not a whole number between 1 and 4096"},
        Broken{"TooManyNodes", "nodes: 4", "nodes: 5000",
               "t.yaml:1:8: nodes: '5000' is not a whole number between 1 and 4096"},
        Broken{"NegativePorts", "{name: b, ports: 3}", "{name: b, ports: -3}",
               "t.yaml:4:22: b: ports: '-3' is not a whole number between 1 and 256"},
        Broken{"KeyOfASwitch", "{name: b, ports: 3}", "{name: b, port: 3}",
               "t.yaml:4:15: switch: unknown key 'port'; did you mean 'ports'?"},
        Broken{"SwitchWithoutPorts", "{name: b, ports: 3}", "{name: b}",
               "t.yaml:4:5: 'ports' is missing"},
        Broken{"SwitchTwice", "{name: b, ", "{name: a, ",
               "t.yaml:4:12: name: there are two switches 'a'"},
        Broken{"SwitchNamedAsANode", "{name: b, ", "{name: node7, ",
               "t.yaml:4:12: name: 'node7' reads as a node or a port; a switch needs another, such "
               "as a or leaf0"},
        Broken{"UnknownSwitch", "[a, b]", "[a, leaf]",
               "t.yaml:12:9: unknown switch 'leaf'; known: a, b, c, d"},
        Broken{"UnknownNode", "[node3, d]", "[node4, d]",
               "t.yaml:11:6: unknown node '4'; nodes are 0 to 3"},
        Broken{"NoSuchPort", "[a, b]", "[a.3, b]",
               "t.yaml:12:6: 'a.3': there is no such port; ports are 0 to 2"},
        Broken{"NoSuchLane", "[node3, d]", "[node3.1, d]",
               "t.yaml:11:6: 'node3.1': there is no such lane; lanes are 0 to 0"},
        Broken{"PortTwice", "[a, b]\n  - [b, c]", "[a, b.1]\n  - [b.1, c]",
               "t.yaml:13:6: port b.1 is used twice, first at t.yaml:12:9"},
        Broken{"NoPortLeft", "[d, a]\n", "[d, a]\n  - [c, a]\n",
               "t.yaml:16:6: 'c' has no port left; 3 are linked"},
        Broken{"LaneTwice", "[node3, d]", "[node3, d]\n  - [node3, c]",
               "t.yaml:12:6: 'node3' has no lane left; 1 are linked"},
        Broken{"LaneNotLinked", "  - [node3, d]\n", "",
               "t.yaml:8:3: lane node3.0 is not linked; every lane needs a switch"},
        Broken{"TwoNodes", "[node3, d]", "[node3, node2]",
               "t.yaml:11:5: links: two nodes; a node's lane must lead to a switch"},
        Broken{"NotConnected", "  - [c, d]\n  - [d, a]\n", "",
               "t.yaml:8:3: node0 and node3 cannot reach each other; links must join all nodes"},
        Broken{"LinkOfThree", "[a, b]", "[a, b, c]",
               "t.yaml:12:5: links: a link takes its two ends, such as [node0.0, a.3]"},
        Broken{"NoList", "links:\n", "links: none\nnothing:\n",
               "t.yaml:8:1: unknown key 'nothing'; "
               "known: name, nodes, lanes, switches, links, routes"},
        Broken{"UnknownRule", "nodes: 4\n", "nodes: 4\nroutes: up-down\n",
               "t.yaml:2:9: routes: unknown rule 'up-down'; takes shortest, updown or a list"},
        Broken{"RouteAtUnknownSwitch", "nodes: 4\n",
               "nodes: 4\nroutes: [{at: core, to: 1, ports: 1}]\n",
               "t.yaml:2:15: unknown switch 'core'; known: a, b, c, d"},
        Broken{"RouteToUnknownNode", "nodes: 4\n",
               "nodes: 4\nroutes: [{at: a, to: 2-4, ports: 1}]\n",
               "t.yaml:2:22: unknown node '4'; nodes are 0 to 3"},
        Broken{"RouteToNone", "nodes: 4\n", "nodes: 4\nroutes: [{at: a, to: 2-1, ports: 1}]\n",
               "t.yaml:2:22: to: the range '2-1' is empty"},
        Broken{"RouteByNoPort", "nodes: 4\n", "nodes: 4\nroutes: [{at: a, to: 2, ports: 3}]\n",
               "t.yaml:2:32: ports: '3' is not a whole number between 0 and 2"},
        Broken{"RouteByAnotherNode", "nodes: 4\n", "nodes: 4\nroutes: [{at: a, to: 2, ports: 0}]\n",
               "t.yaml:2:10: a.0 leads to node0, from where node2 cannot be reached"},
        Broken{
            "RouteToAndFro", "nodes: 4\n",
            "nodes: 4\nroutes: [{at: a, to: 2, ports: 1}, {at: b, to: 2, ports: 1}]\n",
            "t.yaml:2:9: routes can deadlock: a.1>b.1 -> b.1>a.1 -> a.1>b.1; links must not wait "
            "for each other in a circle, as with up*/down* routes"}),
    [](const auto& test) { return test.param.name; });

TEST(TopologyFileTest, WhatIsNoTopologyIsRefused) {
  EXPECT_THAT(error_of(""), StartsWith("t.yaml: no topology in it"));
  EXPECT_THAT(error_of("- 1\n"), StartsWith("t.yaml:1:1: takes a map of name, nodes"));
  EXPECT_THAT(error_of("nodes: [1\n"), StartsWith("t.yaml:"));
  EXPECT_THAT(error_of(std::string(kRing) + "---\nnodes: 1\n"), HasSubstr("a second document"));
  EXPECT_THAT(error_of("nodes: 1\nswitches: 4\nlinks: []\n"),
              StartsWith("t.yaml:2:11: switches: takes a list"));
  EXPECT_THAT(error_of("nodes: 1\nswitches: [4]\nlinks: []\n"),
              StartsWith("t.yaml:2:12: switch: takes a map of name, ports, level"));
  EXPECT_THAT(error_of("nodes: {}\nswitches: []\nlinks: []\n"),
              StartsWith("t.yaml:1:8: nodes: a list or map is not a whole number"));
  EXPECT_THROW(load_topology("no/such/file.yaml"), IoError);
  EXPECT_THROW(load_topology("."), IoError);
}

}  // namespace
}  // namespace aipu::config
