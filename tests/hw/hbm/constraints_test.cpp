// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/constraints.h"

#include <algorithm>
#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <string>
#include <tuple>

namespace aipu::hbm {
namespace {

using testing::ElementsAre;

/// The longest of the constraints between two commands; none when they are free.
std::optional<Tick> distance(const ConstraintTable& table, Command from, Command to, Scope scope) {
  std::optional<Tick> longest;
  for (const Constraint& c : table.pairs) {
    if (c.from == from && c.to == to && c.scope == scope)
      longest = std::max(longest.value_or(0), c.distance);
  }
  return longest;
}

/// HBM2 at 2 Gb/s, in CK, as the public command traces were made with.
Config hbm2() {
  Config c;
  c.data_rate = BitsPerSecond(2'000'000'000U);
  Timings& t = c.timing;
  t.rl = ck(14);
  t.wl = ck(5);
  t.rcd_rd = ck(14);
  t.rcd_wr = ck(12);
  t.rp = ck(14);
  t.ras = ck(34);
  t.rc = ck(48);
  t.rrd_s = ck(4);
  t.rrd_l = ck(6);
  t.faw = ck(16);
  t.wtr_s = ck(6);
  t.wtr_l = ck(8);
  t.wr = ck(16);
  t.rtp = ck(5);
  t.rtw = ck(13);
  t.rfc_ab = ck(260);
  t.rfc_pb = ck(160);
  t.rrefd = ck(8);
  t.refi = ck(3900);
  return c;
}

/// HBM3 at 6.4 Gb/s: row commands at half cycles, an activate takes one and a half.
Config hbm3() {
  Config c;
  c.data_rate = BitsPerSecond(6'400'000'000U);
  c.beats_per_ck = 4;
  c.data_bits = 32;
  c.burst_length = 8;
  c.row_clock = RowClock::kHalf;
  Timings& t = c.timing;
  t.rl = ck(20);
  t.wl = ck(10);
  t.rcd_rd = ck(31);
  t.rcd_wr = ck(15);
  t.rp = ck(26);
  t.ras = ck(45);
  t.rc = ck(72);
  t.rrd_s = ck(4);
  t.rrd_l = ck(5);
  t.faw = ck(24);
  t.wtr_s = ck(7);
  t.wtr_l = ck(10);
  t.wr = ck(33);
  t.rtp = ck(9);
  t.ppd = ck(2);
  t.rfc_ab = ck(560);
  t.act = half_ck(3);
  return c;
}

TEST(HbmConstraints, Hbm2HasTheRowDistancesOfThePublicTraces) {
  schema().check(hbm2());
  const ConstraintTable t = constraints(hbm2());
  EXPECT_EQ(t.ticks_per_ck, 1);
  EXPECT_EQ(t.length[kAct], 2);
  EXPECT_EQ(t.length[kPre], 1);
  EXPECT_EQ(distance(t, kAct, kRd, Scope::kBank), 15);
  EXPECT_EQ(distance(t, kAct, kWr, Scope::kBank), 13);
  EXPECT_EQ(distance(t, kAct, kPre, Scope::kBank), 35);
  EXPECT_EQ(distance(t, kAct, kAct, Scope::kBank), 48);
  EXPECT_EQ(distance(t, kAct, kAct, Scope::kBankGroup), 6);
  EXPECT_EQ(distance(t, kAct, kAct, Scope::kChannel), 4);
  EXPECT_EQ(distance(t, kPre, kAct, Scope::kBank), 13);
  EXPECT_EQ(distance(t, kRd, kPre, Scope::kBank), 5);
  EXPECT_EQ(distance(t, kWr, kPre, Scope::kBank), 5 + 2 + 16);
  EXPECT_EQ(distance(t, kPre, kPre, Scope::kChannel), std::nullopt) << "HBM2 has no tPPD";
  ASSERT_EQ(t.windows.size(), 1U);
  EXPECT_EQ(t.windows[0].count, 4U);
  EXPECT_EQ(t.windows[0].span, 16);
  EXPECT_THAT(t.windows[0].commands, testing::Contains(kAct));
}

TEST(HbmConstraints, Hbm2HasTheColumnDistancesOfThePublicTraces) {
  const ConstraintTable t = constraints(hbm2());
  for (const Command column : {kRd, kWr}) {
    EXPECT_EQ(distance(t, column, column, Scope::kChannel), 2);
    EXPECT_EQ(distance(t, column, column, Scope::kBankGroup), 4);
    EXPECT_EQ(distance(t, column, column, Scope::kOtherStackId), 3);
  }
  EXPECT_EQ(distance(t, kRd, kWr, Scope::kChannel), 13);
  EXPECT_EQ(distance(t, kWr, kRd, Scope::kChannel), 13);
  EXPECT_EQ(distance(t, kWr, kRd, Scope::kBankGroup), 15);
  EXPECT_THAT(t.latency, ElementsAre(14, 5));
  EXPECT_EQ(t.burst, 2);
}

TEST(HbmConstraints, Hbm2HasTheRefreshDistancesOfThePublicTraces) {
  Config c = hbm2();
  c.stack_ids = 1;
  const ConstraintTable t = constraints(c);
  EXPECT_EQ(distance(t, kAct, kPreab, Scope::kChannel), 35);
  EXPECT_EQ(distance(t, kPreab, kRefab, Scope::kChannel), 14);
  EXPECT_EQ(distance(t, kPre, kRefab, Scope::kChannel), 14);
  EXPECT_EQ(distance(t, kAct, kRefab, Scope::kChannel), 49);
  EXPECT_EQ(distance(t, kRefab, kAct, Scope::kChannel), 259);
  EXPECT_EQ(distance(t, kRefab, kRefab, Scope::kChannel), 260);
  EXPECT_EQ(distance(t, kRefpb, kAct, Scope::kBank), 159);
  EXPECT_EQ(distance(t, kRefpb, kRefpb, Scope::kChannel), 8);
  EXPECT_EQ(t.refi, 3900);
  EXPECT_EQ(t.refi_pb, 244) << "3900 / 16 banks, rounded up";
}

TEST(HbmConstraints, Hbm3CountsInHalfCycles) {
  schema().check(hbm3());
  const ConstraintTable t = constraints(hbm3());
  EXPECT_EQ(t.ticks_per_ck, 2);
  EXPECT_EQ(t.length[kAct], 3);
  EXPECT_EQ(t.length[kPre], 1);
  EXPECT_EQ(t.length[kRd], 2);
  EXPECT_EQ(t.burst, 2 * 2);
  EXPECT_THAT(t.latency, ElementsAre(2 * 20, 2 * 10));
  // An activate counts from its last half cycle, two after its first.
  EXPECT_EQ(distance(t, kAct, kRd, Scope::kBank), 2 * 31 + 2);
  EXPECT_EQ(distance(t, kAct, kWr, Scope::kBank), 2 * 15 + 2);
  EXPECT_EQ(distance(t, kAct, kPre, Scope::kBank), 2 * 45 + 2);
  EXPECT_EQ(distance(t, kAct, kAct, Scope::kBank), 2 * 72);
  EXPECT_EQ(distance(t, kPre, kAct, Scope::kBank), 2 * 26 - 2);
  EXPECT_EQ(distance(t, kPre, kPre, Scope::kChannel), 2 * 2);
  EXPECT_EQ(distance(t, kRefab, kAct, Scope::kChannel), 2 * 560 - 2);
  EXPECT_EQ(distance(t, kRd, kRd, Scope::kChannel), 2 * 2);
  EXPECT_EQ(distance(t, kRd, kRd, Scope::kBankGroup), 2 * 4);
  EXPECT_EQ(distance(t, kWr, kRd, Scope::kChannel), 2 * (10 + 2 + 7));
  EXPECT_EQ(distance(t, kWr, kRd, Scope::kBankGroup), 2 * (10 + 2 + 10));
  EXPECT_EQ(distance(t, kRd, kWr, Scope::kChannel), 2 * (20 + 2 + 2 - 10)) << "RL + BL + 2 - WL";
  EXPECT_EQ(t.windows.at(0).span, 2 * 24);
}

TEST(HbmConstraints, ReadToWriteIsNeverShorterThanTheBusNeeds) {
  Config c = hbm2();
  c.timing.rtw = ck(0);
  EXPECT_EQ(distance(constraints(c), kRd, kWr, Scope::kChannel), 14 + 2 + 2 - 5);
  c.timing.rtw = ck(20);
  EXPECT_EQ(distance(constraints(c), kRd, kWr, Scope::kChannel), 20);
}

TEST(HbmConstraints, AnAutoPrechargeWaitsLikeAPrechargeOfItsOwn) {
  const ConstraintTable t = constraints(hbm2());
  EXPECT_EQ(distance(t, kRda, kAct, Scope::kBank), 5 + 13);
  EXPECT_EQ(distance(t, kWra, kAct, Scope::kBank), 5 + 2 + 16 + 13);
  for (const Command to : {kRd, kRda, kWr, kWra}) {
    EXPECT_EQ(distance(t, kRda, to, Scope::kChannel), distance(t, kRd, to, Scope::kChannel));
    EXPECT_EQ(distance(t, kWra, to, Scope::kBankGroup), distance(t, kWr, to, Scope::kBankGroup));
  }
}

TEST(HbmConstraints, EveryConstraintHoldsForATimeAndIsListedOnce) {
  for (const Config& c : {hbm2(), hbm3(), Config{}}) {
    std::set<std::tuple<Command, Command, Scope, std::string>> seen;
    for (const Constraint& pair : constraints(c).pairs) {
      EXPECT_GT(pair.distance, 0) << pair.name;
      EXPECT_TRUE(seen.emplace(pair.from, pair.to, pair.scope, pair.name).second)
          << kCommandNames[pair.from] << " " << kCommandNames[pair.to] << " " << pair.name;
    }
  }
}

TEST(HbmConstraints, TimesAreRoundedUpToWholeCyclesOfTheClock) {
  const Config c;  // 1.8 GHz
  EXPECT_EQ(to_ticks(c, 5_ns), 9);
  EXPECT_EQ(to_ticks(c, Picoseconds(5'001)), 10);
  EXPECT_EQ(to_ticks(c, 0_ps), 0);
  EXPECT_EQ(to_ticks(c, ck(7)), 7);
  EXPECT_EQ(to_ticks(c, half_ck(3)), 2) << "no half cycles on a full row clock";
  EXPECT_EQ(to_ticks(hbm3(), Picoseconds(700)), 4) << "a time holds for whole CK";
  EXPECT_EQ(to_ticks(hbm3(), half_ck(3)), 3);
}

TEST(HbmConstraints, TimesStayWhenTheDataRateChanges) {
  Config c;
  EXPECT_EQ(constraints(c).windows.at(0).span, 29);
  c.data_rate = c.data_rate / 2;
  EXPECT_EQ(constraints(c).windows.at(0).span, 15);
  EXPECT_EQ(constraints(c).burst, 2);
  EXPECT_EQ(distance(constraints(c), kRd, kRd, Scope::kBankGroup), 4);
}

}  // namespace
}  // namespace aipu::hbm
