// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/command_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/hw/hbm/checked_sequence.h"

namespace aipu::hbm {
namespace {

using Rules = std::set<std::string>;

/// Legal as it stands; the rule is broken, and no other, when the last command comes a tick
/// earlier.
struct Case {
  const char* rule;
  const char* sequence;
};

void expect_one_tick_decides(const Config& config, const Case& c) {
  schema().check(config);
  auto log = sequence(c.sequence);
  EXPECT_EQ(broken(config, log), Rules{}) << c.sequence;
  --log.back().at;
  EXPECT_EQ(broken(config, log), Rules{c.rule}) << c.sequence;
  const auto violations = check_commands(config, log);
  ASSERT_FALSE(violations.empty()) << c.sequence;
  EXPECT_EQ(violations[0].actual + 1, violations[0].required) << c.sequence;
  EXPECT_EQ(violations[0].earlier + violations[0].actual, log.back().at);
}

const Case kCases[] = {
    {"tRCDRD", "0 ACT 0.0.0 | 15 RD 0.0.0"},
    {"tRCDRD", "0 ACT 0.0.0 | 15 RDA 0.0.0"},
    {"tRCDWR", "0 ACT 0.0.0 | 13 WR 0.0.0"},
    {"tRCDWR", "0 ACT 0.0.0 | 13 WRA 0.0.0"},
    {"tRAS", "0 ACT 0.0.0 | 35 PREPB 0.0.0"},
    {"tRAS", "0 ACT 0.0.0 | 35 PREAB"},
    {"tRC", "0 ACT 0.0.0 | 35 PREPB 0.0.0 | 50 ACT 0.0.0"},
    {"tRC", "0 ACT 0.0.0 | 35 PREPB 0.0.0 | 51 REFPB 0.0.0"},
    {"tRC", "0 ACT 0.0.0 | 35 PREPB 0.0.0 | 51 RFMPB 0.0.0"},
    {"tRC", "0 ACT 0.0.0 | 35 PREAB | 51 REFAB"},
    {"tRC", "0 ACT 0.0.0 | 35 PREAB | 51 RFMAB"},
    {"tRTP", "0 ACT 0.0.0 | 40 RD 0.0.0 | 45 PREPB 0.0.0"},
    {"tRTP", "0 ACT 0.0.0 | 40 RD 0.0.0 | 45 PREAB"},
    {"tRTP", "0 ACT 0.0.0 | 40 RDA 0.0.0 | 45 PREAB"},
    {"tWR", "0 ACT 0.0.0 | 20 WR 0.0.0 | 43 PREPB 0.0.0"},
    {"tWR", "0 ACT 0.0.0 | 20 WR 0.0.0 | 43 PREAB"},
    {"tWR", "0 ACT 0.0.0 | 20 WRA 0.0.0 | 43 PREAB"},
    {"tWR", "0 ACT 0.0.0 | 20 WR 0.0.0 | 38 RDA 0.0.0"},
    {"tRP", "0 ACT 0.0.0 | 40 PREPB 0.0.0 | 53 ACT 0.0.0"},
    {"tRP", "0 ACT 0.0.0 | 40 PREPB 0.0.0 | 54 REFPB 0.0.0"},
    {"tRP", "0 ACT 0.0.0 | 40 PREPB 0.0.0 | 54 RFMPB 0.0.0"},
    {"tRP", "0 ACT 0.0.0 | 40 PREPB 0.0.0 | 54 REFAB"},
    {"tRP", "0 ACT 0.0.0 | 40 PREAB | 53 ACT 1.2.3"},
    {"tRP", "0 ACT 0.0.0 | 40 PREAB | 54 REFPB 1.2.3"},
    {"tRP", "0 ACT 0.0.0 | 40 PREAB | 54 REFAB"},
    {"tRP", "0 ACT 0.0.0 | 40 PREAB | 54 RFMAB"},
    {"tRTP+tRP", "0 ACT 0.0.0 | 40 RDA 0.0.0 | 58 ACT 0.0.0"},
    {"tRTP+tRP", "0 ACT 0.0.0 | 40 RDA 0.0.0 | 59 REFPB 0.0.0"},
    {"tRTP+tRP", "0 ACT 0.0.0 | 40 RDA 0.0.0 | 59 REFAB"},
    {"tWR+tRP", "0 ACT 0.0.0 | 20 WRA 0.0.0 | 56 ACT 0.0.0"},
    {"tWR+tRP", "0 ACT 0.0.0 | 20 WRA 0.0.0 | 57 RFMPB 0.0.0"},
    {"tWR+tRP", "0 ACT 0.0.0 | 20 WRA 0.0.0 | 57 REFAB"},
    {"tPPD", "0 ACT 0.0.0 | 9 ACT 0.1.0 | 50 PREPB 0.0.0 | 53 PREPB 0.1.0"},
    {"tPPD", "0 ACT 0.0.0 | 9 ACT 0.1.0 | 50 PREPB 0.0.0 | 53 PREAB"},
    {"tCCDL", "0 ACT 0.0.0 | 9 ACT 0.0.1 | 40 RD 0.0.0 | 45 RD 0.0.1"},
    {"tCCDL", "0 ACT 0.0.0 | 40 RD 0.0.0 | 45 RDA 0.0.0"},
    {"tCCDL", "0 ACT 0.0.0 | 9 ACT 0.0.1 | 40 WR 0.0.0 | 45 WRA 0.0.1"},
    {"tCCDS", "0 ACT 0.0.0 | 9 ACT 0.1.0 | 40 RD 0.0.0 | 43 RD 0.1.0"},
    {"tCCDS", "0 ACT 0.0.0 | 9 ACT 0.1.0 | 40 WRA 0.0.0 | 43 WR 0.1.0"},
    {"tCCDR", "0 ACT 0.0.0 | 9 ACT 1.0.0 | 40 RD 0.0.0 | 44 RD 1.0.0"},
    {"tCCDR", "0 ACT 0.0.0 | 9 ACT 1.0.0 | 40 WR 0.0.0 | 44 WR 1.0.0"},
    {"tRTW", "0 ACT 0.0.0 | 9 ACT 0.1.0 | 40 RD 0.0.0 | 53 WR 0.1.0"},
    {"tRTW", "0 ACT 0.0.0 | 9 ACT 1.1.0 | 40 RDA 0.0.0 | 53 WRA 1.1.0"},
    {"tWTRL", "0 ACT 0.0.0 | 9 ACT 0.0.1 | 40 WR 0.0.0 | 55 RD 0.0.1"},
    {"tWTRS", "0 ACT 0.0.0 | 9 ACT 0.1.0 | 40 WR 0.0.0 | 53 RD 0.1.0"},
    {"tWTRS", "0 ACT 0.0.0 | 9 ACT 1.0.0 | 40 WRA 0.0.0 | 53 RDA 1.0.0"},
    {"tRRDL", "0 ACT 0.0.0 | 6 ACT 0.0.1"},
    {"tRRDL", "0 ACT 0.0.0 | 7 REFPB 0.0.1"},
    {"tRRDL", "0 ACT 0.0.0 | 7 RFMPB 0.0.1"},
    {"tRRDS", "0 ACT 0.0.0 | 4 ACT 0.1.0"},
    {"tRRDS", "0 ACT 0.0.0 | 4 ACT 1.0.0"},
    {"tRRDS", "0 ACT 0.0.0 | 5 REFPB 0.1.0"},
    {"tFAW", "0 ACT 0.0.0 | 4 ACT 0.1.0 | 8 ACT 0.2.0 | 12 ACT 1.3.0 | 30 ACT 1.0.0"},
    {"tFAW", "0 REFPB 0.0.0 | 7 ACT 0.1.0 | 11 ACT 0.2.0 | 15 ACT 0.3.0 | 29 ACT 1.0.0"},
    {"tFAW", "0 ACT 0.0.0 | 4 ACT 0.1.0 | 8 ACT 0.2.0 | 12 ACT 0.3.0 | 31 REFPB 1.0.0"},
    {"tRREFD", "0 REFPB 0.0.0 | 8 REFPB 0.0.1"},
    {"tRREFD", "0 REFPB 0.0.0 | 8 RFMPB 1.3.3"},
    {"tRREFD", "0 RFMPB 0.0.0 | 7 ACT 0.2.0"},
    {"tRFCpb", "0 REFPB 0.0.0 | 159 ACT 0.0.0"},
    {"tRFCpb", "0 REFPB 0.0.0 | 160 REFPB 0.0.0"},
    {"tRFCpb", "0 REFPB 0.0.0 | 160 RFMPB 0.0.0"},
    {"tRFCpb", "0 REFPB 0.0.0 | 160 PREPB 0.0.0"},
    {"tRFCpb", "0 REFPB 0.0.0 | 160 PREAB"},
    {"tRFCpb", "0 REFPB 0.0.0 | 160 REFAB"},
    {"tRFCpb", "0 REFPB 0.0.0 | 160 RFMAB"},
    {"tRFMpb", "0 RFMPB 0.0.0 | 119 ACT 0.0.0"},
    {"tRFMpb", "0 RFMPB 0.0.0 | 120 REFPB 0.0.0"},
    {"tRFMpb", "0 RFMPB 0.0.0 | 120 REFAB"},
    {"tRFMpb", "0 RFMPB 0.0.0 | 120 PREAB"},
    {"tRFCab", "0 REFAB | 259 ACT 1.3.3"},
    {"tRFCab", "0 REFAB | 260 REFPB 0.0.0"},
    {"tRFCab", "0 REFAB | 260 RFMPB 0.0.0"},
    {"tRFCab", "0 REFAB | 260 REFAB"},
    {"tRFCab", "0 REFAB | 260 RFMAB"},
    {"tRFCab", "0 REFAB | 260 PREAB"},
    {"tRFMab", "0 RFMAB | 199 ACT 1.3.3"},
    {"tRFMab", "0 RFMAB | 200 REFAB"},
    {"tRFMab", "0 RFMAB | 200 REFPB 1.0.0"},
    {"tXP", "10 PDE | 20 PDX | 28 ACT 0.0.0"},
    {"tXP", "10 PDE | 20 PDX | 28 REFAB"},
    {"tXP", "10 PDE | 20 PDX | 28 REFPB 0.0.0"},
    {"tXP", "0 ACT 0.0.0 | 10 PDE | 40 PDX | 48 RD 0.0.0"},
    {"tXP", "0 ACT 0.0.0 | 10 PDE | 40 PDX | 48 PREPB 0.0.0"},
    {"tPD", "10 PDE | 19 PDX"},
    {"tCKE", "10 PDE | 19 PDX | 28 PDE"},
    {"tRDPDE", "0 ACT 0.0.0 | 20 RD 0.0.0 | 37 PDE"},
    {"tRDPDE", "0 ACT 0.0.0 | 20 RDA 0.0.0 | 37 PDE"},
    {"tWRPDE", "0 ACT 0.0.0 | 20 WR 0.0.0 | 44 PDE"},
    {"tWRPDE", "0 ACT 0.0.0 | 20 WRA 0.0.0 | 44 PDE"},
    {"row bus", "0 ACT 0.0.0 | 50 ACT 0.1.0 | 52 PREPB 0.0.0"},
    {"row bus", "0 ACT 0.0.0 | 50 PREPB 0.0.0 | 51 REFPB 1.1.0"},
};

TEST(CommandChecker, ATickDecidesOnEachRuleAlone) {
  for (const Case& c : kCases)
    expect_one_tick_decides(separable_device(), c);
}

/// Row commands at half cycles, an activate of one and a half: 3 ticks, of which the third counts.
Config half_clock_device() {
  Config c = separable_device();
  c.row_clock = RowClock::kHalf;
  c.timing.act = half_ck(3);
  return c;
}

const Case kHalfCases[] = {
    {"tRAS", "1 ACT 0.0.0 | 71 PREPB 0.0.0"},  // 1 + 2 + 2 x 34
    {"tRP", "0 ACT 0.0.0 | 81 PREPB 0.0.0 | 107 ACT 0.0.0"},
    {"tRC", "0 ACT 0.0.0 | 70 PREPB 0.0.0 | 100 ACT 0.0.0"},
    {"tRRDS", "0 ACT 0.0.0 | 8 ACT 0.1.0"},
    {"tPPD", "0 ACT 0.0.0 | 19 ACT 0.1.0 | 99 PREPB 0.0.0 | 105 PREPB 0.1.0"},
    {"tACTPDE", "0 ACT 0.0.0 | 4 PDE"},
    {"tPRPDE", "0 ACT 0.0.0 | 99 PREPB 0.0.0 | 101 PDE"},
    {"tPRPDE", "0 ACT 0.0.0 | 99 PREAB | 101 PDE"},
    {"tREFPDE", "0 REFPB 0.0.0 | 2 PDE"},
    {"tREFPDE", "0 REFAB | 2 PDE"},
    {"tREFPDE", "0 RFMAB | 2 PDE"},
    {"row bus", "0 ACT 0.0.0 | 110 ACT 0.1.0 | 113 PREPB 0.0.0"},
};

TEST(CommandChecker, ATickDecidesAtHalfCyclesToo) {
  for (const Case& c : kHalfCases)
    expect_one_tick_decides(half_clock_device(), c);
}

TEST(CommandChecker, TheCasesCoverEveryDistance) {
  Rules covered;
  for (const Case& c : kCases)
    covered.insert(c.rule);
  for (const Case& c : kHalfCases)
    covered.insert(c.rule);
  for (const CheckedPair& pair : checked_device(separable_device()).pairs)
    EXPECT_EQ(covered.count(pair.name), 1U) << pair.name;
}

/// Sequences that no distance forbids.
const Case kStates[] = {
    {"bank closed", "0 ACT 0.0.0 | 100 ACT 0.0.0"},
    {"bank closed", "0 ACT 0.0.0 | 100 REFPB 0.0.0"},
    {"bank closed", "0 ACT 0.0.0 | 100 RFMPB 0.0.0"},
    {"bank open", "100 RD 0.0.0"},
    {"bank open", "0 ACT 0.0.0 | 100 WR 0.0.1"},
    {"bank open", "0 ACT 0.0.0 | 100 WR 0.1.0"},
    {"bank open", "0 ACT 0.0.0 | 100 WR 1.0.0"},
    {"bank open", "0 ACT 0.0.0 | 100 PREPB 0.0.0 | 110 RD 0.0.0"},
    {"bank open", "0 ACT 0.0.0 | 100 PREAB | 110 RD 0.0.0"},
    {"bank open", "0 ACT 0.0.0 | 50 RDA 0.0.0 | 110 RD 0.0.0"},
    {"bank open", "0 ACT 0.0.0 | 50 WRA 0.0.0 | 110 RD 0.0.0"},
    {"row open", "0 ACT 0.0.0 r1 | 50 RD 0.0.0 r2"},
    {"row open", "0 ACT 0.0.0 r1 | 50 WRA 0.0.0 r2"},
    {"all banks closed", "0 ACT 1.3.3 | 100 REFAB"},
    {"all banks closed", "0 ACT 1.3.3 | 100 RFMAB"},
    {"power-down", "10 PDE | 100 ACT 0.0.0"},
    {"power-down", "10 PDE | 100 REFAB"},
    {"power-down", "10 PDE | 100 PDE"},
    {"power-down", "0 ACT 0.0.0 | 50 PDE | 100 RD 0.0.0"},
    {"not powered down", "100 PDX"},
    {"not powered down", "10 PDE | 100 PDX | 200 PDX"},
    {"order", "100 PREAB | 50 PDE"},
    {"address", "0 ACT 2.0.0"},
    {"address", "0 ACT 0.4.0"},
    {"address", "0 ACT 0.0.4"},
    {"address", "0 ACT 0.0.0 r32768"},
    {"address", "0 ACT 0.0.0 | 50 RD 0.0.0 c32"},
};

TEST(CommandChecker, StatesOfBanksRowsAndClockAreKept) {
  const Config config = separable_device();
  for (const Case& c : kStates) {
    const auto rules = broken(config, sequence(c.sequence));
    if (std::string(c.rule) == "order")
      EXPECT_EQ(rules.count("order"), 1U);
    else
      EXPECT_EQ(rules, Rules{c.rule}) << c.sequence;
  }
}

TEST(CommandChecker, LegalLivesOfBanksPass) {
  const Config config = separable_device();
  for (const char* legal : {
           "0 ACT 0.0.0 r7 | 50 RDA 0.0.0 r7 c31 | 100 ACT 0.0.0 r9 | 150 WR 0.0.0 r9",
           "0 ACT 0.0.0 | 4 ACT 1.0.0 | 50 PREAB | 80 REFAB | 400 ACT 0.0.0 | 405 ACT 1.0.0",
           "0 REFPB 0.0.0 | 8 REFPB 0.0.1 | 20 ACT 0.1.0 | 50 RD 0.1.0 | 60 REFPB 1.0.0",
           "0 ACT 0.0.0 | 50 PDE | 100 PDX | 110 RD 0.0.0 | 120 PREPB 0.0.0",
           "0 PREPB 0.0.0 | 50 PREAB",  // of closed banks: no operation
       }) {
    EXPECT_EQ(broken(config, sequence(legal)), Rules{}) << legal;
  }
}

TEST(CommandChecker, RowAndColumnCommandsShareATick) {
  const Config config = separable_device();
  EXPECT_EQ(broken(config, sequence("0 ACT 0.0.0 | 40 RD 0.0.0 | 40 ACT 0.1.0")), Rules{});
  EXPECT_EQ(broken(config, sequence("0 ACT 0.0.0 | 40 ACT 0.1.0 | 40 RD 0.0.0")), Rules{});
  EXPECT_EQ(broken(config, sequence("0 ACT 0.0.0 | 9 ACT 0.1.0 | 40 RD 0.0.0 | 40 RD 0.1.0")),
            (Rules{"column bus", "data bus", "tCCDS"}));
}

TEST(CommandChecker, ColumnCommandsStartAtFullCycles) {
  const Config config = half_clock_device();
  EXPECT_EQ(broken(config, sequence("1 ACT 0.0.0 | 80 RD 0.0.0")), Rules{});
  EXPECT_EQ(broken(config, sequence("1 ACT 0.0.0 | 81 RD 0.0.0")), Rules{"clock edge"});
}

TEST(CommandChecker, DataNeverOverlap) {
  Config config = separable_device();
  config.timing.ccd_s = config.timing.ccd_r = ck(1);
  const char* text = "0 ACT 0.0.0 | 9 ACT 0.1.0 | 40 RD 0.0.0 | 42 RD 0.1.0";
  expect_one_tick_decides(config, {"data bus", text});
}

TEST(CommandChecker, ALongerTurnOfTheDeviceCounts) {
  Config config = separable_device();
  config.timing.rtw = ck(20);
  const char* text = "0 ACT 0.0.0 | 9 ACT 0.1.0 | 40 RD 0.0.0 | 60 WR 0.1.0";
  expect_one_tick_decides(config, {"tRTW", text});
}

TEST(CommandChecker, TimesAreRoundedUpToCycles) {
  Config config = separable_device();
  config.data_rate = BitsPerSecond(3'600'000'000U);  // 1.8 GHz
  config.timing.rcd_rd = 14_ns;                      // 25.2 cycles
  expect_one_tick_decides(config, {"tRCDRD", "0 ACT 0.0.0 | 27 RD 0.0.0"});
  config.row_clock = RowClock::kHalf;
  EXPECT_EQ(broken(config, sequence("0 ACT 0.0.0 | 56 RD 0.0.0")), Rules{});
  EXPECT_EQ(broken(config, sequence("0 ACT 0.0.0 | 54 RD 0.0.0")), Rules{"tRCDRD"});
}

TEST(CommandChecker, SaysWhatIsWrongInALine) {
  const auto violations =
      check_commands(separable_device(), sequence("0 ACT 0.0.0 r5 | 14 RD 0.0.0 r5 c3"));
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(to_text(violations[0]),
            "tick 14: RD stack id 0 bank group 0 bank 0 row 5 column 3: tRCDRD: 14 after tick 0, "
            "limit 15");
}

}  // namespace
}  // namespace aipu::hbm
