// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "tlm/directcom/far_end.h"

namespace aipu::directcom {

/// One switch in integer time, without SystemC: what a shell (SystemC module, plain network)
/// drives, and what the model in C++ and a Verilated one both are.
///
/// Link time counts cycles of the link clock; the crossbar runs `speedup` ticks a cycle. The shell
/// announces arrivals and credits, possibly ahead of their cycle but in order for each port, and
/// calls step(t) in the ticks that next() names; a tick not named there would change nothing.
class SwitchModel {
 public:
  static constexpr std::uint64_t kNever = ~0ULL;

  struct Arrival {
    void* packet = nullptr;  ///< comes back with its departure
    std::uint32_t source = 0;
    std::uint32_t destination = 0;
    std::uint16_t input = 0;
    std::uint16_t flits = 1;
    std::uint8_t traffic_class = 0;
  };
  /// A packet that leaves. Its head enters the output's link in cycle `head`, one flit a cycle
  /// follows; its buffer is free, and the credit may be sent, in cycle `freed`.
  struct Departure {
    Arrival packet;
    std::uint16_t output = 0;
    bool marked = false;  ///< its queue was over `mark_flits` when it entered
    std::uint64_t head = 0;
    std::uint64_t freed = 0;
  };
  /// States of an output's account.
  enum State : std::size_t { kNoPacket, kBusy, kNoCredit, kLostArbitration, kStates };

  SwitchModel() = default;
  SwitchModel(const SwitchModel&) = delete;
  SwitchModel& operator=(const SwitchModel&) = delete;
  virtual ~SwitchModel() = default;

  virtual std::uint32_t ports() const = 0;
  /// Before the first cycle.
  virtual void offer(std::uint32_t output, const FarEnd& far_end) = 0;
  /// The head of a packet is in the input buffer at the start of `cycle`.
  virtual void arrive(std::uint64_t cycle, const Arrival& arrival) = 0;
  /// The next hop has freed `flits` of the pool of `destination`; usable in `cycle`.
  virtual void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t destination,
                      std::uint32_t traffic_class, std::uint32_t flits) = 0;
  /// Does the work of a tick; the departures stay valid until the next call.
  virtual const std::vector<Departure>& step(std::uint64_t tick) = 0;
  /// The first tick that step(tick) leaves undone. A model may do more than one, and report their
  /// departures at once, as far as nothing that is announced later can be felt in them.
  virtual std::uint64_t window_end(std::uint64_t tick) const { return tick + 1; }
  /// The next tick in which something can happen, or kNever.
  virtual std::uint64_t next() const = 0;
  /// The link of an output is taken for `cycles` more than its packets need: it repeats flits of
  /// one just granted, or carries packets that are not of this model. Before or after step().
  virtual void delay(std::uint32_t output, std::uint64_t cycles) = 0;

  /// Packets that wait for an output.
  virtual std::uint64_t waiting() const = 0;
  /// What waits for what, for a report of a hang; empty when nothing does.
  virtual std::string stuck() const = 0;
  /// Cycles an output spent in every State up to `cycle`.
  virtual std::vector<std::uint64_t> account(std::uint32_t output, std::uint64_t cycle) const = 0;
};

/// The flits of every pool at an input of a switch, in the order of its groups: `voq_flits` for
/// each output that the group may choose.
std::vector<std::uint32_t> pool_flits(const SwitchConfig& config, const RoutingTable& table);

}  // namespace aipu::directcom
