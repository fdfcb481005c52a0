// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <string>

#include "hw/cpu/decode.h"
#include "tests/hw/cpu/manual.h"

namespace aipu::cpu {
namespace {

std::string describe(const std::string& name, std::int64_t rd, std::int64_t rs1, std::int64_t rs2,
                     std::int64_t csr, std::int64_t imm) {
  return fmt::format("{} rd={} rs1={} rs2={} csr={:#x} imm={}", name, rd, rs1, rs2, csr, imm);
}

/// Empty where the decoder reads the word as the manual does.
std::string difference(std::uint32_t word, unsigned xlen) {
  const Instruction got = decode(word, xlen);
  const manual::Parsed want = manual::read(word, xlen);
  const std::uint32_t bits = want.bytes == 2 ? word & 0xffffU : word;
  const std::string left = describe(to_string(got.op), got.rd, got.rs1, got.rs2, got.csr, got.imm);
  const std::string right =
      want.name.empty() ? describe("illegal", 0, 0, 0, 0, static_cast<std::int32_t>(bits))
                        : describe(want.name, want.rd, want.rs1, want.rs2, want.csr, want.imm);
  if (left == right && got.bytes == want.bytes) return {};
  return fmt::format("rv{} {:#010x}: {} but the manual says {}", xlen, bits, left, right);
}

class EncodingTest : public testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Xlen, EncodingTest, testing::Values(32U, 64U));

TEST_P(EncodingTest, EveryHalfWordIsWhatTheManualSays) {
  const unsigned xlen = GetParam();
  unsigned legal = 0;
  for (std::uint32_t half = 0; half < 0x10000; ++half) {
    if (!is_compressed(static_cast<std::uint16_t>(half))) continue;
    ASSERT_EQ(difference(half, xlen), "");
    legal += decode(half, xlen).op == Op::kIllegal ? 0 : 1;
  }
  // Of 24 x 2^11: quadrants 6136 + 15584 + 7103; RV64 has ld, sd, ldsp, sdsp, addiw for jal, subw,
  // addw and the longer shifts.
  constexpr unsigned kRv32 = 28823;
  constexpr unsigned kRv64 =
      kRv32 + 2 * 2048 + (1984 - 2048) + 2 * 256 + 2 * 64 + 1024 + 1984 + 2048;
  EXPECT_EQ(legal, xlen == 32 ? kRv32 : kRv64);
}

TEST_P(EncodingTest, EveryMajorOpcodeAndFunctionIsWhatTheManualSays) {
  const unsigned xlen = GetParam();
  for (std::uint32_t opcode = 3; opcode < 128; opcode += 4) {
    for (std::uint32_t funct = 0; funct < 8U * 128U; ++funct) {
      for (const std::uint32_t rs2 : {0U, 1U, 2U, 5U, 31U}) {
        for (const std::uint32_t registers : {0U, (9U << 15U) | (17U << 7U)}) {
          const std::uint32_t word =
              opcode | (funct % 8U) << 12U | (funct / 8U) << 25U | rs2 << 20U | registers;
          ASSERT_EQ(difference(word, xlen), "");
        }
      }
    }
  }
}

TEST_P(EncodingTest, RandomWordsAreWhatTheManualSays) {
  std::uint64_t state = 0x9e3779b97f4a7c15ULL + GetParam();
  for (unsigned i = 0; i < 300'000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    ASSERT_EQ(difference(static_cast<std::uint32_t>(state >> 32U) | 3U, GetParam()), "");
  }
}

/// 4096 numbers in the immediate of SYSTEM: only four of them are instructions.
TEST_P(EncodingTest, EveryPrivilegedWordIsWhatTheManualSays) {
  for (std::uint32_t number = 0; number < 4096; ++number) {
    ASSERT_EQ(difference(number << 20U | 0x73U, GetParam()), "");
    ASSERT_EQ(difference(number << 20U | 1U << 7U | 0x73U, GetParam()), "");
  }
}

}  // namespace
}  // namespace aipu::cpu
