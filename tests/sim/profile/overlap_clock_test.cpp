// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/overlap_clock.h"

#include <gtest/gtest.h>

#include "regs/abi.h"

namespace aipu::profile {
namespace {

constexpr unsigned kLoad = regs::abi::kQueueLoad, kTensor = regs::abi::kQueueTensor;

TEST(OverlapClockTest, CountsLoadAndComputeAloneAndTogether) {
  OverlapClock clock([] { return std::string(); });
  clock.queue(kLoad, true, true, 100);
  clock.queue(kTensor, true, true, 150);
  clock.queue(kLoad, false, false, 180);
  clock.queue(kTensor, false, false, 200);
  const Overlap overlap = clock.read(1000);

  EXPECT_EQ(overlap.load, 80U);
  EXPECT_EQ(overlap.compute, 50U);
  EXPECT_EQ(overlap.together, 30U);
  EXPECT_EQ(overlap.active, 100U);
  EXPECT_EQ(overlap.hart_bound, 0U);
}

TEST(OverlapClockTest, AHartIsTheBoundOnlyWhileNoQueueHasACommand) {
  OverlapClock clock([] { return std::string("plan"); });
  clock.hart(true, 10);
  clock.queue(kLoad, false, true, 30);  // waits for a counter: not the hart's fault
  clock.queue(kLoad, true, true, 40);
  clock.queue(kLoad, false, false, 70);
  clock.hart(false, 75);
  const Overlap overlap = clock.read(100);

  EXPECT_EQ(overlap.hart_bound, 25U);
  EXPECT_EQ(overlap.active, 65U);
  ASSERT_EQ(clock.longest().size(), 2U);
  EXPECT_EQ(clock.longest()[0].begin, 10U);
  EXPECT_EQ(clock.longest()[0].end, 30U);
  EXPECT_EQ(clock.longest()[0].function, "plan");
  EXPECT_EQ(clock.longest()[1].begin, 70U);
}

TEST(OverlapClockTest, KeepsTheLongestPhases) {
  OverlapClock clock([] { return std::string(); });
  std::uint64_t now = 0;
  for (const std::uint64_t length : {5, 1, 9, 3, 7, 2, 8}) {
    clock.hart(true, now);
    clock.hart(false, now + length);
    now += 100;
  }
  std::vector<std::uint64_t> lengths;
  for (const Phase& phase : clock.longest())
    lengths.push_back(phase.end - phase.begin);
  EXPECT_EQ(lengths, (std::vector<std::uint64_t>{9, 8, 7, 5}));
}

TEST(OverlapClockTest, APhaseThatIsOpenAtTheEndCounts) {
  OverlapClock clock([] { return std::string("spin"); });
  clock.hart(true, 10);
  EXPECT_EQ(clock.read(50).hart_bound, 40U);
  ASSERT_EQ(clock.longest().size(), 1U);
  EXPECT_EQ(clock.longest()[0].end, 50U);
}

}  // namespace
}  // namespace aipu::profile
