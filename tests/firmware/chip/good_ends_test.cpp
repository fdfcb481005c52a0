// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/firmware/chip/guest.h"

namespace aipu::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

using GoodEndTest = GuestTest;

TEST_F(GoodEndTest, PrintsAConsoleLineWithTimeAndHart) {
  const platform::Ending end = act(ACT_HELLO);

  EXPECT_EQ(end.code, ExitCode::kGood) << end.report;
  EXPECT_EQ(end.report, "");
  EXPECT_GT(end.elapsed_ps, 0U);
  EXPECT_THAT(console_,
              ContainsRegex("^ +[0-9]+ ns aipu0.core0: hello from core 0 of 2, pi is not 3\n$"));
}

TEST_F(GoodEndTest, AnExitCodeOtherThanZeroFailsTheRun) {
  const platform::Ending end = act(ACT_EXIT_SEVEN);

  EXPECT_EQ(end.code, ExitCode::kCheckFailed);
  EXPECT_EQ(end.report, "aipu0.core0: firmware exited with code 7");
  EXPECT_THAT(console_, HasSubstr("aipu0.core0: exited with code 7"));
}

TEST_F(GoodEndTest, FirmwareThatClearsItsFaultGoesOn) {
  const platform::Ending end = act(ACT_HANDLE_FAULT);

  EXPECT_EQ(end.code, ExitCode::kGood) << end.report;
  EXPECT_THAT(console_, HasSubstr("fault: bad_size in tensor mac"));
}

TEST_F(GoodEndTest, ABlockingReadGoesOnAfterTheFaultThatInterruptedIt) {
  const platform::Ending end = act(ACT_HANDLE_FAULT_IN_WAIT);

  EXPECT_EQ(end.code, ExitCode::kGood) << end.report;
  EXPECT_THAT(console_, HasSubstr("fault: bad_size in tensor mac"));
}

TEST_F(GoodEndTest, TheCounterInterruptEndsSleepWhenItsTargetIsReached) {
  const platform::Ending end = act(ACT_COUNTER_INTERRUPT);
  EXPECT_EQ(end.code, ExitCode::kGood) << end.report;
}

TEST_F(GoodEndTest, TheTimerInterruptComesOnTime) {
  const platform::Ending end = act(ACT_TIMER_INTERRUPT);
  EXPECT_EQ(end.code, ExitCode::kGood) << end.report;
}

TEST_F(GoodEndTest, ACopyThroughSramMovesTheBytesOfTheHost) {
  build();
  std::vector<std::uint8_t> bytes(4096), back(4096);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  ASSERT_TRUE(chip().loader.write(Gaddr::hbm(0x1000), bytes.data(), bytes.size()));

  const platform::Ending end = act(ACT_READ_ARGUMENT);

  EXPECT_EQ(end.code, ExitCode::kGood) << end.report;
  ASSERT_TRUE(chip().loader.read(Gaddr::hbm(0x3000), back.data(), back.size()));
  EXPECT_EQ(back, bytes);
}

}  // namespace
}  // namespace aipu::test
