// SPDX-License-Identifier: Apache-2.0
#include "hw/cpu/decode.h"

namespace aipu::cpu {
namespace {

struct Encoding {
  Op op;
  const char* text;
  std::uint32_t mask;
  std::uint32_t match;
  Format format;
  Kind kind;
  unsigned xlen;
};

constexpr Encoding kEncodings[] = {
#define AIPU_INSTRUCTION(op, text, mask, match, format, kind, xlen) \
  {Op::op, text, mask, match, Format::format, Kind::kind, xlen},
#include "hw/cpu/instructions.inc"
#undef AIPU_INSTRUCTION
};

constexpr std::uint32_t bits(std::uint32_t word, unsigned high, unsigned low) {
  return (word >> low) & ((1U << (high - low + 1U)) - 1U);
}
constexpr std::int32_t sign_extend(std::uint32_t value, unsigned width) {
  const std::uint32_t sign = 1U << (width - 1U);
  return static_cast<std::int32_t>((value ^ sign) - sign);
}
constexpr std::uint8_t reg(std::uint32_t word, unsigned low) {
  return static_cast<std::uint8_t>(bits(word, low + 4U, low));
}

void operands(Instruction& out, Format format, std::uint32_t w) {
  const bool has_rd = format != Format::kS && format != Format::kB && format != Format::kNone;
  const bool has_rs1 = format != Format::kU && format != Format::kJ && format != Format::kCsrImm &&
                       format != Format::kNone;
  const bool has_rs2 = format == Format::kR || format == Format::kS || format == Format::kB;
  if (has_rd) out.rd = reg(w, 7);
  if (has_rs1) out.rs1 = reg(w, 15);
  if (has_rs2) out.rs2 = reg(w, 20);
  switch (format) {
    case Format::kI:
      out.imm = sign_extend(bits(w, 31, 20), 12);
      break;
    case Format::kShift:
      out.imm = static_cast<std::int32_t>(bits(w, 25, 20));
      break;
    case Format::kS:
      out.imm = sign_extend((bits(w, 31, 25) << 5U) | bits(w, 11, 7), 12);
      break;
    case Format::kB:
      out.imm = sign_extend((bits(w, 31, 31) << 12U) | (bits(w, 7, 7) << 11U) |
                                (bits(w, 30, 25) << 5U) | (bits(w, 11, 8) << 1U),
                            13);
      break;
    case Format::kU:
      out.imm = static_cast<std::int32_t>(w & 0xfffff000U);
      break;
    case Format::kJ:
      out.imm = sign_extend((bits(w, 31, 31) << 20U) | (bits(w, 19, 12) << 12U) |
                                (bits(w, 20, 20) << 11U) | (bits(w, 30, 21) << 1U),
                            21);
      break;
    case Format::kCsrImm:
      out.imm = static_cast<std::int32_t>(bits(w, 19, 15));
      break;
    default:
      break;
  }
  if (out.kind == Kind::kCsr) out.csr = static_cast<std::uint16_t>(bits(w, 31, 20));
}

const Encoding* find(std::uint32_t word, unsigned xlen) {
  for (const Encoding& e : kEncodings) {
    if ((word & e.mask) != e.match || e.xlen > xlen) continue;
    // RV32 shifts have a 5-bit amount; the sixth bit set is no instruction.
    if (e.format == Format::kShift && xlen == 32 && bits(word, 25, 25) != 0) return nullptr;
    return &e;
  }
  return nullptr;
}

}  // namespace

Instruction decode(std::uint32_t word, unsigned xlen) {
  Instruction out;
  std::uint32_t wide = word;
  if (is_compressed(static_cast<std::uint16_t>(word))) {
    out.bytes = 2;
    word &= 0xffffU;
    wide = expand(static_cast<std::uint16_t>(word), xlen);
  }
  out.imm = static_cast<std::int32_t>(word);
  if (const Encoding* e = find(wide, xlen); e != nullptr) {
    out.op = e->op;
    out.kind = e->kind;
    out.imm = 0;
    operands(out, e->format, wide);
  }
  return out;
}

const char* to_string(Op op) {
  for (const Encoding& e : kEncodings) {
    if (e.op == op) return e.text;
  }
  return "illegal";
}

const char* cause::to_string(std::uint64_t exception) {
  switch (exception) {
    case kFetchMisaligned:
      return "misaligned fetch";
    case kFetchFault:
      return "instruction access fault";
    case kIllegalInstruction:
      return "illegal instruction";
    case kBreakpoint:
      return "breakpoint";
    case kLoadMisaligned:
      return "misaligned load";
    case kLoadFault:
      return "load access fault";
    case kStoreMisaligned:
      return "misaligned store";
    case kStoreFault:
      return "store access fault";
    case kMachineEcall:
      return "environment call";
    default:
      return "unknown exception";
  }
}

}  // namespace aipu::cpu
