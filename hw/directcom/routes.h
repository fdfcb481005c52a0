// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/directcom/port_set.h"
#include "hw/directcom/topology.h"

namespace aipu::directcom {

/// The routing table of one switch. A destination has a group of equal outputs; the switch chooses
/// one of them for each packet (hw/directcom/path_choice.h). The group is also the buffer pool that
/// a packet takes at every input of this switch, so a sender knows it before the choice is made.
struct RoutingTable {
  /// No way leads to the node from here; its packets never come.
  static constexpr std::uint16_t kNoGroup = 0xFFFF;

  std::vector<std::uint16_t> group_of;             ///< of each node; groups count from the first
  std::vector<std::vector<std::uint16_t>> groups;  ///< output ports, ascending
  /// Ports that still lead to a destination while links are masked, by `kind_of` node; empty while
  /// nothing is masked. Nodes at the same switches are of one kind.
  std::vector<PortSet<4>> usable;
};

/// Which end of a link a port of a switch leads to.
struct Neighbour {
  bool linked = false;
  bool node = false;
  std::uint32_t index = 0;
  std::uint32_t port = 0;
  std::uint32_t tier = 0;
  std::uint32_t link = 0;  ///< index in Topology::links
};

/// Minimal routes: a switch's group for a destination is every port on a shortest path to it, or
/// what a topology file says. Built once; masks may change while a simulation runs.
class Routes {
 public:
  /// The topology has passed check_topology() and outlives this.
  explicit Routes(const Topology& topology);
  /// Overrides the group of nodes at a switch, before any mask. ConfigError unless there is a port
  /// and each is linked, to such a node itself or to a switch that has a group for it. Whether the
  /// packets arrive is for check_deadlock_free() to say: a route in a circle is one it finds.
  void set(std::uint32_t switch_index, const std::vector<std::uint32_t>& nodes,
           std::vector<std::uint16_t> ports);
  void set(std::uint32_t switch_index, std::uint32_t node, std::vector<std::uint16_t> ports);

  const Topology& topology() const { return topology_; }
  const RoutingTable& table(std::uint32_t switch_index) const { return tables_[switch_index]; }
  const Neighbour& neighbour(std::uint32_t switch_index, std::uint32_t port) const {
    return neighbours_[switch_index][port];
  }
  const Neighbour& lane(std::uint32_t node, std::uint32_t lane) const { return lanes_[node][lane]; }
  /// Changes with set(), mask() and unmask(): a node with a masked lane is a kind of its own.
  std::uint32_t kind_of(std::uint32_t node) const { return kind_of_[node]; }

  /// Masks a link (both directions) for packets that choose from now on. ConfigError, and nothing
  /// changes, where some node could no longer reach another by its routes.
  void mask(std::uint32_t link);
  void unmask(std::uint32_t link);
  bool masked() const { return masked_count_ != 0; }
  /// Bit l: lane l of `source` leads to `destination`.
  std::uint32_t usable_lanes(std::uint32_t source, std::uint32_t destination) const;

  /// Channels whose buffers can wait for each other in a circle, by name in order, first repeated
  /// at the end; empty: no deadlock is possible. A channel is one direction of a link, `a.3>b.1`.
  /// Masks do not matter: every link counts, since packets may be on it.
  std::vector<std::string> dependency_cycle() const;

 private:
  /// What masks change; built aside, so that a refused mask changes nothing.
  struct View {
    std::vector<std::uint32_t> kind_of;
    std::vector<std::vector<std::uint32_t>> members;  ///< of each kind; may be empty
    std::vector<std::vector<PortSet<4>>> usable;      ///< switch x kind
    std::vector<std::uint16_t> lanes;                 ///< kind x node, bit a lane
  };

  void connect();
  void find_kinds();
  /// Switches to pass to a kind's nodes, from every switch; 0: none leads there.
  std::vector<std::uint16_t> distances(const std::vector<std::uint32_t>& members) const;
  void build();
  void build_table(std::uint32_t switch_index,
                   const std::vector<std::vector<std::uint16_t>>& distances);
  std::uint16_t group_for(std::uint32_t switch_index, const std::vector<std::uint16_t>& ports);
  void renumber(std::uint32_t switch_index);
  void split_kinds(const std::vector<std::uint32_t>& nodes);
  void check_ports(std::uint32_t switch_index, const std::vector<std::uint32_t>& nodes,
                   const std::vector<std::uint16_t>& ports) const;
  bool offers(std::uint32_t switch_index, std::uint32_t node, std::uint32_t port) const;
  void change_mask(std::uint32_t link, bool masked);
  View view() const;
  void find_usable(View& view, std::uint32_t kind) const;
  void find_lanes(View& view, std::uint32_t link) const;

  const Topology& topology_;
  std::vector<std::vector<Neighbour>> neighbours_;  ///< switch x port
  std::vector<std::vector<Neighbour>> lanes_;       ///< node x lane
  std::vector<RoutingTable> tables_;
  std::vector<std::vector<PortSet<4>>> group_sets_;  ///< the groups of each table
  std::vector<std::vector<std::uint32_t>> members_;  ///< of each kind while nothing is masked
  std::vector<std::uint32_t> kind_of_;
  std::vector<bool> masked_;  ///< by link
  std::uint32_t masked_count_ = 0;
  std::vector<std::uint16_t> usable_lanes_;  ///< kind x node, while masked
};

/// Legal up*/down* routes instead, free of deadlock on any topology: links are ordered away from a
/// root, the first switch of the highest level of those joined; a packet goes down where a way down
/// leads to its node, the shortest, and else up, by the ports nearest to it. Ways may be longer
/// than minimal, since a switch does not look at where a packet came from.
void route_up_down(Routes& routes);

/// Throws ConfigError that prints the circle, with `where` before it.
void check_deadlock_free(const Routes& routes, const std::string& where);

}  // namespace aipu::directcom
