// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/cpu/isa.h"

namespace aipu::cpu {

/// Whether the first half word of an instruction says that it has no second one.
constexpr bool is_compressed(std::uint16_t half) {
  return (half & 3U) != 3U;
}

/// The 32-bit instruction that a compressed one stands for; 0 (illegal) where it stands for none.
std::uint32_t expand(std::uint16_t half, unsigned xlen);

/// Decodes a 32-bit word or, where its low bits say so, a compressed half word. Never fails: what
/// is no instruction of this XLEN becomes Op::kIllegal.
Instruction decode(std::uint32_t word, unsigned xlen);

/// Mnemonic as an assembler spells it.
const char* to_string(Op op);

}  // namespace aipu::cpu
