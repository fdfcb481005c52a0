// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw/base/error.h"

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
  EXPECT_EQ(bank_count(config), 32U);
  EXPECT_EQ(rows(config), 32768U);
  EXPECT_EQ(command_clock(config), 1800_MHz);
  EXPECT_EQ(ticks_per_ck(config), 1);
}

TEST(HbmConfig, AStackOfTwelveDiesIsAccepted) {
  Config config;
  config.capacity = 96_GiB;  // 49152 rows
  EXPECT_NO_THROW(schema().check(config));
  EXPECT_EQ(rows(config), 49152U);
}

template <typename Change>
void refused(Change change, const char* text) {
  Config config;
  change(config);
  try {
    schema().check(config);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(text));
  }
}

TEST(HbmConfig, RefusesWhatCannotBeBuilt) {
  refused([](Config& c) { c.stacks = 3; }, "channel_hash needs a power of two");
  refused([](Config& c) { c.interleave = 8_KiB; }, "interleave must lie between");
  refused(
      [](Config& c) {
        c.burst_length = 8;
        c.interleave = 32_B;
      },
      "interleave must lie between");
  refused([](Config& c) { c.banks = 16; }, "must not exceed 64");
  refused([](Config& c) { c.capacity = 64_GiB + 1_KiB; }, "capacity must be a whole number");
  refused([](Config& c) { c.write_low = 60; }, "write_low < write_high");
  refused([](Config& c) { c.write_high = 65; }, "write_high <= write_queue");
  refused([](Config& c) { c.rfm_threshold = 32; }, "rfm_limit must not be below");
  refused([](Config& c) { c.address_map = "row:15"; }, "address_map: 'row:15': ");
  refused([](Config& c) { c.address_xor = "bank0^bank9"; }, "address_xor: 'bank0^bank9': ");
}

TEST(HbmConfig, RefusesTimingsThatContradictEachOther) {
  refused([](Config& c) { c.timing.rc = 20_ns; }, "rc (activate to activate)");
  refused([](Config& c) { c.timing.rc = ck(60); }, "rc (activate to activate)");
  refused([](Config& c) { c.timing.rrd_l = 3_ns; }, "rrd_l");
  refused([](Config& c) { c.timing.ccd_l = ck(1); }, "ccd_l");
  refused([](Config& c) { c.timing.wtr_l = 5_ns; }, "wtr_l");
  refused([](Config& c) { c.timing.rl = 0_ps; }, "must not be 0");
  refused([](Config& c) { c.timing.act = ck(0); }, "must not be 0");
  refused([](Config& c) { c.timing.rfc_ab = 4000_ns; }, "refi");
  refused([](Config& c) { c.timing.refi_pb = ck(2); }, "refi_pb");
  refused([](Config& c) { c.timing.xp = 1001_us; }, "no delay may exceed");
  refused([](Config& c) { c.timing.faw = ck(1'048'577); }, "no delay may exceed");
}

}  // namespace
}  // namespace aipu::hbm
