// SPDX-License-Identifier: Apache-2.0
#include "hw/base/rng.h"

#include <gtest/gtest.h>
#include <vector>

namespace aipu {
namespace {

TEST(RngTest, TheSameSeedAndPathGiveTheSameNumbers) {
  Rng one(7, "node3"), same(7, "node3");
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(one.next(), same.next());
}

TEST(RngTest, AnotherSeedOrPathGivesOthers) {
  Rng one(7, "node3"), seed(8, "node3"), path(7, "node4");
  int equal = 0;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t number = one.next();
    equal += number == seed.next() ? 1 : 0;
    equal += number == path.next() ? 1 : 0;
  }
  EXPECT_EQ(equal, 0);
}

TEST(RngTest, NumbersBelowALimitAreEquallyLikely) {
  constexpr std::uint32_t kLimit = 12;
  constexpr int kDraws = 120'000;
  std::vector<int> seen(kLimit);
  Rng rng(1, "");
  for (int i = 0; i < kDraws; ++i)
    ++seen[rng.below(kLimit)];
  double chi2 = 0;
  for (const int n : seen)
    chi2 += (n - kDraws / 12.0) * (n - kDraws / 12.0) / (kDraws / 12.0);
  EXPECT_LT(chi2, 31.3);  // 11 degrees of freedom, one in a thousand
}

TEST(RngTest, UnitsAreNeverZeroAndAverageAHalf) {
  Rng rng(1, "");
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double unit = rng.unit();
    ASSERT_GT(unit, 0);
    ASSERT_LE(unit, 1);
    sum += unit;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.003);
}

}  // namespace
}  // namespace aipu
