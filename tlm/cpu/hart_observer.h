// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu::cpu {

/// What a hart does at an instant of simulated time. State 0 is where it starts.
enum class HartState : std::uint8_t {
  kIdle,  ///< not started
  kBusy,
  kWfi,
  kQueueFull,     ///< on a doorbell store that its queue has no slot for
  kBlockingRead,  ///< on a register read that waits
  kEnded,
};
constexpr std::size_t kHartStates = 6;

/// Told what a hart executes. A hart without one does not pay for it.
class CodeObserver {
 public:
  CodeObserver() = default;
  CodeObserver(const CodeObserver&) = delete;
  CodeObserver& operator=(const CodeObserver&) = delete;
  virtual ~CodeObserver() = default;

  /// `instructions` of the straight code at `pc` were completed, or an interrupt was entered whose
  /// handler is at `pc`, and it took `cycles`. The calls of a hart add up to its instructions and
  /// cycles.
  virtual void ran(std::uint64_t pc, std::uint64_t instructions, std::uint64_t cycles) = 0;
};

/// Told as well when the hart begins to wait and when it goes on.
class HartObserver : public CodeObserver {
 public:
  /// From simulated time `now` (ps) on. A wait concerns the instruction at `pc`; `address` is that
  /// of the access that stalls, else 0.
  virtual void entered(HartState state, std::uint64_t now, std::uint32_t pc,
                       std::uint32_t address) = 0;
};

}  // namespace aipu::cpu
