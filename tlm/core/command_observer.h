// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu {

struct Command;

/// What a command engine does at an instant of simulated time.
enum class EngineState : std::uint8_t {
  kIdle,     ///< no command
  kBusy,     ///< a command runs
  kBlocked,  ///< none runs, the next one waits for room in the engine
  kCounter,  ///< none runs, the next one waits for a counter
};

/// Told of the life of every command of one engine, at the present simulated time. Slots are
/// numbered from 0 to depth - 1 and reused. An engine without one pays a test of a pointer for each
/// step.
class CommandObserver {
 public:
  static constexpr std::uint32_t kNoCounter = ~std::uint32_t{0};

  CommandObserver() = default;
  CommandObserver(const CommandObserver&) = delete;
  CommandObserver& operator=(const CommandObserver&) = delete;
  virtual ~CommandObserver() = default;

  virtual void issued(std::uint32_t slot, const Command& command) = 0;
  /// The first of the queue cannot begin: it waits for this counter, or (kNoCounter) for the
  /// engine. May be told again while nothing has changed.
  virtual void held(std::uint32_t slot, std::uint32_t counter) = 0;
  virtual void began(std::uint32_t slot) = 0;
  /// Its work is done; it retires now or after the commands before it. One that broke a rule never
  /// ends.
  virtual void ended(std::uint32_t slot) = 0;
  /// The engine's state changed; `counter` is kNoCounter but for kCounter.
  virtual void state(EngineState state, std::uint32_t counter) = 0;
};

}  // namespace aipu
