// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/topology.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "hw/base/error.h"

namespace aipu::directcom {
namespace {

using End = Topology::End;

End node_end(std::uint32_t node, std::uint32_t lane) {
  return {true, node, lane};
}
End switch_end(std::uint32_t index, std::uint32_t port) {
  return {false, index, port};
}

void expect_range(const char* what, std::uint32_t value, std::uint32_t first, std::uint32_t last) {
  if (value >= first && value <= last) return;
  throw ConfigError("", fmt::format("{}: {} is not between {} and {}", what, value, first, last));
}

/// `part` must divide `whole`.
void expect_whole(const char* what, std::uint32_t whole, std::uint32_t part) {
  if (part != 0 && whole % part == 0 && whole >= part) return;
  throw ConfigError("",
                    fmt::format("oversubscription: {} must divide the {} {}", part, whole, what));
}

std::uint32_t add_switch(Topology& t, std::string name, std::uint32_t ports, std::uint32_t level) {
  t.switches.push_back({std::move(name), ports, level});
  return static_cast<std::uint32_t>(t.switches.size() - 1);
}

/// What hc1000() derives from its description.
struct Shape {
  std::uint32_t tiers = 1;
  std::uint32_t up = 0;   ///< up ports of a leaf: spines of a plane, middle switches of a pod
  std::uint32_t pod = 1;  ///< modules of a full pod; the last may hold fewer
  std::uint32_t pods = 1;
  std::uint32_t core_up = 0;  ///< up ports of a middle switch: core switches of a group
};

Shape shape_of(const Hc1000& m) {
  expect_range("modules", m.modules, 1, 256);
  expect_range("aipus", m.aipus, 1, kMaxPorts);
  expect_range("planes", m.planes, 1, kMaxLanes);
  expect_range("radix", m.radix, 2, kMaxPorts);
  expect_range("modules x aipus", m.modules * m.aipus, 1, kMaxNodes);
  Shape s;
  if (m.modules == 1) return s;
  expect_whole("AIPUs of a module", m.aipus, m.oversubscription);
  s.up = m.aipus / m.oversubscription;
  expect_range("ports of a leaf", m.aipus + s.up, 1, kMaxPorts);
  s.tiers = 2;
  s.pod = m.modules;
  if (m.modules <= m.radix) return s;
  s.tiers = 3;
  s.pod = m.radix / 2;
  s.pods = (m.modules + s.pod - 1) / s.pod;
  if (s.pods > m.radix) {
    throw ConfigError("", fmt::format("modules: three tiers of switches with {} ports join no more "
                                      "than {} modules, not {}",
                                      m.radix, s.pod * m.radix, m.modules));
  }
  expect_whole("down ports of a middle switch", s.pod, m.oversubscription);
  s.core_up = s.pod / m.oversubscription;
  return s;
}

/// Builds the switches of one plane after those of the planes before it.
class PlaneBuilder {
 public:
  PlaneBuilder(Topology& topology, const Hc1000& machine, const Shape& shape, std::uint32_t plane)
      : t_(topology), m_(machine), s_(shape), plane_(plane) {}

  void build() {
    const std::uint32_t leaves = add_leaves();
    if (s_.tiers == 2) add_middle(leaves, m_.modules, fmt::format("plane{}.spine", plane_));
    if (s_.tiers == 3) add_pods(leaves);
  }

 private:
  /// One a module, with its nodes; returns the first.
  std::uint32_t add_leaves() {
    const auto first = static_cast<std::uint32_t>(t_.switches.size());
    for (std::uint32_t module = 0; module < m_.modules; ++module) {
      const std::uint32_t leaf =
          add_switch(t_, fmt::format("plane{}.leaf{}", plane_, module), m_.aipus + s_.up, 0);
      for (std::uint32_t aipu = 0; aipu < m_.aipus; ++aipu)
        t_.links.push_back({node_end(module * m_.aipus + aipu, plane_), switch_end(leaf, aipu), 0});
    }
    return first;
  }

  /// The switches above `count` leaves, each linked to every one; returns the first.
  std::uint32_t add_middle(std::uint32_t leaf, std::uint32_t count, const std::string& name) {
    const auto first = static_cast<std::uint32_t>(t_.switches.size());
    for (std::uint32_t i = 0; i < s_.up; ++i) {
      const std::uint32_t middle =
          add_switch(t_, fmt::format("{}{}", name, i), count + s_.core_up, 1);
      for (std::uint32_t l = 0; l < count; ++l)
        t_.links.push_back({switch_end(leaf + l, m_.aipus + i), switch_end(middle, l), 1});
    }
    return first;
  }

  /// Middle switch i of every pod is linked to every core switch of group i.
  void add_pods(std::uint32_t leaves) {
    std::vector<std::uint32_t> middles;  // first of a pod
    for (std::uint32_t pod = 0; pod < s_.pods; ++pod) {
      middles.push_back(add_middle(leaves + pod * s_.pod, leaves_of(pod),
                                   fmt::format("plane{}.pod{}.mid", plane_, pod)));
    }
    for (std::uint32_t core = 0; core < s_.up * s_.core_up; ++core) {
      const std::uint32_t index =
          add_switch(t_, fmt::format("plane{}.core{}", plane_, core), s_.pods, 2);
      for (std::uint32_t pod = 0; pod < s_.pods; ++pod) {
        t_.links.push_back(
            {switch_end(middles[pod] + core / s_.core_up, leaves_of(pod) + core % s_.core_up),
             switch_end(index, pod), 2});
      }
    }
  }

  std::uint32_t leaves_of(std::uint32_t pod) const {
    return std::min(s_.pod, m_.modules - pod * s_.pod);
  }

  Topology& t_;
  const Hc1000& m_;
  const Shape& s_;
  std::uint32_t plane_;
};

}  // namespace

Topology single_switch(std::uint32_t nodes) {
  expect_range("ports of the switch", nodes, 1, kMaxPorts);
  Topology t;
  t.name = fmt::format("switch:{}", nodes);
  t.nodes = nodes;
  add_switch(t, "switch", nodes, 0);
  for (std::uint32_t node = 0; node < nodes; ++node)
    t.links.push_back({node_end(node, 0), switch_end(0, node), 0});
  return t;
}

Topology leaf_spine(std::uint32_t leaves, std::uint32_t down, std::uint32_t spines) {
  expect_range("leaves", leaves, 1, kMaxPorts);
  expect_range("nodes of a leaf", down, 1, kMaxPorts);
  expect_range("spines", spines, 1, kMaxPorts);
  expect_range("ports of a leaf", down + spines, 1, kMaxPorts);
  expect_range("nodes", leaves * down, 1, kMaxNodes);
  Topology t;
  t.name = fmt::format("leafspine:{}x{}x{}", leaves, down, spines);
  t.nodes = leaves * down;
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    add_switch(t, fmt::format("leaf{}", leaf), down + spines, 0);
    for (std::uint32_t i = 0; i < down; ++i)
      t.links.push_back({node_end(leaf * down + i, 0), switch_end(leaf, i), 0});
  }
  for (std::uint32_t spine = 0; spine < spines; ++spine) {
    const std::uint32_t index = add_switch(t, fmt::format("spine{}", spine), leaves, 1);
    for (std::uint32_t leaf = 0; leaf < leaves; ++leaf)
      t.links.push_back({switch_end(leaf, down + spine), switch_end(index, leaf), 1});
  }
  return t;
}

Topology hc1000(const Hc1000& machine) {
  const Shape shape = shape_of(machine);
  Topology t;
  t.name = fmt::format("hc1000:{}", machine.modules);
  t.nodes = machine.modules * machine.aipus;
  t.lanes = machine.planes;
  for (std::uint32_t plane = 0; plane < machine.planes; ++plane)
    PlaneBuilder(t, machine, shape, plane).build();
  return t;
}

}  // namespace aipu::directcom
