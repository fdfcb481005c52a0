// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <utility>

#include "hw/base/error.h"
#include "hw/directcom/routes.h"

namespace aipu::directcom {

void Routes::mask(std::uint32_t link) {
  change_mask(link, true);
}

void Routes::unmask(std::uint32_t link) {
  change_mask(link, false);
}

void Routes::change_mask(std::uint32_t link, bool masked) {
  if (masked_[link] == masked) return;
  masked_[link] = masked;
  try {
    View v = view();
    find_lanes(v, link);
    masked_count_ = masked ? masked_count_ + 1 : masked_count_ - 1;
    for (std::size_t s = 0; s < tables_.size(); ++s) {
      tables_[s].usable = masked_count_ != 0 ? std::move(v.usable[s]) : std::vector<PortSet<4>>{};
    }
    kind_of_ = std::move(v.kind_of);
    usable_lanes_ = std::move(v.lanes);
  } catch (const ConfigError&) {
    masked_[link] = !masked;
    throw;
  }
}

Routes::View Routes::view() const {
  View v;
  v.members = members_;
  v.kind_of.resize(topology_.nodes);
  for (std::vector<std::uint32_t>& members : v.members)
    members.clear();
  for (std::uint32_t kind = 0; kind < members_.size(); ++kind) {
    for (const std::uint32_t node : members_[kind]) {
      bool whole = true;
      for (const Neighbour& lane : lanes_[node])
        whole = whole && !masked_[lane.link];
      v.kind_of[node] = whole ? kind : static_cast<std::uint32_t>(v.members.size());
      if (whole) v.members[kind].push_back(node);
      if (!whole) v.members.push_back({node});
    }
  }
  v.usable.assign(tables_.size(), std::vector<PortSet<4>>(v.members.size()));
  for (std::uint32_t kind = 0; kind < v.members.size(); ++kind) {
    if (!v.members[kind].empty()) find_usable(v, kind);
  }
  return v;
}

/// A packet to `node` may take the port.
bool Routes::offers(std::uint32_t switch_index, std::uint32_t node, std::uint32_t port) const {
  const std::uint16_t group = tables_[switch_index].group_of[node];
  return group != RoutingTable::kNoGroup && group_sets_[switch_index][group].has(port);
}

/// Backwards from the nodes, along what their groups offer and no mask forbids.
void Routes::find_usable(View& view, std::uint32_t kind) const {
  std::vector<bool> seen(tables_.size(), false);
  std::vector<std::uint32_t> queue;
  const auto add = [&](const Neighbour& from, std::uint32_t node) {
    if (!from.linked || masked_[from.link] || !offers(from.index, node, from.port)) return;
    view.usable[from.index][kind].insert(from.port);
    if (!seen[from.index]) queue.push_back(from.index);
    seen[from.index] = true;
  };
  for (const std::uint32_t node : view.members[kind]) {
    for (const Neighbour& lane : lanes_[node])
      add(lane, node);
  }
  const std::uint32_t any = view.members[kind].front();
  for (std::size_t next = 0; next < queue.size();) {  // grows
    for (const Neighbour& n : neighbours_[queue[next++]]) {
      if (!n.node) add(n, any);
    }
  }
}

/// The lanes that still lead somewhere; ConfigError where no lane does since `link` is masked.
void Routes::find_lanes(View& view, std::uint32_t link) const {
  view.lanes.assign(view.members.size() * topology_.nodes, 0);
  for (std::uint32_t kind = 0; kind < view.members.size(); ++kind) {
    const std::vector<std::uint32_t>& members = view.members[kind];
    for (std::uint32_t node = 0; node < topology_.nodes && !members.empty(); ++node) {
      std::uint32_t lanes = 0;
      for (std::uint32_t l = 0; l < topology_.lanes; ++l) {
        const Neighbour& lane = lanes_[node][l];
        if (!masked_[lane.link] && !view.usable[lane.index][kind].empty()) lanes |= 1U << l;
      }
      view.lanes[std::size_t{kind} * topology_.nodes + node] = static_cast<std::uint16_t>(lanes);
      if (lanes != 0) continue;
      const Topology::Link& l = topology_.links[link];
      throw ConfigError("",
                        fmt::format("link {} - {} cannot be masked: node{} could no longer "
                                    "reach node{} by its routes",
                                    name_of(topology_, l.a), name_of(topology_, l.b), node,
                                    members.front() == node ? members.back() : members.front()));
    }
  }
}

std::uint32_t Routes::usable_lanes(std::uint32_t source, std::uint32_t destination) const {
  if (masked()) return usable_lanes_[std::size_t{kind_of_[destination]} * topology_.nodes + source];
  std::uint32_t lanes = 0;
  for (std::uint32_t l = 0; l < topology_.lanes; ++l) {
    const RoutingTable& table = tables_[lanes_[source][l].index];
    if (table.group_of[destination] != RoutingTable::kNoGroup) lanes |= 1U << l;
  }
  return lanes;
}

}  // namespace aipu::directcom
