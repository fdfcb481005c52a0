// SPDX-License-Identifier: Apache-2.0
#include "sim/report/snapshot.h"

#include <gtest/gtest.h>
#include <numeric>

#include "hw/program/counters.h"
#include "sim/report/layer_clock.h"
#include "sim/report/resources.h"

namespace aipu::report {
namespace {

/// One kind with two servers, busy for this long of the time.
Snapshot snapshot(std::uint64_t time, std::int64_t busy, std::int64_t bytes) {
  Snapshot s;
  s.time = time;
  Account& account = s.accounts[{"hbm", 0}];
  account.models = 1;
  account.servers = 2;
  account.shares = {{"busy", busy}, {"idle", 2 * static_cast<std::int64_t>(time) - busy}};
  account.counts = {{"bytes_read", bytes}};
  return s;
}

std::int64_t sum(const Account& account) {
  std::int64_t total = 0;
  for (const auto& [cause, ps] : account.shares)
    total += ps;
  return total;
}

TEST(SnapshotTest, FurtherLayersGrowLikeThoseBetween) {
  Snapshot run = snapshot(1000, 700, 64);
  run.extend(snapshot(400, 100, 10), snapshot(600, 300, 30), 6, 2);

  EXPECT_EQ(run.time, 1600U);
  const Account hbm = run.total("hbm");
  EXPECT_EQ(hbm.shares.at("busy"), 700 + 600);
  EXPECT_EQ(hbm.counts.at("bytes_read"), 64 + 60);
  EXPECT_EQ(sum(hbm), 2 * 1600);
}

TEST(SnapshotTest, SharesAddUpWhateverRoundingDoes) {
  Snapshot run = snapshot(1000, 701, 64);
  run.extend(snapshot(401, 101, 10), snapshot(602, 304, 30), 29, 3);

  EXPECT_EQ(sum(run.total("hbm")), 2 * static_cast<std::int64_t>(run.time));
}

TEST(ResourcesTest, PercentagesAddUpToAHundred) {
  Account account;
  account.shares = {{"busy", 1}, {"idle", 1}, {"operand", 1}};
  std::int64_t total = 0;
  for (const auto& [cause, tenths] : per_mille(account))
    total += tenths;

  EXPECT_EQ(total, 1000);
  EXPECT_EQ(per_mille(account).front().first, "busy");
  EXPECT_EQ(per_mille(account).back().first, "idle");
  EXPECT_TRUE(per_mille(Account{}).empty());
}

TEST(ResourcesTest, AResourceBindsFromHalfOfTheTimeOn) {
  EXPECT_EQ(find_bound(snapshot(100, 120, 0)).name, "HBM data bus");
  EXPECT_EQ(find_bound(snapshot(100, 90, 0)).name, "latency and synchronisation");
  EXPECT_EQ(find_bound(snapshot(100, 90, 0)).busiest, "HBM data bus");
  EXPECT_DOUBLE_EQ(find_bound(snapshot(100, 90, 0)).utilisation, 0.45);
}

TEST(CountersTest, EveryCounterOfTheProgramHasACause) {
  EXPECT_STREQ(program::cause_of_counter(HC_COUNTER_PHASE), "sync");
  EXPECT_STREQ(program::cause_of_counter(HC_COUNTER_FILLED), "operand");
  EXPECT_STREQ(program::cause_of_counter(HC_COUNTER_SLOT_FREED + 3), "launch");
  EXPECT_STREQ(program::cause_of_counter(20), "other");
}

/// A board whose bus is busy half of the time; the clock is the time of the snapshot.
class LayerClockTest : public testing::Test {
 protected:
  LayerClock clock(std::uint32_t tp, std::uint32_t pp, std::uint32_t simulated,
                   std::uint32_t whole) {
    return {workload::Plan{tp, pp}, simulated, whole,
            [this] { return snapshot(now_, static_cast<std::int64_t>(now_), 0); }};
  }
  void mark(LayerClock& clock, std::uint32_t aipu, const std::string& name, std::uint64_t time) {
    now_ = time;
    clock.reached(aipu, name, time);
  }
  static std::uint64_t extended(const LayerClock& clock, std::uint64_t time) {
    Snapshot run = snapshot(time, static_cast<std::int64_t>(time), 0);
    clock.extend(run);
    return run.time;
  }

 private:
  std::uint64_t now_ = 0;
};

TEST_F(LayerClockTest, MissingLayersTakeTheMeanOfThoseBetweenFirstAndLast) {
  LayerClock c = clock(2, 1, 4, 10);
  mark(c, 0, "embed", 100);
  mark(c, 0, "layer 0", 300);
  mark(c, 0, "layer 1", 400);
  mark(c, 1, "layer 1", 405);  // another rank: not followed
  mark(c, 0, "layer 2", 520);
  mark(c, 0, "layer 3", 700);
  mark(c, 0, "head", 800);

  EXPECT_EQ(c.layers().size(), 4U);
  EXPECT_EQ(c.layers()[2].ps, 120U);
  EXPECT_DOUBLE_EQ(c.layer_seconds(), 110e-12);
  EXPECT_EQ(extended(c, 800), 800U + 6 * 110);
  EXPECT_NEAR(c.uncertainty(), 14.142 / 2 / 110, 1e-4);
}

TEST_F(LayerClockTest, ASingleLayerStandsForItself) {
  LayerClock c = clock(1, 1, 1, 3);
  mark(c, 0, "embed", 50);
  mark(c, 0, "layer 0", 150);
  mark(c, 0, "head", 200);

  EXPECT_EQ(extended(c, 200), 400U);
  EXPECT_LT(c.uncertainty(), 0);
}

TEST_F(LayerClockTest, StagesAndPassesAreFollowedOneAfterAnother) {
  LayerClock c = clock(1, 2, 4, 7);  // 2 + 2 of 3 + 4 layers
  for (std::uint64_t pass = 0, t = 0; pass < 2; ++pass, t += 1000) {
    mark(c, 0, "embed", t + 100);
    mark(c, 0, "layer 0", t + 300);
    mark(c, 0, "layer 1", t + 400);
    mark(c, 0, "send", t + 410);
    mark(c, 1, "layer 2", t + 600);
    mark(c, 1, "layer 3", t + 650);
    mark(c, 1, "head", t + 1000);
  }

  ASSERT_EQ(c.layers().size(), 8U);
  EXPECT_EQ(c.layers()[7].pass, 1U);
  EXPECT_EQ(c.layers()[7].stage, 1U);
  EXPECT_EQ(extended(c, 2000), 2000U + 2 * (100 + 2 * 50));
}

TEST_F(LayerClockTest, NothingIsAddedWhereAllLayersRan) {
  LayerClock c = clock(1, 1, 2, 2);
  mark(c, 0, "embed", 1);
  mark(c, 0, "layer 0", 2);
  mark(c, 0, "layer 1", 3);

  EXPECT_EQ(extended(c, 10), 10U);
  EXPECT_EQ(c.layer_seconds(), 0);
}

}  // namespace
}  // namespace aipu::report
