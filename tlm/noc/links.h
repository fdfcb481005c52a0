// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/noc/config.h"
#include "hw/noc/topology.h"
#include "tlm/core/clock.h"
#include "tlm/core/timeline.h"

namespace aipu::noc {

/// The links of a mesh as servers: when a packet passes, given all packets before it.
///
/// Cut-through: the head takes `hop_latency` for every router, the tail follows one serialisation
/// behind, and a packet occupies each link of its path for its serialisation. Besides the mesh
/// there is a link into and out of the network for every initiator port and every core SRAM;
/// memories at the edge and banks have none, their own bandwidth is the limit. All times in ps.
class Links {
 public:
  static constexpr std::uint32_t kNone = ~0U;

  struct Passage {
    std::uint64_t accepted = 0;  ///< the tail has left its source
    std::uint64_t landed = 0;    ///< the tail has reached its destination
    std::uint32_t hops = 0;      ///< mesh links
  };

  Links(const Config& config, Clock clock, std::uint32_t ports, std::uint32_t cores);

  /// Links beside the mesh, for `entry` and `exit` of send().
  std::uint32_t from_port(std::uint32_t port) const { return first_port_ + 2 * port; }
  std::uint32_t to_port(std::uint32_t port) const { return first_port_ + 2 * port + 1; }
  std::uint32_t from_core(std::uint32_t core) const { return first_core_ + 2 * core; }
  std::uint32_t to_core(std::uint32_t core) const { return first_core_ + 2 * core + 1; }

  struct Packet {
    std::uint32_t entry;  ///< link into the network, or kNone
    std::uint32_t from;   ///< tile
    std::uint32_t to;     ///< tile
    std::uint32_t exit;   ///< link out of the network, or kNone
    std::uint64_t bytes;
    Order order = Order::kXFirst;
  };
  /// Books a packet whose head is ready at `start`.
  Passage send(std::uint64_t now, std::uint64_t start, const Packet& packet);

  /// Books one packet to many tiles along a tree in which each link carries it once: first
  /// begin_tree(), then branch() for every destination.
  void begin_tree(std::uint64_t now, std::uint64_t start, const Packet& packet);
  Passage branch(std::uint64_t now, std::uint32_t to, std::uint32_t exit);

  /// Books data that pass between one place and several tiles: add_flow() for each tile, then once
  /// book_flow(). Each link of their paths carries its part of them in one piece from `start` on.
  /// Returns when the last of them has passed the link of the port, and all links.
  void add_flow(std::uint32_t from, std::uint32_t to, Order order, std::uint64_t bytes);
  Passage book_flow(std::uint64_t now, std::uint64_t start, std::uint32_t port_link);
  /// Data times mesh links of the flows added so far.
  std::uint64_t flow_hop_bytes() const { return flow_hop_bytes_; }

  /// Latency of a packet without data (a read request, an acknowledgement): it takes no bandwidth.
  std::uint64_t header_latency(std::uint32_t from, std::uint32_t to) const {
    return hop_ps_ * (topology_.distance(from, to) + 1);
  }
  std::uint64_t cycle_ps() const { return cycle_ps_; }
  /// How long a packet occupies a link.
  std::uint64_t serialisation(std::uint64_t bytes) const;

  std::uint32_t count() const { return static_cast<std::uint32_t>(links_.size()); }
  std::uint64_t busy(std::uint32_t link, std::uint64_t now) const { return links_[link].busy(now); }
  std::uint64_t busy(std::uint64_t now) const;
  const Topology& topology() const { return topology_; }

 private:
  struct Front {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;
  };
  /// Passes one link; the latency of the router behind it is the caller's.
  void pass(std::uint64_t now, std::uint32_t link, std::uint64_t duration, Front& front) {
    const Timeline::Booking booking = links_[link].book(now, front.head, duration);
    front.head = booking.begin;
    if (booking.end > front.tail) front.tail = booking.end;
  }
  Front enter(std::uint64_t now, std::uint64_t start, const Packet& packet, std::uint64_t duration,
              std::uint64_t& accepted);
  void hop(Front& front) const {
    front.head += hop_ps_;
    front.tail += hop_ps_;
  }

  Topology topology_;
  Clock clock_;
  std::uint64_t width_;
  std::uint64_t hop_ps_;
  std::uint64_t cycle_ps_;
  std::uint32_t first_port_;
  std::uint32_t first_core_;
  std::vector<Timeline> links_;

  // The flows being added: data on each link, and the links that have some.
  std::vector<std::uint64_t> flow_;
  std::vector<std::uint32_t> flow_links_;
  std::uint64_t flow_bytes_ = 0;
  std::uint64_t flow_hop_bytes_ = 0;

  // The tree being built: which links it has booked, and when the packet leaves them.
  struct Branch {
    std::uint64_t tree = 0;
    Front front;
  };
  std::vector<Branch> branches_;
  std::uint64_t tree_ = 0;
  Front root_;
  std::uint64_t tree_duration_ = 0;
  std::uint64_t tree_accepted_ = 0;
  std::uint32_t tree_from_ = 0;
};

}  // namespace aipu::noc
