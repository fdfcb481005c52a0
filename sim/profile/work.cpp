// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/work.h"

#include "hw/tensor/tile.h"
#include "hw/vector/command.h"
#include "regs/abi.h"
#include "regs/directcom.h"
#include "regs/dma.h"

namespace aipu::profile {

Work work_of(std::uint32_t queue, const Command& command) {
  const auto& words = command.words;
  switch (queue) {
    case regs::abi::kQueueTensor: {
      const auto decoded = tensor::decode(command.opcode, words);
      if (!decoded.ok()) return {};
      return {tensor::operands(decoded.tile).traffic(), tensor::flops(decoded.tile)};
    }
    case regs::abi::kQueueVector: {
      const auto decoded = vector::decode(command.opcode, words);
      return decoded.ok() ? Work{decoded.operation.tiles.traffic(), 0} : Work{};
    }
    case regs::abi::kQueueDirectcom: {
      namespace dc = regs::directcom;
      if (command.opcode == dc::kOpNotify) return {};
      return {std::uint64_t{words[dc::kWBytes]} * words[dc::kWRows], 0};
    }
    default: {
      namespace dma = regs::dma;
      return {std::uint64_t{words[dma::kWBytes]} * words[dma::kWRows] * words[dma::kWPlanes], 0};
    }
  }
}

}  // namespace aipu::profile
