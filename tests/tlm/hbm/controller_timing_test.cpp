// SPDX-License-Identifier: Apache-2.0
// Each constraint alone, with the numbers of HBM2-2000-PC: banks 0..3 are bank 0 of groups 0..3,
// 4..7 bank 1 of them.
#include <gtest/gtest.h>

#include "tests/tlm/hbm/controller_driver.h"

namespace aipu::hbm {
namespace {

using test::Driver;
using test::hbm2;

const std::vector<std::string> kNoRefresh{"refresh=none"};

TEST(HbmControllerTiming, AClosedRowTakesEntryActivateColumnLatencyAndBurst) {
  Driver d(hbm2(kNoRefresh));
  const auto read = d.read(100, 0, 7);
  const auto write = d.write(1000, 4, 7);
  d.drain();
  EXPECT_EQ(d.of(read).accepted, 101);
  EXPECT_EQ(d.column(read), 101 + 14 + 1);
  EXPECT_EQ(d.of(read).done, 101 + 15 + 14 + 2);
  EXPECT_EQ(d.column(write), 1001 + 12 + 1);
  EXPECT_EQ(d.of(write).done, 1001 + 13 + 5 + 2);
}

TEST(HbmControllerTiming, ARowHitNeedsNoActivate) {
  Driver d(hbm2(kNoRefresh));
  d.read(0, 0, 7);
  const auto hit = d.read(500, 0, 7, 3);
  d.drain();
  EXPECT_EQ(d.of(hit).done, 501 + 14 + 2);
  EXPECT_EQ(d.controller.counts(600).row_hits, 1U);
  EXPECT_EQ(d.times(kAct).size(), 1U);
}

TEST(HbmControllerTiming, ColumnsAreCcdApart) {
  Driver d(hbm2(kNoRefresh));
  const auto a = d.read(0, 0, 1);
  const auto b = d.read(0, 1, 1);
  d.drain();
  const auto c = d.read(200, 0, 1, 1);
  const auto e = d.read(200, 1, 1, 1);
  const auto f = d.read(200, 0, 1, 2);
  d.drain();
  EXPECT_EQ(d.column(b) - d.column(a), 4);  // their activates are tRRDS apart
  EXPECT_EQ(d.column(e) - d.column(c), 2);
  EXPECT_EQ(d.column(f) - d.column(c), 4);
}

TEST(HbmControllerTiming, TurningTheBusTakesRtwAndWtr) {
  Driver d(hbm2(kNoRefresh));
  d.read(0, 0, 1);
  d.read(0, 1, 1);
  d.drain();
  const auto read = d.read(200, 0, 1, 1);
  const auto write = d.write(200, 1, 1, 1);
  d.drain();
  EXPECT_EQ(d.column(write) - d.column(read), 13);
  const auto write2 = d.write(400, 1, 1, 2);
  const auto same_group = d.read(400, 1, 1, 3);
  d.drain();
  EXPECT_EQ(d.column(same_group) - d.column(write2), 5 + 2 + 8);
  const auto write3 = d.write(600, 1, 1, 2);
  const auto other_group = d.read(600, 0, 1, 3);
  d.drain();
  EXPECT_EQ(d.column(other_group) - d.column(write3), 5 + 2 + 6);
}

TEST(HbmControllerTiming, ActivatesKeepRrdAndTheWindowOfFour) {
  Driver d(hbm2(kNoRefresh));
  for (const std::uint32_t bank : {0U, 1U, 2U, 3U, 4U})
    d.read(0, bank, 1);
  d.read(0, 8, 1);
  d.drain();
  EXPECT_EQ(d.times(kAct), (std::vector<Tick>{1, 5, 9, 13, 17, 23}));  // group 0 again: tRRDL
  Driver window(hbm2({"refresh=none", "timing.faw=30 CK"}));
  for (std::uint32_t bank = 0; bank < 5; ++bank)
    window.read(0, bank, 1);
  window.drain();
  EXPECT_EQ(window.times(kAct), (std::vector<Tick>{1, 5, 9, 13, 31}));
}

TEST(HbmControllerTiming, AConflictPrechargesAfterRasAndRtpAndActivatesAfterRp) {
  Driver d(hbm2(kNoRefresh));
  d.read(0, 0, 1);
  const auto conflict = d.read(0, 0, 2);
  d.drain();
  EXPECT_EQ(d.times(kPre), (std::vector<Tick>{1 + 34 + 1}));
  EXPECT_EQ(d.times(kAct), (std::vector<Tick>{1, 36 + 13}));
  EXPECT_EQ(d.column(conflict), 49 + 15);
  d.write(300, 0, 2);
  d.write(300, 0, 3);
  d.drain();
  EXPECT_EQ(d.times(kPre).back(), 301 + 5 + 2 + 16);
}

TEST(HbmControllerTiming, OtherStackIdsKeepCcdr) {
  Config config = hbm2(kNoRefresh);
  config.stack_ids = 2;
  config.timing.ccd_r = ck(3);
  Driver d(config);
  d.read(0, 0, 1);
  d.read(0, 16, 1);  // the first bank of the second stack id
  d.drain();
  const auto a = d.read(200, 0, 1, 1);
  const auto b = d.read(200, 16, 1, 1);
  d.drain();
  EXPECT_EQ(d.column(b) - d.column(a), 3);
}

TEST(HbmControllerTiming, RowCommandsOfHbm3StartAtHalfCycles) {
  Driver d(config::load_hbm("HBM3-6400-PC-native", kNoRefresh));
  d.read(0, 0, 1);
  d.read(0, 0, 2);
  d.read(0, 1, 1);
  d.drain();
  const auto acts = d.times(kAct);  // ticks of half a CK
  EXPECT_EQ(acts[0], 2);
  EXPECT_EQ(acts[1] - acts[0], 2 * 4);
  EXPECT_EQ(d.column(0) - acts[0], 2 * (31 + 1));
  EXPECT_EQ(d.times(kPre)[0] - acts[0], 2 * (45 + 1));
  EXPECT_EQ(acts[2] - acts[0], 2 * 72);
  for (const Issue& issue : d.issued)
    EXPECT_EQ(issue.column % 2, 0) << "column commands start at full cycles";
}

TEST(HbmControllerTiming, OneAccessEntersACycleAndAFullQueueWaits) {
  Driver d(hbm2(kNoRefresh));
  for (std::uint32_t i = 0; i < 40; ++i)
    d.read(0, 0, 1, i % 32);
  d.drain();
  EXPECT_FALSE(d.of(31).waited);
  EXPECT_TRUE(d.of(39).waited);
  for (std::uint32_t i = 1; i < 40; ++i) {
    const Issue& issue = d.of(i);
    if (issue.waited) {
      const auto columns = d.times(kRd);
      EXPECT_TRUE(std::binary_search(columns.begin(), columns.end(), issue.accepted)) << i;
    } else {
      EXPECT_EQ(issue.accepted, d.of(i - 1).accepted + 1) << i;
    }
  }
}

}  // namespace
}  // namespace aipu::hbm
