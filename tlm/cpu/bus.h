// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace aipu::cpu {

/// What a hart meets outside the memory that it reads and writes directly.
class Bus {
 public:
  enum class Status : std::uint8_t {
    kDone,
    kSync,   ///< come back when simulated time has reached the hart's cycle count
    kStall,  ///< not now: come back when the target says so
    kFault,  ///< nothing there, or it refuses
    kMisaligned,
  };
  struct Access {
    std::uint64_t address = 0;
    unsigned bytes = 4;
    bool write = false;
    std::uint64_t value = 0;   ///< in for writes, out for reads (zero-extended)
    std::uint64_t pc = 0;      ///< of the instruction
    std::uint64_t cycles = 0;  ///< the hart's cycle count before the instruction
    std::uint64_t delay = 0;   ///< out: cycles that the target took
    bool device = true;        ///< out: a register, which costs more than memory
  };

  Bus() = default;
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;
  virtual ~Bus() = default;

  virtual Status access(Access& access) = 0;
  /// Half a word of code; nothing where code cannot be.
  virtual std::optional<std::uint16_t> fetch(std::uint64_t address) = 0;
  /// Host bytes of plain memory outside the hart's own, where atomics may work; null where there is
  /// none.
  virtual std::uint8_t* memory(std::uint64_t /*address*/, std::uint64_t /*bytes*/) {
    return nullptr;
  }
  /// Whether simulated time has reached this cycle count: asked before interrupt lines are read.
  virtual bool synced(std::uint64_t cycles) = 0;
};

}  // namespace aipu::cpu
