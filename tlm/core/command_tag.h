// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu {

/// A command as reports name it: which core's queue, what, and the pc of its doorbell store.
struct CommandTag {
  static constexpr std::uint32_t kNoQueue = 0xFF;  ///< the hart itself did it, or nobody knows

  std::uint32_t core = 0;
  std::uint32_t queue = kNoQueue;  ///< regs::abi::kQueue*
  std::uint32_t opcode = 0;
  std::uint32_t pc = 0;  ///< 0: unknown
};

}  // namespace aipu
