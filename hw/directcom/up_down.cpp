// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "hw/directcom/routes.h"

namespace aipu::directcom {
namespace {

constexpr std::uint32_t kFar = std::numeric_limits<std::uint32_t>::max();

class UpDown {
 public:
  explicit UpDown(Routes& routes) : routes_(routes), t_(routes.topology()) { order_switches(); }

  void route() {
    std::vector<std::vector<std::uint32_t>> kinds;
    for (std::uint32_t node = 0; node < t_.nodes; ++node) {
      const std::uint32_t kind = routes_.kind_of(node);
      if (kind >= kinds.size()) kinds.resize(kind + 1);
      kinds[kind].push_back(node);
    }
    for (const std::vector<std::uint32_t>& nodes : kinds) {
      if (!nodes.empty()) route_to(nodes);
    }
  }

 private:
  /// Breadth first from the root of each part; a link's upper end is the one that comes first.
  void order_switches() {
    std::vector<std::uint32_t> roots(t_.switches.size());
    for (std::uint32_t s = 0; s < roots.size(); ++s)
      roots[s] = s;
    std::stable_sort(roots.begin(), roots.end(), [this](std::uint32_t a, std::uint32_t b) {
      return t_.switches[a].level > t_.switches[b].level;
    });
    rank_.assign(t_.switches.size(), kFar);
    const auto add = [this](std::uint32_t s) {
      if (rank_[s] != kFar) return;
      rank_[s] = static_cast<std::uint32_t>(order_.size());
      order_.push_back(s);
    };
    for (const std::uint32_t root : roots) {
      std::size_t next = order_.size();
      for (add(root); next < order_.size(); ++next)
        for_each_neighbour(order_[next], [&](std::uint16_t, std::uint32_t to) { add(to); });
    }
  }

  template <typename Visit>
  void for_each_neighbour(std::uint32_t s, Visit&& visit) const {
    for (std::uint16_t port = 0; port < t_.switches[s].ports; ++port) {
      const Neighbour& n = routes_.neighbour(s, port);
      if (n.linked && !n.node && n.index != s) visit(port, n.index);
    }
  }

  void route_to(const std::vector<std::uint32_t>& nodes) {
    // Links down to the nodes' switches; a switch comes after those above it, so backwards.
    std::vector<std::uint32_t> down(t_.switches.size(), kFar);
    for (std::uint32_t lane = 0; lane < t_.lanes; ++lane)
      down[routes_.lane(nodes.front(), lane).index] = 0;
    for (auto s = order_.rbegin(); s != order_.rend(); ++s) {
      for_each_neighbour(*s, [&](std::uint16_t, std::uint32_t to) {
        if (rank_[to] > rank_[*s] && down[to] != kFar) down[*s] = std::min(down[*s], down[to] + 1);
      });
    }
    std::vector<std::uint32_t> distance = down;  // of the whole way
    for (const std::uint32_t s : order_) {
      for_each_neighbour(s, [&](std::uint16_t, std::uint32_t to) {
        const bool up = down[s] == kFar && rank_[to] < rank_[s] && distance[to] != kFar;
        if (up) distance[s] = std::min(distance[s], distance[to] + 1);
      });
    }
    for (const std::uint32_t s : order_) {
      if (distance[s] == 0 || distance[s] == kFar) continue;  // at the node, or in another part
      std::vector<std::uint16_t> ports;
      for_each_neighbour(s, [&](std::uint16_t port, std::uint32_t to) {
        const bool along = (down[s] == kFar) == (rank_[to] < rank_[s]);
        const std::uint32_t left = down[s] == kFar ? distance[to] : down[to];
        if (along && left != kFar && left + 1 == distance[s]) ports.push_back(port);
      });
      routes_.set(s, nodes, std::move(ports));
    }
  }

  Routes& routes_;
  const Topology& t_;
  std::vector<std::uint32_t> order_;  ///< switches, from the roots down
  std::vector<std::uint32_t> rank_;   ///< of each switch in it
};

}  // namespace

void route_up_down(Routes& routes) {
  UpDown(routes).route();
}

}  // namespace aipu::directcom
