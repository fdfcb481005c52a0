// SPDX-License-Identifier: Apache-2.0
// The stack lies at the bottom of the SRAM: what outgrows it traps before it damages anything.
#include <gmock/gmock.h>

#include "tests/firmware/chip/guest.h"

namespace aipu::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

using StackTest = GuestTest;

TEST_F(StackTest, ARecursionWithoutEndIsAStackOverflow) {
  const platform::Ending end = act(ACT_STACK_RECURSION);

  EXPECT_EQ(end.code, ExitCode::kCheckFailed);
  EXPECT_THAT(console_, ContainsRegex("stack overflow: sp 0xfffff[0-9a-f]+ is [0-9]+ bytes below "
                                      "the stack of 8192 bytes"));
  EXPECT_THAT(end.report,
              ContainsRegex("stack overflow: sp 0x0fffff[0-9a-f]+ is [0-9]+ bytes below "
                            "the stack of 8192 bytes 0x10000000..0x10002000"));
  EXPECT_THAT(end.report, ContainsRegex("store access fault at pc 0x1000[0-9a-f]+ \\(recurse"));
  EXPECT_THAT(end.report,
              ContainsRegex("ra 0x1000[0-9a-f]+ \\(recurse\\+0x[0-9a-f]+\\), sp 0x0fff"));
  EXPECT_THAT(
      end.report,
      ContainsRegex("last branches, latest first:\n    0x1000[0-9a-f]+ \\(recurse\\+0x[0-9a-f]+"
                    "\\) -> 0x1000[0-9a-f]+ \\(recurse\\), [0-9]+ times\n"));
}

TEST_F(StackTest, AnArrayLargerThanTheStackIsAStackOverflow) {
  const platform::Ending end = act(ACT_STACK_ARRAY);

  EXPECT_EQ(end.code, ExitCode::kCheckFailed);
  EXPECT_THAT(console_, HasSubstr("below the stack of 8192 bytes"));
  EXPECT_THAT(end.report, ContainsRegex("at pc 0x1000[0-9a-f]+ \\(fill_array"));
}

TEST_F(StackTest, RecursionThatFitsTheStackIsFine) {
  const platform::Ending end = act(ACT_STACK_DEEP);

  EXPECT_EQ(end.code, ExitCode::kGood) << end.report << console_;
  EXPECT_THAT(console_, HasSubstr("21 calls: 231"));
}

TEST_F(StackTest, TheStackHasTheSizeThatTheLinkAskedFor) {
  elf_ = ACTS_SMALL_STACK_ELF;
  const platform::Ending end = act(ACT_STACK_RECURSION);

  EXPECT_THAT(console_, HasSubstr("below the stack of 2048 bytes"));
}

TEST_F(StackTest, TheCrashRecordFitsTheStackOfTheTrapHandler) {
  act(ACT_STACK_RECURSION);

  const auto top = load::read_elf(elf_).symbol("trap_stack_top");
  ASSERT_TRUE(top);
  constexpr std::uint64_t kStack = 1024, kSpare = 256;  // boot/crt0.S; bss was cleared
  std::vector<std::uint8_t> spare(kSpare), used(kStack - kSpare);
  const std::uint64_t bottom = *top - kStack - regs::core::kSramBase;
  ASSERT_TRUE(chip().loader.read(Gaddr::core(0, bottom), spare.data(), spare.size()));
  ASSERT_TRUE(chip().loader.read(Gaddr::core(0, bottom + kSpare), used.data(), used.size()));
  EXPECT_THAT(spare, testing::Each(0));
  EXPECT_THAT(used, Not(testing::Each(0)));
}

}  // namespace
}  // namespace aipu::test
