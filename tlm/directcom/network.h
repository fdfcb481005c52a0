// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hw/directcom/config.h"
#include "hw/directcom/path_choice.h"
#include "hw/directcom/routes.h"
#include "tlm/core/time_queue.h"
#include "tlm/directcom/lane.h"
#include "tlm/directcom/link_errors.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::directcom {

/// A fabric of switches with nothing but traffic at its ends: no SystemC, no memories. Time is
/// cycles of the link clock. The switches, lanes and rules are those of the board.
///
/// Nodes: unbounded queues in front of every lane (a queue per class and buffer pool of the next
/// hop); the lane of a packet is chosen when it is sent. Receivers take everything and give the
/// credit back with the tail.
class Network {
 public:
  struct Config {
    SwitchConfig plane;
    /// Cycles of a link by its tier; the last serves the tiers above.
    std::vector<std::uint32_t> link_cycles{1};
    PathChoice lane_choice = directcom::Config{}.plane_choice;
    std::uint64_t seed = 1;
    /// The model of switch `index`, or null for the one in C++; empty: that of all.
    std::function<std::unique_ptr<SwitchModel>(const Routes& routes, std::uint32_t index)>
        make_switch;

    std::uint32_t cycles_of_link(std::uint32_t tier) const {
      return link_cycles[std::min<std::size_t>(tier, link_cycles.size() - 1)];
    }
  };
  struct Packet {
    std::uint64_t sent = 0;     ///< when the node had it ready: send()
    std::uint64_t entered = 0;  ///< when its head entered a lane
    std::uint64_t tag = 0;      ///< of the sender, comes back at delivery
    std::uint16_t source = 0;
    std::uint16_t destination = 0;
    std::uint16_t flits = 1;
    std::uint8_t traffic_class = 0;
    std::uint8_t hops = 0;  ///< switches passed
    bool marked = false;    ///< by a switch
  };
  /// Who uses the network. Called from run().
  class User {
   public:
    User() = default;
    User(const User&) = delete;
    User& operator=(const User&) = delete;
    virtual ~User() = default;
    /// The tail has arrived at the end of `cycle` (one flit: the cycle of the head).
    virtual void delivered(const Packet& packet, std::uint64_t cycle) = 0;
    /// The cycle that wake_at() asked for.
    virtual void wake(std::uint32_t node, std::uint64_t cycle) = 0;
  };
  /// One direction of a link and what its sender did with it, in cycles.
  struct LinkAccount {
    std::uint32_t link = 0;  ///< of the topology
    bool forward = true;     ///< from end a to end b
    std::uint64_t no_packet = 0;
    std::uint64_t busy = 0;
    std::uint64_t no_credit = 0;
    std::uint64_t lost_arbitration = 0;
  };

  /// `routes` and `user` outlive this.
  Network(const Routes& routes, const Config& config, User& user);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// wake(node, cycle) will be called, before anything else of that cycle; `cycle` >= now().
  void wake_at(std::uint64_t cycle, std::uint32_t node);
  /// A packet for the lanes of its source from now() on.
  void send(const Packet& packet);
  /// Everything up to the end of `cycle`.
  void run(std::uint64_t cycle);
  /// Until nothing is under way any more, but not beyond `limit`; whether all is done.
  bool drain(std::uint64_t limit);

  std::uint64_t now() const { return now_; }
  /// Packets sent and not delivered.
  std::uint64_t in_flight() const { return in_flight_; }
  /// Packets that left a switch.
  std::uint64_t hops() const { return hops_; }
  /// Packets sent again because a flit was corrupted.
  std::uint64_t repeats() const;
  /// Packets of a node that wait for its lanes.
  std::uint64_t queued(std::uint32_t node) const;
  std::vector<LinkAccount> accounts() const;
  /// The packets that cannot move, one line each switch; empty when none.
  std::string stuck() const;
  const SwitchModel& switch_model(std::uint32_t index) const { return *switches_[index]; }

 private:
  struct Node;
  enum class What : std::uint8_t { kWake, kLanes, kSwitch, kDelivered };
  static constexpr std::uint64_t kWhats = 4;
  struct Event {
    What what = What::kWake;
    std::uint32_t index = 0;  ///< node, switch, packet
  };

  FarEnd far_end(const Neighbour& to) const;
  LinkErrors errors_of(bool node, std::uint32_t index, std::uint32_t port) const;
  void schedule(std::uint64_t tick, What what, std::uint32_t index);
  bool step(std::uint64_t limit);
  void perform(const Event& event, std::uint64_t tick);
  std::uint32_t choose_lane(Node& node, const Packet& packet);
  void schedule_lanes(std::uint32_t node);
  void run_lanes(std::uint32_t node);
  void schedule_switch(std::uint32_t index);
  void step_switch(std::uint32_t index, std::uint64_t tick);
  void forward(std::uint32_t packet, const Neighbour& to, std::uint64_t cycle);
  void give_back(const Neighbour& to, const Packet& packet, std::uint64_t cycle);

  const Routes& routes_;
  const Config config_;
  User& user_;
  std::uint64_t now_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t hops_ = 0;
  TimeQueue<Event> calendar_;
  std::vector<std::unique_ptr<SwitchModel>> switches_;
  std::vector<std::vector<LinkErrors>> errors_;  ///< switch x output
  std::vector<std::uint64_t> switch_at_;         ///< tick a switch is scheduled for
  std::vector<Node> nodes_;
  std::vector<Packet> packets_;
  std::vector<std::uint32_t> free_packets_;
};

}  // namespace aipu::directcom
