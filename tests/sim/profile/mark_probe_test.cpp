// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/mark_probe.h"

#include <gtest/gtest.h>

#include "regs/control.h"

namespace aipu::profile {
namespace {

constexpr std::uint32_t begin(std::uint32_t number) {
  return number | 1U << regs::control::kMarkKindShift;
}
constexpr std::uint32_t end(std::uint32_t number) {
  return number | 2U << regs::control::kMarkKindShift;
}

class MarkProbeTest : public testing::Test {
 protected:
  Records records{100};
  MarkProbe probe{3, records};
};

TEST_F(MarkProbeTest, ARegionMayRepeatAndNestInItself) {
  probe.mark(begin(7), 10);
  probe.mark(begin(7), 20);
  probe.mark(end(7), 25);
  probe.mark(end(7), 100);
  probe.mark(begin(7), 200);
  probe.mark(end(7), 230);
  const auto regions = probe.regions({{7, "exchange"}});

  ASSERT_EQ(regions.size(), 1U);
  EXPECT_EQ(regions[0].name, "exchange");
  EXPECT_EQ(regions[0].count, 3U);
  EXPECT_EQ(regions[0].time, 5U + 90U + 30U);
  EXPECT_EQ(regions[0].least, 5U);
  EXPECT_EQ(regions[0].most, 90U);
  EXPECT_EQ(regions[0].unmatched, 0U);
}

TEST_F(MarkProbeTest, BeginsAndEndsWithoutEachOtherAreCounted) {
  probe.mark(end(1), 10);
  probe.mark(begin(2), 20);
  const auto regions = probe.regions({});

  ASSERT_EQ(regions.size(), 2U);
  EXPECT_EQ(regions[0].unmatched, 1U);
  EXPECT_EQ(regions[1].unmatched, 1U);
  EXPECT_EQ(regions[0].count + regions[1].count, 0U);
}

TEST_F(MarkProbeTest, APointIsNoRegionAndEveryMarkIsRecorded) {
  probe.mark(5, 10);
  probe.mark(5 | 3U << regs::control::kMarkKindShift, 11);  // taken as a point
  probe.mark(begin(5), 12);

  EXPECT_EQ(probe.points(), 2U);
  ASSERT_EQ(records.marks.size(), 3U);
  EXPECT_EQ(records.marks[1].number, 5U);
  EXPECT_EQ(records.marks[2].kind, MarkRecord::kBegin);
  EXPECT_EQ(records.marks[2].core, 3U);
}

}  // namespace
}  // namespace aipu::profile
