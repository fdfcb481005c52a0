// SPDX-License-Identifier: Apache-2.0
#include "hw/dma/descriptor.h"

#include <gtest/gtest.h>

#include "hw/dma/config.h"
#include "regs/abi.h"
#include "tests/support/dma_commands.h"

namespace aipu::dma {
namespace {

namespace abi = regs::abi;
const Owner kOwner{/*aipu=*/3, /*core=*/5, /*control=*/false};

Decoded decode(const Command& c, const Owner& owner = kOwner) {
  return decode(c.opcode, c.words, owner);
}

TEST(DmaDescriptorTest, OwnSramIsLocalByAnyOfItsNames) {
  EXPECT_TRUE(kOwner.is_local(Gaddr::core(5, 64)));
  EXPECT_TRUE(kOwner.is_local(Gaddr::core(5, 64, 3)));
  EXPECT_FALSE(kOwner.is_local(Gaddr::core(4, 64)));
  EXPECT_FALSE(kOwner.is_local(Gaddr::core(5, 64, 2)));
  EXPECT_FALSE(kOwner.is_local(Gaddr::hbm(64)));
}

TEST(DmaDescriptorTest, DenseRowsAndPlanesBecomeOneRow) {
  const auto result =
      decode(test::copy_command(Gaddr::hbm(0), Gaddr::core(5, 0), 100, 4, 3, {100, 100, 400, 400}));
  EXPECT_EQ(result.rule, abi::kRuleNone);
  EXPECT_EQ(result.descriptor.bytes, 1200U);
  EXPECT_EQ(result.descriptor.rows, 1U);
  EXPECT_EQ(result.descriptor.planes, 1U);
}

TEST(DmaDescriptorTest, GapsOnOneSideKeepRowsApart) {
  const auto result =
      decode(test::copy_command(Gaddr::hbm(0), Gaddr::core(5, 0), 100, 4, 1, {128, 100, 0, 0}));
  EXPECT_EQ(result.descriptor.bytes, 100U);
  EXPECT_EQ(result.descriptor.rows, 4U);
}

struct Illegal {
  const char* name;
  Command command;
  std::uint32_t rule;
};

Command with_opcode(std::uint32_t opcode) {
  Command c = test::copy_command(Gaddr::hbm(0), Gaddr::core(5, 0), 64);
  c.opcode = opcode;
  return c;
}

TEST(DmaDescriptorTest, EveryIllegalCommandNamesItsRule) {
  const Gaddr own = Gaddr::core(5, 0);
  const Illegal cases[] = {
      {"opcode", with_opcode(9), abi::kRuleUnknownCommand},
      {"no bytes", test::copy_command(Gaddr::hbm(0), own, 0), abi::kRuleBadSize},
      {"no rows", test::copy_command(Gaddr::hbm(0), own, 64, 0), abi::kRuleBadSize},
      {"no planes", test::copy_command(Gaddr::hbm(0), own, 64, 1, 0), abi::kRuleBadSize},
      {"huge", test::copy_command(Gaddr::hbm(0), own, 1U << 20U, 1U << 20U), abi::kRuleBadSize},
      {"space", test::copy_command(Gaddr{0x7FFF'0000'0000'0000U}, own, 64), abi::kRuleBadAddress},
      {"other AIPU", test::copy_command(Gaddr::hbm(0, 4), own, 64), abi::kRuleBadAddress},
      {"far to far", test::copy_command(Gaddr::hbm(0), Gaddr::shared(0), 64), abi::kRuleBadAddress},
      {"read of all cores", test::copy_command(Gaddr::core(0xFE, 0), own, 64),
       abi::kRuleBadAddress},
      {"beyond the space", test::copy_command(Gaddr::hbm((1ULL << 48U) - 32), own, 64),
       abi::kRuleBadAddress},
      {"onto itself", test::copy_command(own, Gaddr::core(5, 63), 64), abi::kRuleOverlap},
  };
  for (const Illegal& c : cases) {
    EXPECT_EQ(decode(c.command).rule, c.rule) << c.name;
  }
}

TEST(DmaDescriptorTest, TheControlCoreCopiesBetweenFarMemories) {
  const Owner control{3, 32, true};
  EXPECT_EQ(decode(test::copy_command(Gaddr::hbm(0), Gaddr::shared(0), 64), control).rule,
            abi::kRuleNone);
}

TEST(DmaConfigTest, DefaultsAreValid) {
  EXPECT_NO_THROW(schema().check(Config{}));
}

}  // namespace
}  // namespace aipu::dma
