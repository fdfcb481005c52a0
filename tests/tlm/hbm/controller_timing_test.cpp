// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "hw/hbm/cycle_timings.h"
#include "tests/tlm/hbm/channel_probe.h"

namespace aipu::hbm {
namespace {

using test::channel_config;
using test::ChannelProbe;

/// Every rule short but the one a test makes long, so that only that one can be seen.
Config short_rules() {
  Config config = channel_config();
  config.data_rate = BitsPerSecond(2'000'000'000U);  // 1 CK = 1 ns
  Timings& t = config.timing;
  t.rl = 2_ns;
  t.wl = 2_ns;
  t.rcd_rd = t.rcd_wr = t.rp = t.ras = t.rc = t.rrd_s = t.rrd_l = t.faw = 1_ns;
  t.wtr_s = t.wtr_l = t.wr = t.rtp = 1_ns;
  t.ccd_s = t.ccd_l = t.ccd_r = Cycles(2);
  t.rtw_gap = Cycles(0);
  t.act = Cycles(1);
  return config;
}

Ck gap(ChannelProbe& probe, std::uint32_t first, std::uint32_t second) {
  probe.finish();
  return probe.of(second).column - probe.of(first).column;
}

TEST(HbmController, AReadOfAClosedBankTakesActivateColumnAndBurst) {
  const Config config = channel_config();
  const CycleTimings t = cycle_timings(config);
  ChannelProbe probe(config);
  probe.add(kRead, 0, 5, 0, 1, 100);
  probe.finish();
  EXPECT_EQ(probe.of(0).done, 100 + t.act_to_col[kRead] + t.latency[kRead] + t.burst);
  EXPECT_EQ(t.act_to_col[kRead], 27);  // 14 ns at 1.8 GHz, and the second cycle of the activate
  EXPECT_EQ(t.latency[kRead], 25);     // 13.75 ns
}

TEST(HbmController, ARowHitTakesColumnLatencyAndBurst) {
  const Config config = channel_config();
  const CycleTimings t = cycle_timings(config);
  ChannelProbe probe(config);
  probe.add(kRead, 0, 5, 0, 1, 0);
  probe.finish();
  probe.add(kRead, 0, 5, 4, 1, 1000);
  probe.finish();
  EXPECT_EQ(probe.of(1).done, 1000 + t.latency[kRead] + t.burst);
  EXPECT_EQ(probe.controller.counts(1100).row_hits, 1U);
}

TEST(HbmController, ARowConflictAddsThePrecharge) {
  const Config config = channel_config();
  const CycleTimings t = cycle_timings(config);
  ChannelProbe probe(config);
  probe.add(kRead, 0, 5, 0, 1, 0);
  probe.finish();
  probe.add(kRead, 0, 6, 0, 1, 1000);
  probe.finish();
  EXPECT_EQ(probe.of(1).done,
            1000 + t.pre_to_act + t.act_to_col[kRead] + t.latency[kRead] + t.burst);
}

TEST(HbmController, AtomsOfARequestFollowEachOtherAtTheBurstRate) {
  const Config config = channel_config();
  ChannelProbe probe(config);
  probe.add(kRead, 0, 5, 0, 32, 0);
  probe.finish();
  EXPECT_EQ(probe.of(0).done - probe.of(0).column, cycle_timings(config).latency[kRead] + 64);
}

struct PairRule {
  const char* name;
  void (*make_long)(Timings&);
  Direction first;
  Direction second;
  std::uint32_t set, unit;  // of the second access; the first is set 0, unit 0
  Ck expected;
};

class HbmPairRule : public ::testing::TestWithParam<PairRule> {};

TEST_P(HbmPairRule, SetsTheDistanceOfTwoColumnCommands) {
  const PairRule& rule = GetParam();
  Config config = short_rules();
  rule.make_long(config.timing);
  config.write_high = 1;  // a write goes at once
  config.write_low = 0;
  ChannelProbe probe(config);
  // All rows involved are open already.
  probe.add(kRead, 0, 0, 0, 4, 0);
  probe.add(kRead, rule.set, 0, 0, 4, 0);
  probe.finish();
  const std::uint32_t first = probe.add(rule.first, 0, 0, 0, 1, 1000);
  probe.controller.advance(1000, probe.issued);
  const std::uint32_t second = probe.add(rule.second, rule.set, 0, rule.unit, 1, 1001);
  EXPECT_EQ(gap(probe, first, second), rule.expected);
}

const PairRule kPairRules[] = {
    {"ccd_s", [](Timings& t) { t.ccd_s = t.ccd_l = Cycles(9); }, kRead, kRead, 0, 1, 9},
    {"ccd_l", [](Timings& t) { t.ccd_l = Cycles(8); }, kRead, kRead, 0, 4, 8},
    {"ccd_l_not_other_group", [](Timings& t) { t.ccd_l = Cycles(8); }, kRead, kRead, 0, 1, 2},
    {"ccd_r", [](Timings& t) { t.ccd_r = Cycles(7); }, kRead, kRead, 4, 1, 7},
    {"ccd_r_not_same_stack", [](Timings& t) { t.ccd_r = Cycles(7); }, kRead, kRead, 1, 1, 2},
    {"wtr_s", [](Timings& t) { t.wtr_s = t.wtr_l = 20_ns; }, kWrite, kRead, 1, 1, 24},
    {"wtr_l", [](Timings& t) { t.wtr_l = 20_ns; }, kWrite, kRead, 1, 0, 24},
    {"rtw", [](Timings& t) { t.rtw_gap = Cycles(6); }, kRead, kWrite, 1, 1, 8},
};

INSTANTIATE_TEST_SUITE_P(All, HbmPairRule, ::testing::ValuesIn(kPairRules),
                         [](const auto& each) { return std::string(each.param.name); });

/// Two accesses to different rows of one bank, both queued at once: column to column.
Ck same_bank_gap(const Config& config, Direction direction) {
  ChannelProbe probe(config);
  probe.add(direction, 0, 0, 0, 1, 0);
  probe.add(direction, 0, 1, 0, 1, 0);
  return gap(probe, 0, 1);
}

TEST(HbmRowRules, ReadToPrecharge) {
  Config config = short_rules();
  config.timing.rtp = 30_ns;
  EXPECT_EQ(same_bank_gap(config, kRead), 30 + 1 + 1);  // RTP, RP, RCD
}

TEST(HbmRowRules, WriteRecovery) {
  Config config = short_rules();
  config.timing.wr = 30_ns;
  EXPECT_EQ(same_bank_gap(config, kWrite), 2 + 2 + 30 + 1 + 1);  // WL, burst, WR, RP, RCD
}

TEST(HbmRowRules, ActivateToPrecharge) {
  Config config = short_rules();
  config.timing.ras = 40_ns;
  EXPECT_EQ(same_bank_gap(config, kRead), 40 + 1);  // RAS, RP
}

TEST(HbmRowRules, ActivateToActivateOfOneBank) {
  Config config = short_rules();
  config.timing.rc = 50_ns;
  EXPECT_EQ(same_bank_gap(config, kRead), 50);
}

TEST(HbmRowRules, PrechargeToActivate) {
  Config config = short_rules();
  config.timing.rp = 25_ns;
  EXPECT_EQ(same_bank_gap(config, kRead), 1 + 25 + 1);  // RTP, RP, RCD
}

TEST(HbmRowRules, ActivatesOfOtherBankGroupsKeepTheirDistance) {
  Config config = short_rules();
  config.timing.rrd_s = 15_ns;
  ChannelProbe probe(config);
  probe.add(kRead, 0, 0, 0, 1, 0);
  probe.add(kRead, 1, 0, 1, 1, 0);
  EXPECT_EQ(gap(probe, 0, 1), 15);
}

TEST(HbmRowRules, ActivatesOfOneBankGroupKeepALongerDistance) {
  Config config = short_rules();
  config.timing.rrd_l = 17_ns;
  ChannelProbe probe(config);
  probe.add(kRead, 0, 0, 0, 1, 0);
  probe.add(kRead, 1, 0, 0, 1, 0);
  EXPECT_EQ(gap(probe, 0, 1), 17);
}

TEST(HbmRowRules, NoMoreThanFourActivatesInAWindow) {
  Config config = short_rules();
  config.timing.faw = 60_ns;
  ChannelProbe probe(config);
  for (std::uint32_t i = 0; i < 5; ++i)
    probe.add(kRead, i, 0, i % 4, 1, 0);
  EXPECT_EQ(gap(probe, 0, 4), 60);
}

}  // namespace
}  // namespace aipu::hbm
