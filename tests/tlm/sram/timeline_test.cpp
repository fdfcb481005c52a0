// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/timeline.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace aipu {
namespace {

TEST(TimelineTest, ServesOneAfterTheOther) {
  Timeline t;
  EXPECT_EQ(t.book(0, 10, 5).end, 15U);
  EXPECT_EQ(t.book(0, 10, 5).begin, 15U);
  EXPECT_EQ(t.book(0, 30, 5).begin, 30U);
  EXPECT_EQ(t.busy(12), 2U);
  EXPECT_EQ(t.busy(100), 15U);
}

TEST(TimelineTest, FillsWhatAFutureBookingLeftFree) {
  Timeline t;
  t.book(0, 100, 10);
  const auto whole = t.book(0, 0, 20);
  EXPECT_EQ(whole.begin, 0U);
  EXPECT_EQ(whole.end, 20U);
  const auto split = t.book(0, 90, 15);  // ten before, five behind the booking at 100
  EXPECT_EQ(split.begin, 90U);
  EXPECT_EQ(split.end, 115U);
  EXPECT_EQ(t.busy(1000), 45U);
}

/// The same server, one flag per time unit.
class Slots {
 public:
  Timeline::Booking book(std::uint64_t start, std::uint64_t duration) {
    Timeline::Booking result{0, 0};
    bool first = true;
    for (std::uint64_t at = start; duration != 0; ++at) {
      if (at >= taken_.size()) taken_.resize(at + 1);
      if (taken_[at]) continue;
      taken_[at] = true;
      if (first) result.begin = at;
      first = false;
      result.end = at + 1;
      --duration;
    }
    return result;
  }
  std::uint64_t busy(std::uint64_t now) const {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < now && i < taken_.size(); ++i)
      sum += taken_[i] ? 1 : 0;
    return sum;
  }

 private:
  std::vector<bool> taken_;
};

TEST(TimelineTest, EqualsAServerOfSlotsForAnyOrderOfNearBookings) {
  std::mt19937 random(3);
  Timeline timeline;
  Slots slots;
  std::uint64_t now = 0;
  for (int i = 0; i < 20'000; ++i) {
    now += random() % 12;
    const std::uint64_t start = now + random() % 25;
    const std::uint64_t duration = 1 + random() % 9;
    const auto expected = slots.book(start, duration);
    const auto actual = timeline.book(now, start, duration);
    ASSERT_EQ(actual.begin, expected.begin) << i;
    ASSERT_EQ(actual.end, expected.end) << i;
    if (i % 100 == 0) {
      ASSERT_EQ(timeline.busy(now), slots.busy(now)) << i;
    }
  }
}

TEST(TimelineTest, ManySeparateFutureBookingsOnlyLoseEarlyGaps) {
  std::mt19937 random(4);
  Timeline timeline;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t start = random() % 100'000;
    const auto b = timeline.book(0, start, 1 + random() % 5);
    ASSERT_GE(b.begin, start);
    ASSERT_GT(b.end, b.begin);
    ASSERT_LE(timeline.busy(50'000), 50'000U);
  }
  EXPECT_EQ(timeline.busy(0), 0U);
}

TEST(TimelineTest, AsManyBookingsAsAMoverHasInFlightLeaveTheirGapsToOthers) {
  constexpr std::uint64_t kInFlight = 192, kEvery = 10, kEach = 2;
  Timeline timeline;
  for (std::uint64_t i = 0; i < kInFlight; ++i)
    timeline.book(0, kEvery * i, kEach);
  const auto long_one = timeline.book(0, 0, kInFlight * (kEvery - kEach));
  EXPECT_EQ(long_one.end, kInFlight * kEvery);
  EXPECT_EQ(timeline.busy(kInFlight * kEvery), kInFlight * kEvery);
}

TEST(TimelineTest, ABookingThatBeganBeforeWhatIsForgottenFindsNoRoomThere) {
  Timeline timeline;
  std::uint64_t now = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    now += 2;
    timeline.book(now, now, 1);
    timeline.book(now, now - std::min<std::uint64_t>(now, 400), 1);
    ASSERT_LE(timeline.busy(now), now) << i;
  }
}

}  // namespace
}  // namespace aipu
