// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "hw/directcom/topology.h"

namespace aipu::directcom::test {

/// Switches joined at random, with parallel links, in one piece; every lane at any of them.
inline Topology random_topology(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&random](std::uint32_t n) {
    return static_cast<std::uint32_t>(random() % n);
  };
  Topology t;
  t.name = "random " + std::to_string(seed);
  t.nodes = 2 + below(11);
  t.lanes = 1 + below(3);
  const std::uint32_t switches = 1 + below(9);
  for (std::uint32_t s = 0; s < switches; ++s)
    t.switches.push_back({"s" + std::to_string(s), 0, below(3)});
  const auto port = [&t](std::uint32_t s) {
    return Topology::End{false, s, t.switches[s].ports++};
  };
  for (std::uint32_t node = 0; node < t.nodes; ++node) {
    for (std::uint32_t lane = 0; lane < t.lanes; ++lane)
      t.links.push_back({{true, node, lane}, port(below(switches)), 0});
  }
  for (std::uint32_t s = 1; s < switches; ++s)
    t.links.push_back({port(s), port(below(s)), 1});
  for (std::uint32_t extra = below(2 * switches); extra > 0; --extra) {
    const std::uint32_t a = below(switches);
    const std::uint32_t b = below(switches);
    if (a != b) t.links.push_back({port(a), port(b), 1});
  }
  return t;
}

/// A circle of switches, `nodes` at each; port `nodes` leads on, the next one back.
inline Topology ring(std::uint32_t switches, std::uint32_t nodes = 1) {
  Topology t;
  t.nodes = switches * nodes;
  for (std::uint32_t s = 0; s < switches; ++s) {
    t.switches.push_back({std::string(1, static_cast<char>('a' + s)), nodes + 2, 0});
    for (std::uint32_t i = 0; i < nodes; ++i)
      t.links.push_back({{true, s * nodes + i, 0}, {false, s, i}, 0});
  }
  for (std::uint32_t s = 0; s < switches; ++s)
    t.links.push_back({{false, s, nodes}, {false, (s + 1) % switches, nodes + 1}, 1});
  return t;
}

}  // namespace aipu::directcom::test
