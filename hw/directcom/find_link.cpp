// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "hw/base/error.h"
#include "hw/base/nearest.h"
#include "hw/directcom/topology.h"

namespace aipu::directcom {
namespace {

std::string end_name(const Topology& topology, const Topology::End& end, bool with_port) {
  if (with_port) return name_of(topology, end);
  return end.node ? fmt::format("node{}", end.index) : topology.switches[end.index].name;
}

/// All that a user may call it.
std::vector<std::string> names_of(const Topology& topology, const Topology::Link& link) {
  std::vector<std::string> names;
  for (const bool forward : {true, false}) {
    const auto& from = forward ? link.a : link.b;
    const auto& to = forward ? link.b : link.a;
    for (const bool port_from : {true, false}) {
      for (const bool port_to : {true, false}) {
        const std::string name = end_name(topology, from, port_from);
        for (const char* between : {"-", ">"})
          names.push_back(name + between + end_name(topology, to, port_to));
      }
    }
  }
  return names;
}

}  // namespace

std::uint32_t find_link(const Topology& topology, const std::string& name) {
  std::vector<std::uint32_t> found;
  std::vector<std::string> known;
  for (std::uint32_t i = 0; i < topology.links.size(); ++i) {
    const auto names = names_of(topology, topology.links[i]);
    known.push_back(names.front());
    if (std::find(names.begin(), names.end(), name) != names.end()) found.push_back(i);
  }
  if (found.size() == 1) return found.front();
  if (!found.empty()) {
    std::vector<std::string> several;
    for (const std::uint32_t i : found)
      several.push_back(known[i]);
    throw ConfigError(
        "", fmt::format("{} links are '{}': {}", found.size(), name, fmt::join(several, ", ")));
  }
  const std::string close = nearest(name, known);
  throw ConfigError("", fmt::format("no link '{}'; {}", name,
                                    close.empty() ? "one reads " + known.front()
                                                  : "did you mean '" + close + "'?"));
}

}  // namespace aipu::directcom
