// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/rate.h"

#include <gtest/gtest.h>

namespace aipu::directcom {
namespace {

TEST(RateTest, ItFallsByAFactorAndRisesByTime) {
  Config config;
  config.rate_cut = 128;
  config.rate_recovery = 1_us;
  config.rate_floor = 10;
  Rate rate;
  EXPECT_EQ(rate.share(config, 5), kFullRate);
  rate.cut(config, 0);
  EXPECT_EQ(rate.share(config, 0), 128U);
  EXPECT_EQ(rate.share(config, 999'999), 128U);
  EXPECT_EQ(rate.share(config, 8'000'000), 136U);
  rate.cut(config, 8'000'000);
  EXPECT_EQ(rate.share(config, 8'000'000), 68U);
  for (std::uint32_t i = 0; i < 9; ++i)
    rate.cut(config, 8'000'000);
  EXPECT_EQ(rate.share(config, 8'000'000), 10U) << "the floor";
  EXPECT_EQ(rate.share(config, 1'000'000'000), kFullRate);
}

TEST(RateTest, APortTakesAFlitOnEveryLaneInALinkCycle) {
  Config config;
  EXPECT_EQ(config.port_time(4, kFullRate), 1280_ps);
  EXPECT_EQ(config.port_time(4, 64), 5120_ps);
  config.lane_rate = 6400_Gbps;
  config.lanes = 16;
  EXPECT_EQ(config.port_time(65'536, 1).count, 65'536ULL * 128 * 256 * 1000 / 6400 / 16);
}

TEST(RateTest, APacerSpacesWhatItIsGiven) {
  Pacer pacer;
  pacer.take(100, 50_ps);
  pacer.take(100, 50_ps);
  EXPECT_EQ(pacer.next(), 200U);
  pacer.take(1000, 50_ps);
  EXPECT_EQ(pacer.next(), 1050U) << "time not used is not saved";
}

}  // namespace
}  // namespace aipu::directcom
