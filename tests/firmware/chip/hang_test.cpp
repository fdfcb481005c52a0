// SPDX-License-Identifier: Apache-2.0
// A hang is found at once, an endless loop at the time limit; both end with code 3.
#include <gmock/gmock.h>

#include "tests/firmware/chip/guest.h"

namespace aipu::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

using HangTest = GuestTest;

TEST_F(HangTest, ABlockingReadOfACounterNobodyAddsToIsAHang) {
  const platform::Ending end = act(ACT_WAIT_FOR_EVER);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(end.report, HasSubstr("hang: nothing is left to happen"));
  EXPECT_THAT(end.report, ContainsRegex("board.aipu0.core0.hart: blocking read at pc 0x1000"));
  EXPECT_THAT(end.report, HasSubstr("counter 21 = 0, wants 1"));
  EXPECT_THAT(end.report, Not(HasSubstr("core1"))) << "it has exited";
  EXPECT_LT(end.elapsed_ps, 10'000'000U) << "a hang needs no time limit";
}

TEST_F(HangTest, AHartAsleepWithoutAnInterruptToComeIsAHang) {
  const platform::Ending end = act(ACT_SLEEP_FOR_EVER);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(end.report, ContainsRegex("board.aipu0.core0.hart: wfi, resumes at pc 0x1000"));
}

TEST_F(HangTest, AFullQueueThatNeverMovesNamesHartAndCommand) {
  const platform::Ending end = act(ACT_QUEUE_FULL_FOR_EVER);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(end.report,
              ContainsRegex("board.aipu0.core0.hart: store to a full queue at pc 0x1000"));
  EXPECT_THAT(end.report,
              ContainsRegex("board.aipu0.core0.tensor: command at pc 0x1000[0-9a-f]+ waits "
                            "for counter 21 = 0, wants 1"));
}

TEST_F(HangTest, AnEndlessLoopEndsAtTheTimeLimit) {
  build({"simulation.max_time=50 us"});
  const platform::Ending end = act(ACT_SPIN_FOR_EVER);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(end.report, HasSubstr("simulation.max_time"));
  EXPECT_EQ(end.elapsed_ps, 50'000'000U);
}

}  // namespace
}  // namespace aipu::test
