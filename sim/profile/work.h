// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tlm/core/command_engine.h"

namespace aipu::profile {

/// What a command does, from its words; zero where they are illegal.
struct Work {
  std::uint64_t bytes = 0;  ///< DMA and DirectCom: payload; tensor and vector: SRAM traffic
  std::uint64_t flops = 0;  ///< useful operations of a tensor command
};
Work work_of(std::uint32_t queue, const Command& command);

}  // namespace aipu::profile
