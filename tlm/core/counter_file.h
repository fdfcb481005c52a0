// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "tlm/core/command_tag.h"

namespace aipu {

/// Someone who waits for one counter. Intrusive: the owner keeps it alive while it is armed.
class CounterWaiter {
 public:
  CounterWaiter() = default;
  CounterWaiter(const CounterWaiter&) = delete;
  CounterWaiter& operator=(const CounterWaiter&) = delete;
  virtual ~CounterWaiter() = default;

  bool armed() const { return armed_; }
  std::uint32_t counter() const { return counter_; }
  std::uint32_t target() const { return target_; }

 protected:
  /// The counter has reached the target; called once, at the time of the add, already disarmed.
  /// May arm again. It should notify an event rather than act: adds happen inside completions.
  virtual void reached() = 0;

 private:
  friend class CounterFile;
  CounterWaiter* next_ = nullptr;
  std::uint32_t counter_ = 0;
  std::uint32_t target_ = 0;
  bool armed_ = false;
};

/// The 64 hardware counters of a core: 32 bit, counting up only.
class CounterFile {
 public:
  static constexpr std::uint32_t kCount = 64;

  std::uint32_t value(std::uint32_t counter) const { return values_[counter]; }

  /// Adds and wakes whoever is satisfied, in the order in which they armed. False, with nothing
  /// changed, where the counter would overflow: an illegal act of firmware. `by`: for reports.
  bool add(std::uint32_t counter, std::uint32_t amount, const CommandTag& by = {});

  /// Arms `waiter`; when the target is reached already, returns true and does not arm.
  bool wait(CounterWaiter& waiter, std::uint32_t counter, std::uint32_t target);
  void cancel(CounterWaiter& waiter);

  /// Who has added so far, for reports.
  struct Adds {
    std::uint64_t count = 0;
    CommandTag last;
  };
  const Adds& adds(std::uint32_t counter) const { return adds_[counter]; }

 private:
  std::array<std::uint32_t, kCount> values_{};
  std::array<CounterWaiter*, kCount> waiters_{};
  std::array<Adds, kCount> adds_{};
};

/// Where an add goes whose scope is not the own core: other cores of the AIPU, after a latency.
class SignalRouter {
 public:
  SignalRouter() = default;
  SignalRouter(const SignalRouter&) = delete;
  SignalRouter& operator=(const SignalRouter&) = delete;
  virtual ~SignalRouter() = default;

  /// Adds `amount` to `counter` of the cores that `scope` names (regs::abi::kScope*, or a number).
  virtual void signal(std::uint32_t source_core, std::uint32_t scope, std::uint32_t counter,
                      std::uint32_t amount) = 0;
  /// The same, of a command that reports shall name.
  virtual void signal_of(const CommandTag& by, std::uint32_t scope, std::uint32_t counter,
                         std::uint32_t amount) {
    signal(by.core, scope, counter, amount);
  }
};

}  // namespace aipu
