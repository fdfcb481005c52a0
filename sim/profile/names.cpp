// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/names.h"

#include <fmt/format.h>

#include "hw/program/counters.h"
#include "regs/abi.h"
#include "regs/directcom.h"
#include "regs/dma.h"
#include "regs/tensor.h"
#include "regs/vector.h"

namespace aipu::profile {

const char* opcode_name(std::uint32_t queue, std::uint32_t opcode) {
  switch (queue) {
    case regs::abi::kQueueTensor:
      return regs::tensor::opcode_name(opcode);
    case regs::abi::kQueueVector:
      return regs::vector::opcode_name(opcode);
    case regs::abi::kQueueDirectcom:
      return regs::directcom::opcode_name(opcode);
    default:
      return regs::dma::opcode_name(opcode);
  }
}

std::string counter_name(std::uint32_t counter) {
  for (const auto& entry : program::kCounterCauses) {
    if (entry.counter == counter) return fmt::format("counter {} ({})", counter, entry.name);
  }
  if (counter >= HC_COUNTER_LANDED) return fmt::format("counter {} (landed)", counter);
  if (counter >= HC_COUNTER_SLOT_FREED) return fmt::format("counter {} (slot_freed)", counter);
  return fmt::format("counter {}", counter);
}

std::string wait_name(const CommandRecord& command) {
  switch (command.wait) {
    case WaitKind::kEngine:
      return "engine";
    case WaitKind::kCounter:
      return counter_name(command.counter);
    default:
      return {};
  }
}

}  // namespace aipu::profile
