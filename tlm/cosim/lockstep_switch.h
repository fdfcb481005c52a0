// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tlm/cosim/verilated_switch.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::cosim {

/// Two models of one switch with the same stimuli, compared departure by departure: packet, output,
/// cycle of the head, cycle of the credit, mark. The first answers for both; the first difference
/// throws Mismatch with both sides, the last events and how to run it again, and so does a broken
/// rule of the other. Where the other does several ticks in a step, so does the first.
class LockstepSwitch final : public directcom::SwitchModel {
 public:
  struct Run {
    std::string name;    ///< of the switch
    std::string replay;  ///< command line that runs the same again
    std::uint64_t seed = 0;
    /// Steps both in every tick that either names; else in those of the reference alone, so that a
    /// simulation has the very events that it has without lockstep.
    bool every_tick = false;
    std::uint32_t speedup = 1;  ///< of the switch
  };
  LockstepSwitch(std::unique_ptr<SwitchModel> reference, std::unique_ptr<SwitchModel> other,
                 Run run);

  std::uint32_t ports() const override { return reference_->ports(); }
  void offer(std::uint32_t output, const directcom::FarEnd& far_end) override;
  void arrive(std::uint64_t cycle, const Arrival& arrival) override;
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
              std::uint32_t traffic_class, std::uint32_t flits) override;
  const std::vector<Departure>& step(std::uint64_t tick) override;
  std::uint64_t window_end(std::uint64_t tick) const override { return other_->window_end(tick); }
  std::uint64_t next() const override;
  void delay(std::uint32_t output, std::uint64_t cycles) override;
  std::uint64_t waiting() const override { return reference_->waiting(); }
  std::string stuck() const override { return reference_->stuck(); }
  /// Of the reference; of the other where a step took the reference beyond that cycle. They agree
  /// where the reference is stepped in every tick.
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const override {
    return (cycle < reference_cycle() ? *other_ : *reference_).account(output, cycle);
  }

  /// Throws Mismatch unless both accounts of every output agree, up to a cycle or up to where the
  /// reference is.
  void compare_accounts(std::uint64_t cycle) const;
  std::uint64_t packets_compared() const { return packets_; }
  std::uint64_t flits_compared() const { return flits_; }
  const SwitchModel& other() const { return *other_; }

 private:
  static constexpr std::size_t kHistory = 32;
  struct Event {
    enum class Kind : std::uint8_t { kArrival, kCredit, kDelay, kDeparture };
    Kind kind = Kind::kArrival;
    std::uint64_t cycle = 0;
    std::uint32_t port = 0;
    std::uint32_t node = 0;
    std::uint32_t traffic_class = 0;
    std::uint64_t flits = 0;
  };

  void record(const Event& event) { history_[events_++ % kHistory] = event; }
  void step_reference(std::uint64_t tick, std::uint64_t end);
  const std::vector<Departure>& step_other(std::uint64_t tick, std::uint64_t end);
  /// The link cycle of the last tick that the reference did.
  std::uint64_t reference_cycle() const {
    return (reference_tick_ + run_.speedup - 1) / run_.speedup;
  }
  [[noreturn]] void fail(std::uint64_t tick, const Departure* a, const Departure* b) const;
  /// What happened last, and how to run it again.
  std::string context() const;

  std::unique_ptr<SwitchModel> reference_;
  std::unique_ptr<SwitchModel> other_;
  const Run run_;
  std::vector<Event> history_;
  std::uint64_t events_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t flits_ = 0;
  std::uint64_t reference_tick_ = 0;
  std::vector<Departure> departures_;  ///< of the reference
  std::vector<std::uint64_t> ticks_;   ///< of them
};

}  // namespace aipu::cosim
