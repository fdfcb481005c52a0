// SPDX-License-Identifier: Apache-2.0
// Rows picked by index, and what decode() and compute() make of random words.
#include "hw/vector/cost.h"
#include "regs/abi.h"
#include "tests/hw/vector/sram_image.h"

namespace aipu::vector {
namespace {

Script gather(std::uint32_t rows, std::uint32_t cols, std::uint32_t exist) {
  Script s;
  s.opcode = Opcode::kGather;
  s.rows = rows;
  s.cols = cols;
  s.param0 = exist;
  return s;
}

TEST(VectorGatherTest, PutsTheListedRowsInTheirOrder) {
  SramImage sram(51);
  Script s = gather(5, 30, 9);
  s.ld_src0 = 33;
  s.dtype_src0 = DType::kBf16;
  const Rows x = sram.fill(s.src0, 9, 30, 33, DType::kBf16);
  const std::uint32_t list[] = {8, 0, 3, kNoIndex, 3};
  for (std::uint32_t r = 0; r < 5; ++r)
    sram.set_word(s.src1 + r * 4, list[r]);
  sram.run(s);
  const Rows y = sram.read(s.dst, 5, 30, 30);
  for (std::size_t r = 0; r < 5; ++r)
    EXPECT_EQ(y[r], list[r] == kNoIndex ? std::vector<double>(30) : x[list[r]]);
}

TEST(VectorGatherTest, ARowThatDoesNotExistIsNamedAndNothingIsWritten) {
  SramImage sram(52);
  const Script s = gather(3, 8, 4);
  sram.set_word(s.src1, 3);
  sram.set_word(s.src1 + 4, 4);
  sram.set_word(s.src1 + 8, 0);
  std::vector<std::uint8_t> bytes = sram.bytes();
  const Breach breach = compute(s.decoded().operation, bytes.data());
  EXPECT_EQ(breach.rule, regs::abi::kRuleBadSize);
  EXPECT_EQ(breach.address, 4U);
  EXPECT_EQ(bytes, sram.bytes());
}

Script weighted_sum(std::uint32_t rows, std::uint32_t cols, std::uint32_t exist,
                    std::uint32_t terms) {
  Script s = gather(rows, cols, exist);
  s.opcode = Opcode::kWeightedSum;
  s.param1 = terms;
  return s;
}

TEST(VectorWeightedSumTest, TermsAreAddedInOrderOfThePairs) {
  SramImage sram(53);
  Script s = weighted_sum(6, 50, 20, 4);
  s.dtype_src0 = DType::kBf16;
  const Rows x = sram.fill(s.src0, 20, 50, 50, DType::kBf16);
  for (std::uint32_t i = 0; i < 24; ++i) {
    sram.set(s.src1 + i * 8, 0.1F * static_cast<float>(i) - 1.0F);
    sram.set_word(s.src1 + i * 8 + 4, i == 5 ? kNoIndex : i * 7 % 20);
  }
  sram.run(s);
  for (std::uint32_t r = 0; r < 6; ++r) {
    for (std::uint32_t c = 0; c < 50; ++c) {
      float sum = 0;
      for (std::uint32_t i = 4 * r; i < 4 * r + 4; ++i) {
        const volatile float product =
            (0.1F * static_cast<float>(i) - 1.0F) * static_cast<float>(x[i * 7 % 20][c]);
        if (i != 5) sum = sum + product;
      }
      ASSERT_EQ(sram.get(s.dst + (r * 50 + c) * 4), sum) << r << "," << c;
    }
  }
}

TEST(VectorWeightedSumTest, ARowThatDoesNotExistIsNamed) {
  SramImage sram(54);
  const Script s = weighted_sum(1, 4, 2, 2);
  sram.set_word(s.src1 + 4, 1);
  sram.set_word(s.src1 + 12, 0xFFFF'FFFEU);
  std::vector<std::uint8_t> bytes = sram.bytes();
  const Breach breach = compute(s.decoded().operation, bytes.data());
  EXPECT_EQ(breach.rule, regs::abi::kRuleBadSize);
  EXPECT_EQ(breach.address, 0xFFFF'FFFEU);
}

/// 32 random bits at a time.
using Words = std::independent_bits_engine<std::mt19937, 32, std::uint32_t>;

/// A word of a size that often passes, or anything.
std::uint32_t random_word(Words& random) {
  const std::uint32_t word = random();
  switch (random() % 8) {
    case 0:
      return word;
    case 1:
      return 0;
    case 2:
      return ~0U >> random() % 32;
    default:
      return word % 70;
  }
}

/// Words as a mad firmware might write them: legal often enough to reach compute().
CommandWords random_words(Words& random) {
  namespace reg = regs::vector;
  CommandWords words{};
  for (std::uint32_t& word : words)
    word = random_word(random);
  for (const std::uint32_t address :
       {reg::kWSrc0, reg::kWSrc1, reg::kWSrc2, reg::kWDst, reg::kWOut}) {
    if (random() % 50 != 0)
      words[address] = regs::core::kSramBase + random() % regs::core::kSramSize / 4 * 4;
  }
  if (random() % 4 != 0) words[reg::kWFlags] &= 0x7333;
  if (random() % 4 != 0) words[reg::kWPlaneStride] = random() % 0x8000 / 4 * 4;
  if (random() % 4 != 0) words[reg::kWPlaneStride2] = random() % 0x8000 / 4 * 4;
  return words;
}

TEST(VectorFuzzTest, RandomWordsAreRefusedOrComputedInsideTheSram) {
  Words random(55);
  // Guards on both sides of the SRAM: nothing may be written there.
  constexpr std::size_t kGuard = 1U << 16U;
  std::vector<std::uint8_t> bytes(regs::core::kSramSize + 2 * kGuard, 0xEE);
  for (std::size_t i = kGuard; i < kGuard + regs::core::kSramSize; ++i)
    bytes[i] = static_cast<std::uint8_t>(random());
  Scratch scratch;
  std::vector<int> legal(kOpcodeCount);
  for (int round = 0; round < 150'000; ++round) {
    const std::uint32_t opcode = random() % (kOpcodeCount + 1);
    const Decoded d = decode(opcode, random_words(random));
    if (!d.ok()) continue;
    ++legal[opcode];
    compute(d.operation, bytes.data() + kGuard, scratch);
    EXPECT_GE(cycles(d.operation, Config{}), Cycles(1));
  }
  for (std::uint32_t opcode = 1; opcode < kOpcodeCount; ++opcode)
    EXPECT_GT(legal[opcode], 20) << opcode;
  EXPECT_EQ(legal[0], 0);
  for (std::size_t i = 0; i < kGuard; ++i) {
    ASSERT_EQ(bytes[i], 0xEE);
    ASSERT_EQ(bytes[bytes.size() - 1 - i], 0xEE);
  }
}

}  // namespace
}  // namespace aipu::vector
