// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "hw/base/error.h"
#include "hw/directcom/topology.h"

namespace aipu::directcom {
namespace {

using End = Topology::End;

/// Which switches are joined, and by that which nodes.
class Components {
 public:
  explicit Components(const Topology& t) : parent_(t.switches.size()), of_node_(t.nodes) {
    std::iota(parent_.begin(), parent_.end(), 0U);
    for (const Topology::Link& link : t.links) {
      if (!link.a.node && !link.b.node) parent_[root(link.a.index)] = root(link.b.index);
    }
    for (const Topology::Link& link : t.links) {
      if (link.a.node) of_node_[link.a.index].push_back(root(link.b.index));
      if (link.b.node) of_node_[link.b.index].push_back(root(link.a.index));
    }
    for (std::vector<std::uint32_t>& roots : of_node_) {
      std::sort(roots.begin(), roots.end());
      roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
    }
  }

  bool joined(std::uint32_t a, std::uint32_t b) const {
    const std::vector<std::uint32_t>& one = of_node_[a];
    return std::any_of(of_node_[b].begin(), of_node_[b].end(), [&one](std::uint32_t r) {
      return std::binary_search(one.begin(), one.end(), r);
    });
  }
  bool alike(std::uint32_t a, std::uint32_t b) const { return of_node_[a] == of_node_[b]; }

 private:
  std::uint32_t root(std::uint32_t i) {
    while (parent_[i] != i)
      i = parent_[i] = parent_[parent_[i]];
    return i;
  }

  std::vector<std::uint32_t> parent_;
  std::vector<std::vector<std::uint32_t>> of_node_;  ///< roots, ascending
};

class Checker {
 public:
  Checker(const Topology& topology, const std::string& where) : t_(topology), where_(where) {}

  void check() {
    range("nodes", t_.nodes, 1, kMaxNodes);
    range("lanes", t_.lanes, 1, kMaxLanes);
    for (const Topology::Switch& s : t_.switches)
      range("ports of " + s.name, s.ports, 1, kMaxPorts);
    lanes_.assign(t_.nodes, std::vector<bool>(t_.lanes, false));
    for (const Topology::Switch& s : t_.switches)
      ports_.emplace_back(s.ports, false);
    for (const Topology::Link& link : t_.links)
      check_link(link);
    for (std::uint32_t node = 0; node < t_.nodes; ++node) {
      for (std::uint32_t lane = 0; lane < t_.lanes; ++lane) {
        if (!lanes_[node][lane])
          fail(fmt::format("lane node{}.{} is not linked; every lane needs a switch", node, lane));
      }
    }
    check_connected();
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw ConfigError(where_, message); }

  void range(const std::string& what, std::uint32_t value, std::uint32_t first,
             std::uint32_t last) const {
    if (value < first || value > last)
      fail(fmt::format("{}: {} is not between {} and {}", what, value, first, last));
  }

  void check_link(const Topology::Link& link) {
    take(link.a);
    take(link.b);
    if (link.a.node && link.b.node) {
      fail(fmt::format("{} and {} are linked; a node's lane must lead to a switch",
                       name_of(t_, link.a), name_of(t_, link.b)));
    }
  }

  void take(const End& end) {
    if (!end.node && end.index >= t_.switches.size()) {
      fail(fmt::format("switch {} of a link does not exist; there are {}", end.index,
                       t_.switches.size()));
    }
    if (end.node && end.index >= t_.nodes)
      fail(fmt::format("node{} of a link does not exist; there are {} nodes", end.index, t_.nodes));
    std::vector<bool>& used = end.node ? lanes_[end.index] : ports_[end.index];
    const char* what = end.node ? "lane" : "port";
    if (end.port >= used.size()) {
      fail(fmt::format("{} {} does not exist; {}s are 0 to {}", what, name_of(t_, end), what,
                       used.size() - 1));
    }
    if (used[end.port]) {
      fail(fmt::format("{} {} is used by two links; it takes one", what, name_of(t_, end)));
    }
    used[end.port] = true;
  }

  void check_connected() const {
    const Components components(t_);
    for (std::uint32_t a = 0; a < t_.nodes; ++a) {
      if (a != 0 && components.alike(a, a - 1)) continue;  // node a - 1 has been compared with all
      for (std::uint32_t b = 0; b < t_.nodes; ++b) {
        if (!components.joined(a, b)) {
          fail(fmt::format("node{} and node{} cannot reach each other; links must join all nodes",
                           a, b));
        }
      }
    }
  }

  const Topology& t_;
  const std::string& where_;
  std::vector<std::vector<bool>> lanes_;  ///< linked
  std::vector<std::vector<bool>> ports_;
};

}  // namespace

std::string name_of(const Topology& t, const Topology::End& end) {
  if (end.node) return fmt::format("node{}.{}", end.index, end.port);
  return fmt::format("{}.{}", t.switches[end.index].name, end.port);
}

void check_topology(const Topology& topology, const std::string& where) {
  Checker(topology, where).check();
}

}  // namespace aipu::directcom
