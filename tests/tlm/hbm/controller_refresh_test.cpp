// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/tlm/hbm/channel_probe.h"

namespace aipu::hbm {
namespace {

using test::channel_config;
using test::ChannelProbe;

TEST(HbmRefresh, AnIdleChannelRefreshesEveryBankOncePerInterval) {
  const Config config = channel_config(Refresh::kPerBank);
  ChannelProbe probe(config);
  const Ck now = to_ck(config, 39_us);  // ten intervals
  EXPECT_NEAR(static_cast<double>(probe.controller.counts(now).refreshes), 10 * 32, 4);
  probe.add(kRead, 0, 0, 0, 1, now);
  probe.finish();
  EXPECT_NEAR(static_cast<double>(probe.controller.counts(now).refreshes), 10 * 32, 4);
}

TEST(HbmRefresh, ALongIdleTimeCostsNoWork) {
  const Config config = channel_config(Refresh::kAllBank);
  ChannelProbe probe(config);
  const Ck hour = to_ck(config, 100_us) * 36'000'000;
  probe.add(kRead, 0, 0, 0, 1, hour);
  probe.finish();
  EXPECT_EQ(probe.controller.counts(hour).refreshes, static_cast<std::uint64_t>(hour - 1) / 7020);
}

TEST(HbmRefresh, ARequestWaitsForTheRefreshOfItsBank) {
  const Config config = channel_config(Refresh::kAllBank);
  const CycleTimings t = cycle_timings(config);
  ChannelProbe probe(config);
  probe.add(kRead, 0, 0, 0, 1, t.refi + 10);
  probe.finish();
  EXPECT_EQ(probe.of(0).column, t.refi + t.ref_all_to_act + t.act_to_col[kRead]);
  const BusShares shares = probe.controller.shares(probe.last());
  EXPECT_GT(shares[index(Cause::kRefresh)], 500);
}

TEST(HbmRefresh, UnderLoadEveryBankKeepsItsAverageRate) {
  for (const std::uint32_t postpone : {0U, 8U}) {
    Config config = channel_config(Refresh::kPerBank);
    config.refresh_postpone = postpone;
    ChannelProbe probe(config);
    probe.saturate(20'000, [](std::uint64_t i) {
      return Access{
          kRead, static_cast<std::uint32_t>(i * 5 % 8), static_cast<std::uint32_t>(i / 32), 0, 32,
          0};
    });
    const double due = static_cast<double>(probe.last()) / 7020 * 32;
    const double done = static_cast<double>(probe.controller.counts(0).refreshes);
    EXPECT_NEAR(done, due, 4.0 * (postpone + 2));
  }
}

}  // namespace
}  // namespace aipu::hbm
