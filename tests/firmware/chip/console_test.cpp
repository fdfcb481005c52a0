// SPDX-License-Identifier: Apache-2.0
// Lines of the console: whose they are, that they cost others nothing, that none is lost.
#include <gmock/gmock.h>

#include "tests/firmware/chip/guest.h"

namespace aipu::test {
namespace {

using testing::ContainsRegex;

using ConsoleTest = GuestTest;

TEST_F(ConsoleTest, AHartThatPrintsDoesNotMoveTheTimesOfOthers) {
  build({"aipus=2"});
  tell(0, 0, ACT_PRINT_MUCH);
  tell(1, 0, ACT_NOTHING);
  for (std::uint32_t aipu = 0; aipu < 2; ++aipu) {
    tell(aipu, 1, ACT_READ_ARGUMENT);
    platform_->start(aipu);
  }

  const platform::Ending end = platform_->run();

  EXPECT_EQ(end.code, ExitCode::kGood) << end.report;
  EXPECT_EQ(lines_of_["aipu0.core0"], 200);
  const auto& noisy = platform_->board().aipus[0]->cores;
  const auto& quiet = platform_->board().aipus[1]->cores;
  EXPECT_GT(noisy[0]->hart.cycles(), quiet[0]->hart.cycles());
  EXPECT_EQ(noisy[1]->hart.cycles(), quiet[1]->hart.cycles());
  EXPECT_EQ(noisy[1]->hart.instructions(), quiet[1]->hart.instructions());
  EXPECT_EQ(noisy[0]->hart.stats().stalls.value(), 0U) << "the console never blocks";
}

TEST_F(ConsoleTest, ALineWithoutNewlineIsPrintedWhenItsHartExits) {
  const platform::Ending end = act(ACT_PRINT_OPEN_LINE);

  EXPECT_EQ(end.code, ExitCode::kGood);
  EXPECT_THAT(console_, ContainsRegex("aipu0.core0: no newline\n$"));
}

TEST_F(ConsoleTest, ALineWithoutNewlineIsPrintedWhenTheRunHangs) {
  const platform::Ending end = act(ACT_HANG_IN_OPEN_LINE);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(console_, ContainsRegex("aipu0.core0: before the wait \n$"));
}

}  // namespace
}  // namespace aipu::test
