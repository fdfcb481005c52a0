// SPDX-License-Identifier: Apache-2.0
#include "hw/cpu/decode.h"

#include <gtest/gtest.h>
#include <string>

namespace aipu::cpu {
namespace {

TEST(DecodeTest, FindsOperandsOfEveryFormat) {
  const Instruction sub = decode(0x40c58533, 32);  // sub a0, a1, a2
  EXPECT_EQ(sub.op, Op::kSub);
  EXPECT_EQ(sub.rd, 10);
  EXPECT_EQ(sub.rs1, 11);
  EXPECT_EQ(sub.rs2, 12);
  const Instruction addi = decode(0x80058513, 32);  // addi a0, a1, -2048
  EXPECT_EQ(addi.imm, -2048);
  EXPECT_EQ(addi.rs2, 0);
  const Instruction sw = decode(0xfea5ae23, 32);  // sw a0, -4(a1)
  EXPECT_EQ(sw.op, Op::kSw);
  EXPECT_EQ(sw.imm, -4);
  EXPECT_EQ(sw.rd, 0);
  const Instruction beq = decode(0xfeb50ee3, 32);  // beq a0, a1, -4
  EXPECT_EQ(beq.op, Op::kBeq);
  EXPECT_EQ(beq.imm, -4);
  const Instruction jal = decode(0xffdff0ef, 32);  // jal ra, -4
  EXPECT_EQ(jal.imm, -4);
  EXPECT_EQ(jal.rd, 1);
  const Instruction lui = decode(0x80000537, 32);  // lui a0, 0x80000
  EXPECT_EQ(static_cast<std::uint32_t>(lui.imm), 0x80000000U);
  const Instruction csrrsi = decode(0x30046073, 32);  // csrrsi zero, mstatus, 8
  EXPECT_EQ(csrrsi.op, Op::kCsrrsi);
  EXPECT_EQ(csrrsi.csr, 0x300);
  EXPECT_EQ(csrrsi.imm, 8);
  EXPECT_EQ(csrrsi.rs1, 0);
}

TEST(DecodeTest, KeepsRv64InstructionsOutOfRv32) {
  for (const std::uint32_t word :
       {0x0005b503U /* ld */, 0x00a5b023U /* sd */, 0x0015851bU /* addiw */, 0x00c5853bU /* addw */,
        0x0205d513U /* srli 32 */, 0x1005b52fU /* lr.d */}) {
    EXPECT_EQ(decode(word, 32).op, Op::kIllegal) << std::hex << word;
    EXPECT_NE(decode(word, 64).op, Op::kIllegal) << std::hex << word;
  }
}

TEST(DecodeTest, AnIllegalWordKeepsItsBits) {
  EXPECT_EQ(decode(0xffffffff, 32).op, Op::kIllegal);
  EXPECT_EQ(static_cast<std::uint32_t>(decode(0xffffffff, 32).imm), 0xffffffffU);
  const Instruction zero = decode(0x12340000, 32);
  EXPECT_EQ(zero.op, Op::kIllegal);
  EXPECT_EQ(zero.bytes, 2);
  EXPECT_EQ(zero.imm, 0);
}

TEST(DecodeTest, ExpandsCompressedInstructions) {
  EXPECT_EQ(expand(0x0001, 32), 0x00000013U);  // c.nop
  EXPECT_EQ(expand(0x4501, 32), 0x00000513U);  // c.li a0, 0
  EXPECT_EQ(expand(0x852e, 32), 0x00b00533U);  // c.mv a0, a1
  EXPECT_EQ(expand(0x8082, 32), 0x00008067U);  // ret
  EXPECT_EQ(expand(0x9002, 32), 0x00100073U);  // c.ebreak
  EXPECT_EQ(expand(0x4188, 32), 0x0005a503U);  // c.lw a0, 0(a1)
  EXPECT_EQ(expand(0x1141, 32), 0xff010113U);  // c.addi sp, -16
  EXPECT_EQ(expand(0x717d, 32), 0xff010113U);  // c.addi16sp sp, -16
  EXPECT_EQ(decode(0x2001, 32).op, Op::kJal);  // c.jal on RV32, c.addiw (reserved rd) on RV64
  EXPECT_EQ(decode(0x2001, 64).op, Op::kIllegal);
  EXPECT_EQ(decode(0x2505, 64).op, Op::kAddiw);
}

/// Every half word expands to a legal 32-bit instruction or to none: never to garbage.
TEST(DecodeTest, NoCompressedHalfWordExpandsToGarbage) {
  for (const unsigned xlen : {32U, 64U}) {
    unsigned legal = 0;
    for (std::uint32_t half = 0; half < 0x10000; ++half) {
      if (!is_compressed(static_cast<std::uint16_t>(half))) continue;
      const std::uint32_t word = expand(static_cast<std::uint16_t>(half), xlen);
      if (word == 0) continue;
      ++legal;
      ASSERT_EQ(word & 3U, 3U);
      ASSERT_NE(decode(word, xlen).op, Op::kIllegal) << std::hex << half;
      ASSERT_EQ(decode(half, xlen).bytes, 2);
    }
    EXPECT_GT(legal, 28'000U);
  }
}

TEST(DecodeTest, ReservedCompressedEncodingsAreIllegal) {
  for (const std::uint32_t half : {0x0000U, 0x8000U, 0x6101U /* addi16sp 0 */, 0x6001U /* lui 0 */,
                                   0x4002U /* lwsp x0 */, 0x8002U /* jr x0 */, 0x9c41U, 0x9c61U}) {
    EXPECT_EQ(decode(half, 64).op, Op::kIllegal) << std::hex << half;
  }
  EXPECT_EQ(decode(0x1502, 32).op, Op::kIllegal);  // c.slli a0, 32
  EXPECT_EQ(decode(0x9d0d, 32).op, Op::kIllegal);  // c.subw
}

TEST(DecodeTest, EveryInstructionHasOneEncodingAndAName) {
  struct Row {
    Op op;
    std::uint32_t match;
    unsigned xlen;
  };
  const Row rows[] = {
#define AIPU_INSTRUCTION(op, text, mask, match, format, kind, xlen) {Op::op, match, xlen},
#include "hw/cpu/instructions.inc"
#undef AIPU_INSTRUCTION
  };
  EXPECT_EQ(std::size(rows), static_cast<std::size_t>(Op::kCount) - 1);
  for (const Row& row : rows) {
    EXPECT_EQ(decode(row.match, 64).op, row.op) << to_string(row.op);
    EXPECT_EQ(decode(row.match, 32).op, row.xlen == 32 ? row.op : Op::kIllegal);
    EXPECT_NE(std::string(to_string(row.op)), "illegal");
  }
}

}  // namespace
}  // namespace aipu::cpu
