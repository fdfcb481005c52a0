// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/directcom/arbiter.h"
#include "hw/directcom/config.h"
#include "tlm/core/ring.h"
#include "tlm/core/stats.h"

namespace aipu::directcom {

/// Scheduling of one switch, in integer cycles and without SystemC.
///
/// The shell announces arrivals and credits, possibly ahead of their cycle, and calls step(c) in
/// the cycles that next() names; a cycle not named there would change nothing. Within a cycle:
/// arrivals and credits first, then one iteration of arbitration (hw/docs/directcom.md).
class SwitchCore {
 public:
  static constexpr std::uint64_t kNever = ~0ULL;
  static constexpr std::uint32_t kMaxPorts = 64;

  struct Arrival {
    void* packet = nullptr;
    std::uint32_t input = 0;
    std::uint32_t output = 0;
    std::uint32_t traffic_class = 0;
    std::uint32_t flits = 1;
    std::uint32_t pool = 0;  ///< buffer at the next hop that it will take
  };

  /// What step() decided: the packet crosses in cycles [cycle + 1, cycle + flits].
  struct Grant {
    Arrival packet;
    std::uint64_t cycle = 0;
  };

  /// States of an output's account.
  enum State : std::size_t { kNoPacket, kBusy, kNoCredit, kLostArbitration, kStates };

  SwitchCore(const SwitchConfig& config, std::uint32_t ports);

  std::uint32_t ports() const { return ports_; }
  /// Credits for what is behind an output, before the first cycle.
  void offer(std::uint32_t output, std::uint32_t pools, std::uint32_t flits);
  /// The head of a packet is in the input buffer at the start of `cycle`; it competes from the
  /// next.
  void arrive(std::uint64_t cycle, const Arrival& arrival);
  /// The next hop has freed `flits`; usable in `cycle`. In order of time for every output.
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t pool,
              std::uint32_t traffic_class, std::uint32_t flits);
  /// Does the work of `cycle`; the grants stay valid until the next call.
  const std::vector<Grant>& step(std::uint64_t cycle);
  /// The next cycle in which something can happen, or kNever.
  std::uint64_t next() const;

  /// Flits waiting in, or announced to, the buffer of (input, output, class).
  std::uint32_t occupied(std::uint32_t input, std::uint32_t output, std::uint32_t c) const {
    return voqs_[voq(input, output, c)].flits;
  }
  std::uint64_t waiting() const { return waiting_packets_; }
  std::string stuck() const;
  /// Cycles an output spent in every State up to `cycle`.
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const;

 private:
  struct Voq {
    Ring<Arrival> packets;
    std::uint32_t flits = 0;
    std::uint32_t passed_over = 0;  ///< turns its head lost because its input was busy
  };
  struct Urgent {
    std::uint32_t input;
    std::uint32_t output;
    std::uint32_t traffic_class;
  };
  struct Timed {
    std::uint64_t cycle;
    std::uint64_t order;
    Arrival arrival;
    bool operator>(const Timed& o) const {
      return cycle != o.cycle ? cycle > o.cycle : order > o.order;
    }
  };
  struct Freed {
    std::uint64_t cycle;
    std::uint32_t output;
    std::uint32_t input;
    bool operator>(const Freed& o) const { return cycle > o.cycle; }
  };
  struct Credit {
    std::uint64_t cycle = 0;
    std::uint32_t pool = 0;
    std::uint32_t flits = 0;
  };
  struct Output {
    std::uint64_t requests[kClasses] = {};  ///< inputs with a packet of that class for it
    std::uint64_t urgent[kClasses] = {};    ///< those of them that were passed over too often
    std::uint32_t pointer[kClasses] = {};
    ClassScheduler classes;
    std::vector<std::uint32_t> credits;  ///< pool x class
    Ring<Credit> returning;
    TimeStack stack{kStates};
  };
  /// An output's wish in this cycle.
  struct Choice {
    std::uint32_t input = 0;
    std::uint32_t traffic_class = ClassScheduler::kNone;
    ClassScheduler classes;  ///< as it will be when accepted
  };

  std::size_t voq(std::uint32_t input, std::uint32_t output, std::uint32_t c) const {
    return (std::size_t{input} * ports_ + output) * kClasses + c;
  }
  void collect(std::uint64_t cycle);
  void settle(Output& output, std::uint64_t cycle);
  void hold_for_urgent(std::uint64_t cycle);
  void count_passed_over(std::uint32_t output, std::uint32_t c, std::uint32_t input);
  bool has_credit(const Output& output, const Arrival& head) const {
    return output.credits[head.pool * kClasses + head.traffic_class] >= head.flits;
  }
  bool choose(std::uint32_t output, bool& no_credit);
  void accept(std::uint64_t cycle, std::uint32_t input, std::uint64_t outputs);
  void enter(std::uint32_t output, State state, std::uint64_t cycle);

  const SwitchConfig config_;
  const std::uint32_t ports_;
  std::vector<Voq> voqs_;
  std::vector<Output> outputs_;
  std::vector<std::uint32_t> accept_pointer_;
  std::vector<Choice> choices_;
  std::vector<std::uint64_t> wishes_;  ///< per input: outputs that chose it
  std::vector<Timed> arriving_;        ///< heap by cycle
  std::vector<Freed> busy_;            ///< heap by cycle: crossings under way
  std::vector<Grant> grants_;
  std::vector<Urgent> urgent_;
  std::uint64_t held_ = 0;  ///< inputs that wait for an urgent packet's output
  std::uint64_t free_inputs_;
  std::uint64_t free_outputs_;
  std::uint64_t requested_ = 0;  ///< outputs with a waiting packet
  std::uint64_t starved_ = 0;    ///< outputs where a packet waits for credit
  std::uint64_t waiting_packets_ = 0;
  std::uint64_t order_ = 0;
  std::uint64_t retry_ = kNever;
};

}  // namespace aipu::directcom
