// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "tlm/core/command_tag.h"

namespace aipu {

/// An illegal act of firmware, as an engine found it (rule: regs::abi::kRule*).
struct Fault {
  /// Two commands that use the same bytes of their core's SRAM, and one of them writes.
  struct Clash {
    CommandTag other;           ///< the one that was there first
    bool write = false;         ///< the command of the fault writes
    bool other_writes = false;  ///< the other one
    std::uint32_t begin = 0;    ///< SRAM offset of the first byte that both use
    std::uint32_t end = 0;
  };
  /// A range of the core's SRAM that a command reads though not all of it was ever written.
  struct Unwritten {
    std::uint32_t begin = 0, end = 0;  ///< SRAM offsets of what the command reads in one piece
    std::uint32_t first = 0;           ///< of the first byte that nobody wrote
  };

  std::uint32_t rule = 0;
  std::uint32_t queue = 0;  ///< regs::abi::kQueue*
  std::uint32_t opcode = 0;
  std::uint64_t address = 0;                ///< what broke the rule: an address, a counter, a size
  std::uint32_t pc = 0;                     ///< of the doorbell store
  std::optional<Clash> clash = {};          ///< of rule overlap, where two commands meet
  std::optional<Unwritten> unwritten = {};  ///< of rule uninitialised
};

/// Where engines report faults: the core latches the first and interrupts its hart.
class FaultSink {
 public:
  FaultSink() = default;
  FaultSink(const FaultSink&) = delete;
  FaultSink& operator=(const FaultSink&) = delete;
  virtual ~FaultSink() = default;
  virtual void fault(const Fault& fault) = 0;
  /// The same, but firmware does not see it and goes on.
  virtual void warn(const Fault&) {}
};

}  // namespace aipu
