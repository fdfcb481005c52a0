// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/routes.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <utility>

#include "hw/base/assert.h"
#include "hw/base/error.h"

namespace aipu::directcom {

Routes::Routes(const Topology& topology) : topology_(topology) {
  connect();
  find_kinds();
  build();
}

void Routes::connect() {
  for (const Topology::Switch& s : topology_.switches)
    neighbours_.emplace_back(s.ports);
  lanes_.assign(topology_.nodes, std::vector<Neighbour>(topology_.lanes));
  masked_.assign(topology_.links.size(), false);
  for (std::uint32_t i = 0; i < topology_.links.size(); ++i) {
    const Topology::Link& link = topology_.links[i];
    const auto join = [&](const Topology::End& from, const Topology::End& to) {
      Neighbour& n = (from.node ? lanes_ : neighbours_)[from.index][from.port];
      n = {true, to.node, to.index, to.port, link.tier, i};
    };
    join(link.a, link.b);
    join(link.b, link.a);
  }
}

void Routes::find_kinds() {
  std::map<std::vector<std::uint32_t>, std::uint32_t> kinds;
  for (std::uint32_t node = 0; node < topology_.nodes; ++node) {
    std::vector<std::uint32_t> at;
    for (const Neighbour& lane : lanes_[node])
      at.push_back(lane.index);
    std::sort(at.begin(), at.end());
    at.erase(std::unique(at.begin(), at.end()), at.end());
    const auto next = static_cast<std::uint32_t>(kinds.size());
    const std::uint32_t kind = kinds.emplace(std::move(at), next).first->second;
    kind_of_.push_back(kind);
    if (kind == members_.size()) members_.emplace_back();
    members_[kind].push_back(node);
  }
}

std::vector<std::uint16_t> Routes::distances(const std::vector<std::uint32_t>& members) const {
  std::vector<std::uint16_t> distance(neighbours_.size(), 0);
  std::vector<std::uint32_t> queue;
  for (const Neighbour& lane : lanes_[members.front()]) {
    if (distance[lane.index] == 0) queue.push_back(lane.index);
    distance[lane.index] = 1;
  }
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const auto next = static_cast<std::uint16_t>(distance[queue[i]] + 1);
    for (const Neighbour& n : neighbours_[queue[i]]) {
      if (!n.linked || n.node || distance[n.index] != 0) continue;
      distance[n.index] = next;
      queue.push_back(n.index);
    }
  }
  return distance;
}

void Routes::build() {
  std::vector<std::vector<std::uint16_t>> of_kind;
  for (const std::vector<std::uint32_t>& members : members_)
    of_kind.push_back(distances(members));
  tables_.resize(neighbours_.size());
  group_sets_.resize(neighbours_.size());
  for (std::uint32_t s = 0; s < neighbours_.size(); ++s)
    build_table(s, of_kind);
}

void Routes::build_table(std::uint32_t switch_index,
                         const std::vector<std::vector<std::uint16_t>>& distances) {
  const std::vector<Neighbour>& ports = neighbours_[switch_index];
  RoutingTable& table = tables_[switch_index];
  table.group_of.assign(topology_.nodes, RoutingTable::kNoGroup);
  std::vector<bool> found(members_.size(), false);
  std::vector<std::uint16_t> of_kind(members_.size(), RoutingTable::kNoGroup);
  std::vector<std::uint16_t> group;
  for (std::uint32_t node = 0; node < topology_.nodes; ++node) {
    const std::uint32_t kind = kind_of_[node];
    const std::vector<std::uint16_t>& distance = distances[kind];
    const std::uint16_t here = distance[switch_index];
    if (here == 0) continue;
    if (here > 1 && found[kind]) {
      table.group_of[node] = of_kind[kind];
      continue;
    }
    group.clear();
    for (std::uint32_t port = 0; port < ports.size(); ++port) {
      const Neighbour& n = ports[port];
      if (!n.linked) continue;
      const bool leads =
          here == 1 ? n.node && n.index == node : !n.node && distance[n.index] == here - 1;
      if (leads) group.push_back(static_cast<std::uint16_t>(port));
    }
    table.group_of[node] = of_kind[kind] = group_for(switch_index, group);
    found[kind] = true;
  }
}

/// The number of a group, which is added where it is new.
std::uint16_t Routes::group_for(std::uint32_t switch_index,
                                const std::vector<std::uint16_t>& ports) {
  std::vector<std::vector<std::uint16_t>>& groups = tables_[switch_index].groups;
  const auto found = std::find(groups.begin(), groups.end(), ports);
  const auto index = static_cast<std::uint16_t>(found - groups.begin());
  if (found != groups.end()) return index;
  groups.push_back(ports);
  PortSet<4> set;
  for (const std::uint16_t port : ports)
    set.insert(port);
  group_sets_[switch_index].push_back(set);
  return index;
}

void Routes::set(std::uint32_t switch_index, std::uint32_t node, std::vector<std::uint16_t> ports) {
  set(switch_index, std::vector<std::uint32_t>{node}, std::move(ports));
}

void Routes::set(std::uint32_t switch_index, const std::vector<std::uint32_t>& nodes,
                 std::vector<std::uint16_t> ports) {
  AIPU_ASSERT(!masked(), "routes are set before any link is masked");
  std::sort(ports.begin(), ports.end());
  ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
  check_ports(switch_index, nodes, ports);
  split_kinds(nodes);
  const std::uint16_t group = group_for(switch_index, ports);
  for (const std::uint32_t node : nodes)
    tables_[switch_index].group_of[node] = group;
  renumber(switch_index);
}

/// Drops groups of no node, which would be buffer pools of no use, and restores their order.
void Routes::renumber(std::uint32_t switch_index) {
  RoutingTable& table = tables_[switch_index];
  const auto groups = std::exchange(table.groups, {});
  group_sets_[switch_index].clear();
  std::vector<std::uint16_t> now(groups.size(), RoutingTable::kNoGroup);
  for (std::uint16_t& group : table.group_of) {
    if (group == RoutingTable::kNoGroup) continue;
    if (now[group] == RoutingTable::kNoGroup) now[group] = group_for(switch_index, groups[group]);
    group = now[group];
  }
}

void Routes::check_ports(std::uint32_t switch_index, const std::vector<std::uint32_t>& nodes,
                         const std::vector<std::uint16_t>& ports) const {
  const Topology::Switch& at = topology_.switches[switch_index];
  if (ports.empty()) throw ConfigError("", at.name + ": a route needs at least one port");
  for (const std::uint16_t port : ports) {
    if (port >= at.ports || !neighbours_[switch_index][port].linked) {
      throw ConfigError("",
                        fmt::format("{}.{}: a route needs a port that is linked", at.name, port));
    }
    const Neighbour& n = neighbours_[switch_index][port];
    for (const std::uint32_t node : nodes) {
      const bool leads =
          n.node ? n.index == node : tables_[n.index].group_of[node] != RoutingTable::kNoGroup;
      if (!leads) {
        throw ConfigError(
            "",
            fmt::format("{}.{} leads to {}, from where node{} cannot be reached", at.name, port,
                        n.node ? fmt::format("node{}", n.index) : topology_.switches[n.index].name,
                        node));
      }
    }
  }
}

/// Nodes of a kind share their groups, so those that get another become a kind of their own.
void Routes::split_kinds(const std::vector<std::uint32_t>& nodes) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> touched;
  for (const std::uint32_t node : nodes)
    touched[kind_of_[node]].push_back(node);
  for (auto& [kind, some] : touched) {
    std::sort(some.begin(), some.end());
    some.erase(std::unique(some.begin(), some.end()), some.end());
    std::vector<std::uint32_t>& all = members_[kind];
    if (some.size() == all.size()) continue;
    all.erase(std::remove_if(all.begin(), all.end(),
                             [&some = some](std::uint32_t node) {
                               return std::binary_search(some.begin(), some.end(), node);
                             }),
              all.end());
    for (const std::uint32_t node : some)
      kind_of_[node] = static_cast<std::uint32_t>(members_.size());
    members_.push_back(std::move(some));
  }
}

}  // namespace aipu::directcom
