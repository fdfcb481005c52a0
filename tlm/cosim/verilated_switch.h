// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "hw/base/error.h"
#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "tlm/core/ring.h"
#include "tlm/cosim/output_account.h"
#include "tlm/cosim/switch_pins.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::cosim {

/// The RTL broke a rule of its interface, or differs from its twin. The text says where and when.
class Mismatch : public UserError {
 public:
  explicit Mismatch(const std::string& text) : UserError(ExitCode::kCheckFailed, text) {}
};

/// The switch of rtl/router, Verilated, as a SwitchModel: what comes is put on the pins flit by
/// flit, what the arbitration grants is reported, and what leaves the pins is checked against it:
/// every flit's bits and cycle, every credit (the protocol rules RTL-1..RTL-6 of hw/docs/rtl.md).
///
/// Packets carry made-up headers and payload here, so every bit of every flit is known. The clock
/// runs only while something can change, and up to `lookahead` link cycles in one step().
class VerilatedSwitch final : public directcom::SwitchModel {
 public:
  /// As SwitchCore. ConfigError where the configuration is none that the RTL can be: `up_choice`
  /// ecmp, errors of links or multicast with speed-up, other than 16 B flits, a number of ports
  /// that was not built, too many nodes or pools, larger buffers. `pins`: the model; null: the one
  /// that was built for so many ports. `lookahead`: what is announced in link cycle c is felt in
  /// c + lookahead at the earliest (tlm/cosim/lookahead.h); more than 1 only where delay() is never
  /// called.
  VerilatedSwitch(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                  std::uint32_t index, std::uint64_t seed,
                  std::unique_ptr<SwitchPins> pins = nullptr, std::uint64_t lookahead = 1);
  ~VerilatedSwitch() override;

  std::uint32_t ports() const override { return ports_; }
  void offer(std::uint32_t output, const directcom::FarEnd& far_end) override;
  void arrive(std::uint64_t cycle, const Arrival& arrival) override;
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
              std::uint32_t traffic_class, std::uint32_t flits) override;
  const std::vector<Departure>& step(std::uint64_t tick) override;
  std::uint64_t window_end(std::uint64_t tick) const override {
    return lookahead_ == 1 ? tick + 1 : ticks((tick >> shift_) + lookahead_);
  }
  std::uint64_t next() const override {
    return waiting_ != 0             ? edge_
           : next_routing_ == kNever ? kNever
                                     : std::max(next_routing_, edge_);
  }
  void delay(std::uint32_t output, std::uint64_t cycles) override;
  std::uint64_t waiting() const override { return waiting_; }
  std::string stuck() const override;
  /// Inside the window of the last step() too.
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const override {
    return outputs_[output].account.read(cycle);
  }

  /// Lets everything granted leave the pins, and checks it; the switch is then asleep or waits.
  void settle();
  std::uint64_t flits_checked() const { return flits_checked_; }
  std::uint64_t clocks() const { return clocks_; }

 private:
  static constexpr std::uint32_t kNone = ~0U;
  static constexpr std::uint32_t kMaxFlits = 64;  ///< of a packet
  /// Ticks between a grant and the end of its crossing are fewer, with speed-up 2 too.
  static constexpr std::uint64_t kCrossings = 256;

  /// A packet from its announcement until its last flit has left, in one list at a time: of its
  /// input, of its queue, of its output.
  struct Packet {
    Arrival arrival;
    std::uint64_t cycle = 0;
    std::uint64_t head = 0;  ///< the cycle in which it leaves
    std::uint32_t number = 0;
    std::uint32_t next = kNone;
    bool mark = false;
  };
  struct List {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
  };
  struct Credit {
    std::uint64_t tick = 0;
    SwitchPins::Credit pins;
  };
  struct Input {
    List announced;                ///< not yet routed
    std::uint32_t coming = kNone;  ///< the first of them that is not yet on the pins
    std::uint32_t now = kNone;     ///< the packet on the pins
    std::uint32_t sent = 0;        ///< flits of it
    SwitchPins::Credit expected;   ///< of the packet that crosses
  };
  struct Output {
    directcom::FarEnd far_end;
    Ring<Credit> returning;
    List leaving;
    std::uint64_t held_until = 0;
    OutputAccount account;
  };

  void check_config() const;
  [[noreturn]] void refuse(const std::string& what) const;
  void start();
  void set_credits();
  void set_tables();
  SwitchPins::Flit flit(const Packet& packet, std::uint32_t place) const;
  void append(List& list, std::uint32_t packet);
  std::uint32_t take_first(List& list);
  std::uint32_t make_packet();
  List& queue(std::uint32_t input, std::uint32_t output, std::uint32_t c) {
    return queues_[(std::size_t{input} * ports_ + output) * kQueues + c];
  }
  void advance(std::uint64_t end);
  std::uint64_t next_input() const;
  /// The tick behind the one in which the pins must have a flit of a link cycle.
  std::uint64_t flit_edge(std::uint64_t cycle) const { return ticks(cycle) + shift_; }
  std::uint64_t link_cycle(std::uint64_t tick) const { return (tick + shift_) >> shift_; }
  std::uint64_t ticks(std::uint64_t cycles) const { return cycles << shift_; }
  std::uint64_t routing_tick(const Packet& packet) const { return ticks(packet.cycle + 1); }
  void drive();
  void drive_flits();
  void drive_credits();
  void observe();
  void check_outputs();
  void check_credits();
  void take_grants();
  void grant(std::uint32_t input, std::uint32_t output);
  void take_routes();
  void note_states();
  [[noreturn]] void fail(const std::string& rule, const std::string& what) const;

  static constexpr std::uint32_t kQueues = directcom::kClasses;

  const directcom::SwitchConfig config_;
  const directcom::Routes& routes_;
  const directcom::RoutingTable& table_;
  const std::uint32_t index_;
  const std::uint64_t seed_;
  const std::uint64_t lookahead_;
  const std::uint32_t shift_;  ///< of link cycles to ticks
  const std::uint32_t ports_;
  std::unique_ptr<SwitchPins> pins_;
  bool started_ = false;
  std::uint64_t edge_ = 0;           ///< the model is in tick edge_ - 1
  std::uint64_t stepping_ = kNever;  ///< tick of step()
  std::uint64_t present_ = 0;        ///< link cycle of the last one
  std::uint64_t next_routing_ = kNever;
  std::vector<Packet> packets_;
  std::uint32_t free_packet_ = kNone;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<List> queues_;                         ///< input, output, class
  std::uint64_t announced_ = 0;                      ///< inputs with packets to be routed
  std::uint64_t streaming_ = 0;                      ///< inputs with flits for the pins
  std::uint64_t active_ = 0;                         ///< those of them in the middle of a packet
  std::uint64_t returning_ = 0;                      ///< outputs with credit for the pins
  std::uint64_t held_ = 0;                           ///< outputs
  std::uint64_t leaving_ = 0;                        ///< outputs
  std::array<std::uint64_t, kCrossings> crossed_{};  ///< inputs, by the tick in which they end
  std::uint64_t crossings_ = 0;
  std::uint64_t waiting_ = 0;
  std::uint64_t clocks_ = 0;
  std::uint64_t flits_checked_ = 0;
  std::uint32_t number_ = 0;
  std::array<SwitchPins::Flit, SwitchPins::kMaxPorts> flits_{};  ///< for the pins
  SwitchPins::Outputs pins_out_;
  std::vector<Departure> departures_;
  std::vector<std::array<std::uint64_t, 2>> headers_;  ///< class x flits
};

}  // namespace aipu::cosim
