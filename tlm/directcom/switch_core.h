// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "hw/directcom/arbiter.h"
#include "hw/directcom/path_choice.h"
#include "hw/directcom/port_set.h"
#include "tlm/core/ring.h"
#include "tlm/core/stats.h"
#include "tlm/core/time_queue.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::directcom {

/// The switch of hw/docs/directcom.md, cycle by cycle, of up to 64 x Words ports.
///
/// Within a tick: ends of crossings, arrivals (lowest input first: each is routed and counted
/// before the next), credits, then one iteration of arbitration.
template <unsigned Words>
class SwitchCore final : public SwitchModel {
 public:
  /// Switch `index` of `routes`, which outlives this. `seed` is of the fabric; input i of switch s
  /// draws from an LFSR that starts at seed + (s + 1) x 0x9E37 + i, lower 16 bits.
  SwitchCore(const SwitchConfig& config, const Routes& routes, std::uint32_t index,
             std::uint64_t seed);

  std::uint32_t ports() const override { return ports_; }
  void offer(std::uint32_t output, const FarEnd& far_end) override;
  void arrive(std::uint64_t cycle, const Arrival& arrival) override;
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
              std::uint32_t traffic_class, std::uint32_t flits) override;
  const std::vector<Departure>& step(std::uint64_t tick) override;
  std::uint64_t next() const override;
  void delay(std::uint32_t output, std::uint64_t cycles) override;
  /// Flits in, or announced to, the buffer that packets to a destination take.
  std::uint32_t occupied(std::uint32_t input, std::uint32_t destination, std::uint32_t c) const {
    return pool_used_[pool(input, destination, c)];
  }
  std::uint64_t waiting() const override { return waiting_; }
  std::string stuck() const override;
  std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const override;

 private:
  using Ports = PortSet<Words>;
  static constexpr std::uint32_t kNone = ~0U;

  /// A packet in a queue.
  struct Entry {
    Arrival arrival;
    std::uint64_t cycle = 0;  ///< its head arrived
    std::uint32_t next = kNone;
    bool marked = false;
  };
  struct Voq {
    std::uint32_t first = kNone;
    std::uint32_t last = kNone;
    std::uint32_t flits = 0;
    std::uint32_t lost = 0;  ///< turns lost and not made good by packets served
  };
  /// A queue of an output.
  struct Queue {
    std::uint32_t input = 0;
    std::uint32_t traffic_class = 0;
  };
  struct Crossing {
    std::uint32_t output;
    std::uint32_t input;
  };
  struct Credit {
    std::uint64_t cycle = 0;
    std::uint32_t pool = 0;  ///< x class
    std::uint32_t flits = 0;
  };
  struct Output {
    Ports requests[kClasses];  ///< inputs with a packet of that class for it
    Ports urgent[kClasses];    ///< those of them that are urgent
    Queue made_good;           ///< the last queue that was kept for and served
    Queue kept;                ///< keeps: the one whose input is kept for it in this tick
    bool keeps = false;
    std::uint32_t pointer[kClasses] = {};
    std::uint32_t load[kClasses] = {};  ///< flits assigned and not yet credited back
    ClassScheduler classes;
    std::vector<std::uint32_t> credits;    ///< pool x class
    std::vector<std::uint32_t> pool_load;  ///< the same as load, by pool x class
    FarEnd far_end;
    Ring<Credit> returning;
    std::uint64_t busy_until = 0;  ///< cycle in which all that was granted has passed
    TimeStack stack{kStates};
  };
  /// An output's wish in this tick.
  struct Choice {
    std::uint32_t input = 0;
    std::uint32_t traffic_class = ClassScheduler::kNone;
    ClassScheduler classes;  ///< as it will be when accepted
  };
  /// Why a packet could not be chosen.
  struct Obstacle {
    bool no_credit = false;
    std::uint64_t room_at = kNever;  ///< tick in which the output has room
  };

  std::size_t voq(std::uint32_t input, std::uint32_t output, std::uint32_t c) const {
    return (std::size_t{input} * ports_ + output) * kClasses + c;
  }
  const Arrival& head(const Voq& queue) const { return entries_[queue.first].arrival; }
  /// The buffer at the next hop that a packet takes: pool x class.
  static std::size_t far_pool(const Output& output, const Arrival& a) {
    return output.far_end.pool(a.destination) * kClasses + a.traffic_class;
  }
  static bool has_credit(const Output& output, const Arrival& a) {
    return output.credits[far_pool(output, a)] >= a.flits;
  }
  std::size_t pool(std::uint32_t input, std::uint32_t destination, std::uint32_t c) const {
    return (input * table_.groups.size() + table_.group_of[destination]) * kClasses + c;
  }
  std::uint32_t& pool_used(const Arrival& a) {
    return pool_used_[pool(a.input, a.destination, a.traffic_class)];
  }
  static bool no_input(const Ports (&inputs)[kClasses]) {
    return (inputs[0] | inputs[1] | inputs[2] | inputs[3]).empty();
  }
  std::uint64_t link_cycle(std::uint64_t tick) const {
    return (tick + config_.speedup - 1) / config_.speedup;
  }

  void collect(std::uint64_t tick);
  void enter_queue(std::uint32_t entry, std::uint64_t cycle);
  std::uint32_t route(const Arrival& arrival, std::uint64_t cycle);
  void settle(Output& output, std::uint64_t cycle);
  void keep_inputs(std::uint64_t cycle);
  bool find_kept(Output& output, std::uint32_t o);
  bool choose(std::uint32_t output, std::uint64_t tick, Obstacle& obstacle);
  std::uint32_t pick_input(std::uint32_t output, std::uint32_t c, std::uint64_t tick,
                           Obstacle& obstacle);
  std::uint64_t room_at(const Output& output) const;
  void reserve_pool(std::uint32_t output, std::uint32_t c, std::size_t pool, Ports& inputs) const;
  void accept(std::uint64_t tick, std::uint32_t input, const Ports& wishing);
  void take_from_queue(std::uint32_t input, std::uint32_t output, std::uint32_t c);
  void depart(std::uint64_t tick, const Entry& entry, std::uint32_t output);
  void lose_turn(std::uint32_t input, std::uint32_t output, std::uint32_t c);
  void count_turns(std::uint32_t output, std::uint32_t c, std::uint32_t winner);
  void end_urgency(std::uint32_t input, std::uint32_t output, std::uint32_t c);
  void note(std::uint32_t output, State state, std::uint64_t cycle);

  const SwitchConfig config_;
  const Routes& routes_;
  const RoutingTable& table_;
  const std::uint32_t ports_;
  const std::uint32_t longest_;  ///< flits of the longest packet
  const std::vector<std::uint32_t> pool_flits_;
  std::vector<Voq> voqs_;
  std::vector<Entry> entries_;
  std::uint32_t free_entry_ = kNone;
  std::vector<std::uint32_t> pool_used_;  ///< input x group x class: flits, announced ones too
  std::vector<Output> outputs_;
  std::vector<PathChooser> choosers_;  ///< of each input
  std::vector<Ports> wanted_;          ///< input x class: outputs it has a packet for
  std::vector<std::uint32_t> accept_pointer_;
  std::vector<Choice> choices_;
  std::vector<Ports> wishes_;          ///< per input: outputs that chose it
  TimeQueue<std::uint32_t> arriving_;  ///< entries, by cycle and input
  TimeQueue<Crossing> crossing_;       ///< by the tick in which input and output are free again
  std::vector<Departure> departures_;
  std::vector<std::uint16_t> candidates_;
  Ports kept_;  ///< inputs kept for an urgent queue
  Ports urgent_outputs_;
  Ports free_inputs_;
  Ports free_outputs_;
  Ports open_inputs_;   ///< free and not kept when the arbitration of this tick began
  Ports open_outputs_;  ///< free then
  Ports requested_;     ///< outputs with a waiting packet
  Ports starved_;       ///< outputs where a packet waits for credit
  std::uint64_t waiting_ = 0;
  std::uint64_t retry_ = kNever;
  std::uint64_t stepped_ = 0;  ///< the last tick
};

/// The core for as many ports as the switch has.
std::unique_ptr<SwitchModel> make_switch_core(const SwitchConfig& config, const Routes& routes,
                                              std::uint32_t index, std::uint64_t seed);

}  // namespace aipu::directcom
