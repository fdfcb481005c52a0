// SPDX-License-Identifier: Apache-2.0
#include "hw/cpu/arithmetic.h"

#include <gtest/gtest.h>

namespace aipu::cpu {
namespace {

TEST(ArithmeticTest, DivisionHasNoUndefinedCases) {
  EXPECT_EQ(div<std::uint32_t>(7, 0), 0xffffffffU);
  EXPECT_EQ(rem<std::uint32_t>(7, 0), 7U);
  EXPECT_EQ(div<std::uint32_t>(0x80000000U, 0xffffffffU), 0x80000000U);
  EXPECT_EQ(rem<std::uint32_t>(0x80000000U, 0xffffffffU), 0U);
  EXPECT_EQ(div<std::uint64_t>(std::uint64_t{1} << 63U, ~0ULL), std::uint64_t{1} << 63U);
  EXPECT_EQ(divu<std::uint64_t>(5, 0), ~0ULL);
  EXPECT_EQ(remu<std::uint64_t>(5, 0), 5U);
  EXPECT_EQ(div<std::uint32_t>(static_cast<std::uint32_t>(-7), 2), static_cast<std::uint32_t>(-3));
  EXPECT_EQ(rem<std::uint32_t>(static_cast<std::uint32_t>(-7), 2), static_cast<std::uint32_t>(-1));
}

TEST(ArithmeticTest, HighHalvesOfProducts) {
  EXPECT_EQ(mulh<std::uint32_t>(0xffffffffU, 0xffffffffU), 0U);
  EXPECT_EQ(mulhu<std::uint32_t>(0xffffffffU, 0xffffffffU), 0xfffffffeU);
  EXPECT_EQ(mulhsu<std::uint32_t>(0xffffffffU, 0xffffffffU), 0xffffffffU);
  EXPECT_EQ(mulhu<std::uint64_t>(~0ULL, ~0ULL), ~0ULL - 1);
  EXPECT_EQ(mulhsu<std::uint64_t>(~0ULL, ~0ULL), ~0ULL);
  EXPECT_EQ(word<std::uint64_t>(0x80000000U), 0xffffffff80000000ULL);
}

}  // namespace
}  // namespace aipu::cpu
