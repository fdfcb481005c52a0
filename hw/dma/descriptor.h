// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "hw/base/gaddr.h"

namespace aipu::dma {

/// Who issues a command: decides which addresses are local and which are allowed.
struct Owner {
  std::uint32_t aipu = 0;
  std::uint32_t core = 0;
  bool control = false;  ///< the chip-control core may copy between two far memories

  /// Whether the address lies in the owner's own SRAM.
  constexpr bool is_local(Gaddr address) const {
    return address.space() == Gaddr::Space::kCore && address.core() == core &&
           (address.aipu() == Gaddr::kSelf || address.aipu() == aipu);
  }
};

/// One side of a copy: planes x rows of bytes.
struct Side {
  Gaddr base;
  std::uint32_t row_stride = 0;
  std::uint32_t plane_stride = 0;
  bool local = false;  ///< in the SRAM of the owner
};

/// A command as the engine carries it out (hw/regs/dma.yaml), with rows that follow each other
/// without a gap on both sides already joined.
struct Descriptor {
  Side source;  ///< of a fill: unused
  Side destination;
  std::uint64_t bytes = 0;  ///< of a row
  std::uint32_t rows = 0;
  std::uint32_t planes = 0;
  bool fill = false;
  std::uint32_t pattern = 0;  ///< repeats from the start of every row

  std::uint64_t total() const { return bytes * rows * planes; }
};

/// Most bytes of one command.
constexpr std::uint64_t kMaxCommandBytes = std::uint64_t{1} << 32U;

struct Decoded {
  Descriptor descriptor;
  std::uint32_t rule = 0;     ///< regs::abi::kRuleNone, or the rule that the command breaks
  std::uint64_t address = 0;  ///< what broke it: an address, a size, an opcode
};

/// Checks and decodes a command. Rules: unknown_command, bad_size, bad_address, overlap.
Decoded decode(std::uint32_t opcode, const std::array<std::uint32_t, 32>& words,
               const Owner& owner);

}  // namespace aipu::dma
