// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "tlm/core/ring.h"
#include "tlm/core/stats.h"
#include "tlm/core/time_queue.h"
#include "tlm/cosim/switch_pins.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::cosim {

/// What an output grants in a tick.
struct OutputGrant {
  std::uint32_t output = 0;
  SwitchPins::Grant grant;
};

/// The RTL broke a rule of its interface, or differs from its twin. The text says where and when.
class Mismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
  Mismatch(std::string rule, std::uint64_t tick, const std::string& text,
           std::vector<OutputGrant> expected = {})
      : std::runtime_error(text),
        rule_(std::move(rule)),
        tick_(tick),
        expected_(std::move(expected)) {}
  const std::string& rule() const { return rule_; }
  std::uint64_t tick() const { return tick_; }
  /// Rule lockstep: grants of the reference in that tick.
  const std::vector<OutputGrant>& expected() const { return expected_; }

  /// What is done with a mismatch before it is thrown; the text it returns is added.
  using Report = std::function<std::string(const Mismatch&)>;
  Mismatch reported(const Report& report) const {
    if (report == nullptr) return *this;
    return {rule_, tick_, what() + report(*this), expected_};
  }

 private:
  std::string rule_ = "end";  ///< of the run: nothing that a tick shows
  std::uint64_t tick_ = 0;
  std::vector<OutputGrant> expected_;
};

/// The switch of rtl/router, Verilated, as a SwitchModel: what comes is put on the pins flit by
/// flit, what the arbitration grants is reported, and what leaves the pins is checked against it:
/// every flit's bits and cycle, every credit (the protocol rules RTL-1..RTL-5 of hw/docs/rtl.md).
///
/// Packets carry made-up headers and payload here, so every bit of every flit is known. The clock
/// runs only while something can change.
class VerilatedSwitch final : public directcom::SwitchModel, private ShellSignals {
 public:
  /// As SwitchCore. ConfigError where the configuration is none that the RTL can be: `up_choice`
  /// ecmp, errors of links with speed-up, other than 16 B flits, a number of ports that was not
  /// built, too many nodes or pools, larger buffers. `pins`: the model; null: the one that was
  /// built for so many ports.
  VerilatedSwitch(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                  std::uint32_t index, std::uint64_t seed,
                  std::unique_ptr<SwitchPins> pins = nullptr);
  ~VerilatedSwitch() override;

  std::uint32_t ports() const override { return ports_; }
  void offer(std::uint32_t output, const directcom::FarEnd& far_end) override;
  void arrive(std::uint64_t cycle, const Arrival& arrival) override;
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
              std::uint32_t traffic_class, std::uint32_t flits) override;
  const std::vector<Departure>& step(std::uint64_t tick) override;
  std::uint64_t next() const override;
  void delay(std::uint32_t output, std::uint64_t cycles) override;
  std::uint64_t waiting() const override { return waiting_; }
  std::string stuck() const override;
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const override;

  void on_mismatch(Mismatch::Report report) { report_ = std::move(report); }
  /// Lets everything granted leave the pins, and checks it; the switch is then asleep or waits.
  void settle();
  std::uint64_t flits_checked() const { return flits_checked_; }
  std::uint64_t clocks() const { return clocks_; }

 private:
  struct Packet {
    Arrival arrival;
    std::uint64_t cycle = 0;
    std::uint32_t number = 0;
  };
  struct Credit {
    std::uint64_t cycle = 0;
    SwitchPins::Credit pins;
  };
  struct Leaving {
    Packet packet;
    std::uint64_t head = 0;
    bool mark = false;
  };
  struct Input {
    Ring<Packet> coming;     ///< announced, head not yet on the pins
    Packet now;              ///< on the pins
    std::uint32_t sent = 0;  ///< flits of it; 0 and no flits: none
    bool active = false;
    Ring<Packet> unrouted;
    Credit expected;  ///< of the packet that crosses; in ticks
    bool crossing = false;
  };
  struct Output {
    directcom::FarEnd far_end;
    Ring<Credit> returning;
    Ring<Leaving> leaving;
    std::uint64_t busy_until = 0;
    std::uint64_t held_until = 0;
    TimeStack stack{kStates};
  };

  static constexpr std::uint32_t kMaxFlits = 64;  ///< of a packet

  ShellPort shell_port(std::uint32_t port) const override;
  void check_config() const;
  void start();
  void set_tables();
  SwitchPins::Flit flit(const Packet& packet, std::uint32_t place) const;
  void advance(std::uint64_t tick);
  std::uint64_t next_input() const;
  /// The tick behind the one in which the pins must have a flit of a link cycle.
  std::uint64_t flit_edge(std::uint64_t cycle) const {
    return config_.speedup == 1 ? cycle : 2 * cycle + 1;
  }
  std::uint64_t link_cycle(std::uint64_t tick) const {
    return (tick + config_.speedup - 1) / config_.speedup;
  }
  void drive();
  void observe();
  void check_outputs();
  void check_credits();
  void take_grants();
  void take_routes();
  void note(std::uint32_t output, State state, std::uint64_t cycle);
  [[noreturn]] void fail(const std::string& rule, const std::string& what) const;

  const directcom::SwitchConfig config_;
  const directcom::Routes& routes_;
  const directcom::RoutingTable& table_;
  const std::uint32_t index_;
  const std::uint64_t seed_;
  const std::uint32_t ports_;
  std::unique_ptr<SwitchPins> pins_;
  bool started_ = false;
  std::uint64_t edge_ = 0;           ///< the model is in tick edge_ - 1
  std::uint64_t stepping_ = kNever;  ///< tick of step()
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<Ring<Packet>> voqs_;    ///< input, output, class
  TimeQueue<std::uint32_t> routing_;  ///< ticks in which announced packets can be granted
  std::uint64_t streaming_ = 0;       ///< inputs with flits for the pins
  std::uint64_t returning_ = 0;       ///< outputs with credit for the pins
  std::uint64_t held_ = 0;            ///< outputs
  std::uint64_t leaving_ = 0;         ///< outputs
  std::uint64_t crossing_ = 0;        ///< inputs
  std::uint64_t waiting_ = 0;
  std::uint64_t clocks_ = 0;
  std::uint64_t flits_checked_ = 0;
  std::uint32_t number_ = 0;
  Mismatch::Report report_;
  std::vector<Departure> departures_;
  std::vector<std::array<std::uint64_t, 2>> headers_;  ///< class x flits
};

}  // namespace aipu::cosim
