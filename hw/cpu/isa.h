// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu::cpu {

/// Every instruction of hw/cpu/instructions.inc; kIllegal is what decodes to none of them.
enum class Op : std::uint8_t {
  kIllegal,
#define AIPU_INSTRUCTION(op, text, mask, match, format, kind, xlen) op,
#include "hw/cpu/instructions.inc"
#undef AIPU_INSTRUCTION
  kCount
};

/// Where the operands of an encoding are.
enum class Format : std::uint8_t { kNone, kR, kI, kShift, kS, kB, kU, kJ, kCsr, kCsrImm };

/// What an instruction costs and whether it ends a straight run of code.
enum class Kind : std::uint8_t {
  kAlu,
  kMul,
  kDiv,
  kLoad,
  kStore,
  kAtomic,
  kFence,  // go on with the next instruction
  kBranch,
  kJump,
  kIndirectJump,
  kCsr,
  kFenceI,
  kSystem,
  kReturn,
  kIllegal  // end a block
};

constexpr bool ends_block(Kind kind) {
  return kind >= Kind::kBranch;
}

/// A decoded instruction. Registers that the format does not have are x0.
struct Instruction {
  Op op = Op::kIllegal;
  Kind kind = Kind::kIllegal;
  std::uint8_t rd = 0;
  std::uint8_t rs1 = 0;
  std::uint8_t rs2 = 0;
  std::uint8_t bytes = 4;  ///< 2 for a compressed one
  std::uint16_t csr = 0;
  std::int32_t imm = 0;  ///< sign-extended; kU: the upper 20 bits in place; kIllegal: the raw bits
};

/// Machine-mode causes; an interrupt's cause is its line.
namespace cause {
constexpr std::uint64_t kFetchMisaligned = 0;
constexpr std::uint64_t kFetchFault = 1;
constexpr std::uint64_t kIllegalInstruction = 2;
constexpr std::uint64_t kBreakpoint = 3;
constexpr std::uint64_t kLoadMisaligned = 4;
constexpr std::uint64_t kLoadFault = 5;
constexpr std::uint64_t kStoreMisaligned = 6;
constexpr std::uint64_t kStoreFault = 7;
constexpr std::uint64_t kMachineEcall = 11;
const char* to_string(std::uint64_t exception);
}  // namespace cause

/// Interrupt lines of a hart: their bit in mip and mie, and their cause.
enum class Interrupt : std::uint8_t { kSoftware = 3, kTimer = 7, kExternal = 11, kFault = 16 };

}  // namespace aipu::cpu
