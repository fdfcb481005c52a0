// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/directcom/arbiter.h"
#include "hw/directcom/config.h"
#include "tlm/core/ring.h"
#include "tlm/core/stats.h"
#include "tlm/directcom/far_end.h"

namespace aipu::directcom {

/// Sending side of one lane, in integer link cycles and without SystemC: a queue per (pool, class)
/// with credits, strict priority and deficit round robin between classes, round robin between
/// pools.
class Lane {
 public:
  static constexpr std::uint64_t kNever = ~0ULL;
  /// States of its account.
  enum State : std::size_t { kNoPacket, kBusy, kNoCredit, kStates };

  /// `config` has the quanta of the classes: of an interface or a switch.
  template <typename C>
  Lane(const C& config, std::uint32_t index) : classes_(config), index_(index) {}

  std::uint32_t index() const { return index_; }
  /// What the far end can hold; once, before the first packet.
  void offer(const FarEnd& far_end);

  void enqueue(void* packet, std::uint32_t destination, std::uint32_t traffic_class,
               std::uint32_t flits);
  /// Credits of a packet to `destination`, usable in `cycle`.
  void credit(std::uint64_t cycle, std::uint32_t destination, std::uint32_t traffic_class,
              std::uint32_t flits);
  /// Takes the credits that have come; to be done before load() and send() of a cycle.
  void settle(std::uint64_t cycle);
  /// Flits of a class assigned to this lane and not credited back; those to the same buffer at the
  /// far end as packets to `destination` count twice, as in a switch (decision 0011).
  std::uint32_t load(std::uint32_t traffic_class, std::uint32_t destination) const {
    return load_[traffic_class] + queues_[traffic_class * pools_ + far_end_.pool(destination)].load;
  }
  /// The packet whose head enters the link in this cycle, or null.
  void* send(std::uint64_t cycle);
  /// The next cycle in which send() may find something, or kNever.
  std::uint64_t next() const;
  /// Packets that wait.
  std::uint32_t waiting() const { return waiting_; }
  /// The link of the packet just sent repeats flits: the next may follow so much later.
  void delay(std::uint64_t cycles) { free_at_ += cycles; }
  std::vector<std::uint64_t> account(std::uint64_t cycle) const;

 private:
  struct Item {
    void* packet = nullptr;
    std::uint32_t flits = 0;
  };
  struct Pool {
    Ring<Item> packets;
    std::uint32_t credits = 0;
    std::uint32_t load = 0;  ///< flits assigned and not credited back
  };
  struct Credit {
    std::uint64_t cycle = 0;
    std::uint32_t pool = 0;
    std::uint32_t traffic_class = 0;
    std::uint32_t flits = 0;
  };

  std::uint32_t find(std::uint32_t traffic_class, std::uint32_t& flits);
  void enter(State state, std::uint64_t cycle);

  ClassScheduler classes_;
  std::uint32_t index_;
  FarEnd far_end_;
  std::uint32_t pools_ = 0;
  std::vector<Pool> queues_;              ///< class x pool
  std::uint32_t queued_[kClasses] = {};   ///< packets
  std::uint32_t pointer_[kClasses] = {};  ///< next pool to serve
  std::uint32_t load_[kClasses] = {};
  std::uint32_t waiting_ = 0;
  std::uint64_t free_at_ = 0;
  bool starved_ = false;
  Ring<Credit> returning_;
  TimeStack stack_{kStates};
};

}  // namespace aipu::directcom
