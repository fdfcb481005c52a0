// SPDX-License-Identifier: Apache-2.0
// A hang is found at once and names who waits for whom, an endless loop at the time limit; both end
// with code 3.
#include <gmock/gmock.h>

#include "tests/firmware/chip/guest.h"

namespace aipu::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

const std::string kPlace = "0x1000[0-9a-f]+ \\([a-z_]+[.a-z0-9]*\\+?[0-9a-fx]*\\)";

using HangTest = GuestTest;

TEST_F(HangTest, ABlockingReadOfACounterNobodyAddsToIsAHang) {
  const platform::Ending end = act(ACT_WAIT_FOR_EVER);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(end.report, HasSubstr("hang: nothing is left to happen"));
  EXPECT_THAT(end.report,
              ContainsRegex("\n  aipu0.core0 hart: blocking read at pc " + kPlace +
                            " waits for counter 21 = 0, wants 1: nobody here would add to it, and "
                            "nobody ever has\n"));
  EXPECT_THAT(end.report, Not(HasSubstr("core1"))) << "it has exited";
  EXPECT_LT(end.elapsed_ps, 10'000'000U) << "a hang needs no time limit";
}

TEST_F(HangTest, AHartAsleepWithoutAnInterruptToComeIsAHang) {
  const platform::Ending end = act(ACT_SLEEP_FOR_EVER);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(end.report, ContainsRegex("aipu0.core0 hart: wfi, resumes at pc " + kPlace));
}

TEST_F(HangTest, AFullQueueThatNeverMovesNamesHartAndCommand) {
  const platform::Ending end = act(ACT_QUEUE_FULL_FOR_EVER);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(end.report, ContainsRegex("\n  aipu0.core0 tensor: mac of pc " + kPlace +
                                        " waits for counter 21 = 0, wants 1: nobody here would .*"
                                        "\n  behind those:\n  aipu0.core0 hart: store at pc " +
                                        kPlace + " to the tensor queue, which is full"));
}

TEST_F(HangTest, AChainOfWaitsBeginsWithItsRoot) {
  const platform::Ending end = act(ACT_HANG_CHAIN);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  const auto wait = [](const std::string& who, const std::string& counter) {
    return "\n  aipu0.core0 " + who + " .*waits for counter " + counter + " = 0, wants 1: ";
  };
  EXPECT_THAT(end.report,
              ContainsRegex(wait("load: copy of pc " + kPlace, "21") + "nobody here.*" +
                            "behind those:" + wait("tensor: mac of pc " + kPlace, "22") +
                            "its own load copy of pc " + kPlace + " would add 1, is queued.*" +
                            "behind those:" + wait("store: copy of pc " + kPlace, "20") +
                            "its own tensor mac of pc " + kPlace + " would add 1, is queued.*" +
                            "behind those:" + wait("hart: blocking read", "23") +
                            "its own store copy of pc " + kPlace + " would add 1, is queued"));
}

TEST_F(HangTest, ACounterThatStaysShortNamesItsLastAdder) {
  const platform::Ending end = act(ACT_HANG_ONE_SHORT);

  EXPECT_THAT(
      end.report,
      ContainsRegex("waits for counter 20 = 3, wants 4: nobody here would add to it: 3 adds "
                    "so far, the last by load fill of pc " +
                    kPlace));
}

TEST_F(HangTest, ACommandOfAnotherCoreThatWouldAddIsNamed) {
  build();
  tell(0, 1, ACT_HANG_FOR_CORE_0);
  const platform::Ending end = act(ACT_HANG_WAIT_DONE);

  EXPECT_THAT(end.report,
              ContainsRegex("aipu0.core1 load: fill of pc " + kPlace + " waits for counter 21.*" +
                            "behind those:.*aipu0.core0 hart: .* waits for counter 20 = 0, wants "
                            "1: aipu0.core1's load fill of pc " +
                            kPlace + " would add 1, is queued"));
}

TEST_F(HangTest, APutThatWouldAddOnAnotherAipuIsNamed) {
  build();
  tell(0, 1, ACT_HANG_FOR_REMOTE_ADD);
  const platform::Ending end = act(ACT_HANG_WAIT_DONE);

  EXPECT_THAT(end.report, ContainsRegex("aipu0.core0 hart: .* waits for counter 20 = 0, wants 1: "
                                        "aipu0.core1's directcom put of pc " +
                                        kPlace + " would add 1"));
}

TEST_F(HangTest, CoresThatSayTheSameShareALine) {
  build();
  tell(0, 1, ACT_WAIT_FOR_EVER);
  const platform::Ending end = act(ACT_WAIT_FOR_EVER);

  EXPECT_THAT(end.report, HasSubstr("aipu0.core0..1 hart: blocking read"));
}

TEST_F(HangTest, AnEndlessLoopEndsAtTheTimeLimit) {
  build({"simulation.max_time=50 us"});
  const platform::Ending end = act(ACT_SPIN_FOR_EVER);

  EXPECT_EQ(end.code, ExitCode::kLimit);
  EXPECT_THAT(end.report, HasSubstr("simulation.max_time"));
  EXPECT_EQ(end.elapsed_ps, 50'000'000U);
  EXPECT_THAT(end.report, ContainsRegex("aipu0.core0 hart: runs, at pc " + kPlace));
}

}  // namespace
}  // namespace aipu::test
