// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "tlm/core/ring.h"
#include "tlm/core/stats.h"
#include "tlm/cosim/switch_pins.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::cosim {

/// A router of somebody else's with the ports of rtl/router/directcom_switch, Verilated, as a
/// SwitchModel: its buffers, arbitration and timing are its own, so there is no twin to hold it
/// against. What every router must keep is checked in every cycle (hw/docs/rtl.md, "Another
/// router"):
///
/// RTL-1 a packet is routed once, behind its head, to a port that leads to its destination;
/// RTL-2 a grant is for a packet routed there, in order, and the next hop has room for all of it;
/// RTL-3 an output sends what it was granted, packets in the order of grants, without gaps;
/// RTL-4 every flit has the bits it came with, the mark is that of the grant;
/// RTL-5 an input returns each credit once, between the grant and the tail of its packet.
///
/// Timing: a packet is reported when its head is at the pins, and its credit with its tail. So
/// links repeat no flits here, and the speed-up is 1: ConfigError otherwise.
class ForeignSwitch final : public directcom::SwitchModel {
 public:
  /// As VerilatedSwitch; `routes` outlives this.
  ForeignSwitch(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                std::uint32_t index, std::unique_ptr<SwitchPins> pins);
  ~ForeignSwitch() override;

  std::uint32_t ports() const override { return ports_; }
  void offer(std::uint32_t output, const directcom::FarEnd& far_end) override;
  void arrive(std::uint64_t cycle, const Arrival& arrival) override;
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
              std::uint32_t traffic_class, std::uint32_t flits) override;
  const std::vector<Departure>& step(std::uint64_t tick) override;
  std::uint64_t next() const override;
  void delay(std::uint32_t output, std::uint64_t cycles) override;
  std::uint64_t waiting() const override { return open_; }
  std::string stuck() const override;
  /// Busy while flits leave, without a packet otherwise: why it waits only the router knows.
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const override;

  std::uint64_t flits_checked() const { return flits_checked_; }
  std::uint64_t clocks() const { return clocks_; }

 private:
  struct Packet {
    Arrival arrival;
    std::uint64_t cycle = 0;
    std::uint32_t number = 0;
  };
  struct Leaving {
    Packet packet;
    bool mark = false;
    bool credited = false;
  };
  struct Credit {
    std::uint64_t cycle = 0;
    SwitchPins::Credit pins;
  };
  struct Input {
    Ring<Packet> coming;  ///< announced, head not yet on the pins
    Packet now;           ///< on the pins
    std::uint32_t sent = 0;
    bool active = false;
    Ring<Packet> unrouted;
  };
  struct Output {
    directcom::FarEnd far_end;
    std::vector<std::uint64_t> room;  ///< flits at the next hop: pool x class
    Ring<Credit> returning;
    std::vector<Leaving> leaving;  ///< granted; the first may be under way
    std::uint32_t sent = 0;        ///< flits of the first
    std::uint64_t busy_until = 0;
    TimeStack stack{kStates};
  };

  void start();
  void set_tables();
  SwitchPins::Flit flit(const Packet& packet, std::uint32_t place) const;
  std::uint64_t next_input() const;
  void advance(std::uint64_t tick);
  void drive();
  void drive_credits();
  void observe();
  void take_routes();
  void take_grants();
  void take_credits();
  void take_flits();
  void take_flit(std::uint32_t output);
  bool leads(std::uint32_t output, std::uint32_t destination) const;
  [[noreturn]] void fail(const std::string& rule, const std::string& what) const;

  const directcom::SwitchConfig config_;
  const directcom::Routes& routes_;
  const directcom::RoutingTable& table_;
  const std::uint32_t index_;
  const std::uint32_t ports_;
  std::unique_ptr<SwitchPins> pins_;
  bool started_ = false;
  std::uint64_t edge_ = 0;  ///< the model is in cycle edge_ - 1
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<Ring<Packet>> queues_;  ///< routed: input, output, class
  std::uint64_t open_ = 0;  ///< packets with their head on the pins and their tail not out
  std::uint64_t clocks_ = 0;
  std::uint64_t flits_checked_ = 0;
  std::uint32_t number_ = 0;
  std::vector<Departure> departures_;
};

}  // namespace aipu::cosim
