// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu {

/// An illegal act of firmware, as an engine found it (rule: regs::abi::kRule*).
struct Fault {
  std::uint32_t rule = 0;
  std::uint32_t queue = 0;  ///< regs::abi::kQueue*
  std::uint32_t opcode = 0;
  std::uint64_t address = 0;  ///< what broke the rule: an address, a counter, a size
  std::uint32_t pc = 0;       ///< of the doorbell store
};

/// Where engines report faults: the core latches the first and interrupts its hart.
class FaultSink {
 public:
  FaultSink() = default;
  FaultSink(const FaultSink&) = delete;
  FaultSink& operator=(const FaultSink&) = delete;
  virtual ~FaultSink() = default;
  virtual void fault(const Fault& fault) = 0;
};

}  // namespace aipu
