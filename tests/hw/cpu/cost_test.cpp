// SPDX-License-Identifier: Apache-2.0
#include "hw/cpu/cost.h"

#include <gtest/gtest.h>

#include "hw/cpu/decode.h"

namespace aipu::cpu {
namespace {

TEST(CostTest, ALoadPaysForTheNextInstructionThatReadsItsResult) {
  const Config c;
  const Instruction load = decode(0x0005a503, 32);   // lw a0, 0(a1)
  const Instruction user = decode(0x00a585b3, 32);   // add a1, a1, a0
  const Instruction other = decode(0x00c585b3, 32);  // add a1, a1, a2
  EXPECT_EQ(static_cost(load, user, c), (c.base + c.load_use).count);
  EXPECT_EQ(static_cost(load, other, c), c.base.count);
  EXPECT_EQ(static_cost(user, user, c), c.base.count);
}

TEST(CostTest, FollowsTheTableOfConfig) {
  Config c;
  c.div = Cycles(33);
  EXPECT_EQ(static_cost(decode(0x02c5c533, 32), {}, c), 34U);  // div
  EXPECT_EQ(static_cost(decode(0x02c58533, 32), {}, c), (c.base + c.mul).count);
  EXPECT_EQ(static_cost(decode(0x0000006f, 32), {}, c), (c.base + c.jump).count);
}

TEST(CostTest, EveryKeyOfTheSchemaAcceptsItsDefault) {
  Config c;
  EXPECT_NO_THROW(schema().check(c, {}, "cpu"));
  c.interrupt_quantum = c.quantum + Cycles(1);
  EXPECT_ANY_THROW(schema().check(c, {}, "cpu"));
}

}  // namespace
}  // namespace aipu::cpu
