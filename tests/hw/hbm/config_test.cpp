// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "hw/hbm/cycle_timings.h"

namespace aipu::hbm {
namespace {

TEST(HbmConfig, TheDefaultIsTheReferenceChip) {
  const Config config;
  schema().check(config);
  EXPECT_EQ(peak_bytes_per_second(config), 1'843'200'000'000U);
  EXPECT_EQ(channel_count(config), 64U);
  EXPECT_EQ(channel_capacity(config), 1_GiB);
  EXPECT_EQ(atom(config), 32_B);
  EXPECT_EQ(bank_sets(config), 8U);
  EXPECT_EQ(rows(config), 32768U);
  EXPECT_EQ(command_clock(config), 1800_MHz);
}

TEST(HbmConfig, AtTwoGigabitTheCyclesAreThoseOfThePublishedPreset) {
  Config config;
  config.data_rate = BitsPerSecond(2'000'000'000U);
  config.timing.rl = 14_ns;
  config.timing.ras = 34_ns;
  const CycleTimings t = cycle_timings(config);
  EXPECT_EQ(t.latency[kRead], 14);
  EXPECT_EQ(t.act_to_pre, 34 + 1);
  EXPECT_EQ(t.act_to_act, 48);
  EXPECT_EQ(t.pre_to_act, 14 - 1);
  EXPECT_EQ(t.four_acts, 16);
  EXPECT_EQ(t.col_to_col[kRead][kWrite], 14 + 2 + 2 - 5);
  EXPECT_EQ(t.col_to_col_group[kWrite][kRead], 5 + 2 + 8);
  EXPECT_EQ(t.burst, 2);
  EXPECT_EQ(t.refi, 3900);
}

TEST(HbmConfig, TimesStayWhenTheDataRateChanges) {
  Config config;
  const Ck full = cycle_timings(config).four_acts;
  config.data_rate = config.data_rate / 2;
  EXPECT_EQ(full, 29);
  EXPECT_EQ(cycle_timings(config).four_acts, 15);
  EXPECT_EQ(cycle_timings(config).burst, 2);
}

TEST(HbmConfig, RefusesWhatCannotBeBuilt) {
  const auto refused = [](auto change, const char* text) {
    Config config;
    change(config);
    try {
      schema().check(config);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(text));
    }
  };
  refused([](Config& c) { c.stacks = 3; }, "channel_hash");
  refused([](Config& c) { c.interleave = 8_KiB; }, "interleave");
  refused([](Config& c) { c.capacity = 64_GiB + 1_KiB; }, "capacity");
  refused([](Config& c) { c.write_low = 30; }, "write_low");
  refused([](Config& c) { c.timing.rc = 20_ns; }, "rc (activate to activate)");
  refused([](Config& c) { c.timing.rfc_ab = 4000_ns; }, "refi");
}

}  // namespace
}  // namespace aipu::hbm
