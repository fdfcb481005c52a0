// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/clock.h"

#include <gtest/gtest.h>

namespace aipu::test {
namespace {

TEST(ClockTest, AWholePeriodIsExact) {
  const Clock clock(1_GHz);
  EXPECT_EQ(clock.edge_ps(0), 0U);
  EXPECT_EQ(clock.edge_ps(1'234'567), 1'234'567'000U);
  EXPECT_EQ(clock.edge_at(999), 1U);
  EXPECT_EQ(clock.edge_at(1000), 1U);
  EXPECT_EQ(clock.edge_at(1001), 2U);
  EXPECT_EQ(clock.time(20_cycles), sc_core::sc_time(20, sc_core::SC_NS));
}

TEST(ClockTest, APeriodThatIsNoWholePicosecondDoesNotDrift) {
  const Clock clock(1800_MHz);  // 555.55 ps
  EXPECT_EQ(clock.edge_ps(1), 555U);
  EXPECT_EQ(clock.edge_ps(2), 1111U);
  EXPECT_EQ(clock.edge_ps(9), 5000U);
  EXPECT_EQ(clock.edge_ps(1'800'000'000), 1'000'000'000'000U) << "a second is a second";
  EXPECT_EQ(clock.edge_ps(1'800'000'000ULL * 3600), 3'600'000'000'000'000U) << "and an hour";
}

TEST(ClockTest, EdgeAtIsTheFirstEdgeNotBefore) {
  for (const Hertz frequency : {1_GHz, 1800_MHz, Hertz(781'250'000), Hertz(333'333'333)}) {
    const Clock clock(frequency);
    for (std::uint64_t cycle = 1; cycle < 20'000; cycle += 7) {
      const std::uint64_t edge = clock.edge_ps(cycle);
      EXPECT_EQ(clock.edge_at(edge), cycle);
      EXPECT_EQ(clock.edge_at(edge + 1), cycle + 1);
      EXPECT_EQ(clock.edge_at(clock.edge_ps(cycle - 1) + 1), cycle);
    }
  }
}

}  // namespace
}  // namespace aipu::test
