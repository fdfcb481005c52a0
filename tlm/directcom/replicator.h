// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/directcom/config.h"
#include "hw/directcom/port_set.h"
#include "hw/directcom/topology.h"
#include "tlm/core/ring.h"

namespace aipu::directcom {

/// The multicast unit of a switch, cycle by cycle and without SystemC (hw/docs/directcom.md,
/// "In-switch collectives"): copies packets to a set of outputs. It stands beside the crossbar, has
/// buffers of its own, and shares with it only the links of the outputs, which take turns.
///
/// Times are link cycles. The shell announces arrivals and credits, possibly ahead but in order for
/// each port, and calls step(c) in the cycles that next() names.
class Replicator {
 public:
  using Ports = PortSet<kMaxPorts / 64>;
  static constexpr std::uint64_t kNever = ~0ULL;

  struct Packet {
    void* packet = nullptr;  ///< comes back with every copy
    std::uint16_t input = 0;
    std::uint16_t flits = 1;
    std::uint8_t traffic_class = 0;
  };
  /// A copy whose head enters the link of `output` in cycle `head`. The crossbar's own packets find
  /// the output taken for `delay` cycles more than they knew of.
  struct Copy {
    Packet packet;
    std::uint16_t output = 0;
    std::uint64_t head = 0;
    std::uint64_t delay = 0;
  };
  /// The last copy has left the buffer, which is free in `cycle`.
  struct Freed {
    Packet packet;
    std::uint64_t cycle = 0;
  };
  struct Work {
    std::vector<Copy> copies;
    std::vector<Freed> freed;
  };
  /// Which outputs a call of step() may take: those where the crossbar had the last turn, or all.
  enum class Turn : std::uint8_t { kBeforeCrossbar, kAfterCrossbar };

  /// Inputs from `ports` on are of the tables of sums, which bound what is in them.
  Replicator(const SwitchConfig& config, std::uint32_t ports);

  /// Buffer for copies behind an output, in every class; before the first cycle.
  void offer(std::uint32_t output, std::uint32_t flits);
  /// The head of a packet for `outputs` (not none) is in the buffer at the start of `cycle`.
  void arrive(std::uint64_t cycle, const Packet& packet, const Ports& outputs);
  /// The far end has freed the flits of a copy; usable in `cycle`.
  void credit(std::uint64_t cycle, std::uint32_t output, std::uint32_t traffic_class,
              std::uint32_t flits);
  /// The crossbar has granted a packet whose head enters the link in `head`.
  void granted(std::uint32_t output, std::uint64_t head, std::uint32_t flits);
  /// The link of an output repeats flits.
  void delay(std::uint32_t output, std::uint64_t cycles) { outputs_[output].busy_until += cycles; }
  /// Does the work of a cycle that this turn may do; valid until the next call.
  const Work& step(std::uint64_t cycle, Turn turn);
  /// The next cycle in which something can happen, or kNever.
  std::uint64_t next() const;
  std::uint64_t waiting() const { return waiting_; }

 private:
  struct Entry {
    Packet packet;
    std::uint64_t ready = 0;  ///< first cycle in which it may be copied
    Ports left;
  };
  struct Input {
    Ring<Entry> queue[kClasses];
    std::uint32_t used[kClasses] = {};
    std::uint64_t free_at = 0;
  };
  struct Credit {
    std::uint64_t cycle = 0;
    std::uint32_t traffic_class = 0;
    std::uint32_t flits = 0;
  };
  struct Output {
    std::uint32_t credits[kClasses] = {};
    Ring<Credit> returning;
    std::uint64_t free_at = 0;     ///< of its column of wires
    std::uint64_t busy_until = 0;  ///< cycle in which all that was granted has passed
    bool had_turn = false;         ///< a copy took the last turn
  };
  /// The first packet of a queue.
  struct Head {
    std::uint32_t input = 0;
    std::uint32_t traffic_class = 0;
    std::uint64_t ready = 0;
  };

  std::uint64_t room_at(const Output& output, std::uint32_t flits) const;
  void find_heads(std::uint64_t cycle);
  void pass(std::uint64_t cycle, const Head& head, Turn turn);

  const SwitchConfig config_;
  std::vector<Input> inputs_;
  std::vector<Output> outputs_;
  std::vector<Head> heads_;
  Work work_;
  std::uint64_t waiting_ = 0;
};

}  // namespace aipu::directcom
