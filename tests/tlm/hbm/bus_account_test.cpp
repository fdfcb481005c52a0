// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/bus_account.h"

#include <gtest/gtest.h>
#include <numeric>

namespace aipu::hbm {
namespace {

TEST(BusAccount, EachCauseTakesWhatTheEarlierOnesLeave) {
  BusAccount account;
  account.became_busy(10);
  account.run(60, 100, 120, 16, {10, 30, 20, 40, 70, 5});
  const BusShares shares = account.read(120, 20);
  EXPECT_EQ(shares, (BusShares{16, 10, 20, 0, 10 + 4, 30, 5, 25}));
}

TEST(BusAccount, AddsUpAtEveryTime) {
  BusAccount account;
  account.became_busy(10);
  account.run(20, 40, 60, 20, {10, 30, 0, 0, 0, 0});
  account.run(22, 65, 85, 20, {0, 0, 62, 0, 0, 0});
  account.became_empty();
  for (Ck now = 20; now < 200; ++now) {
    const BusShares shares = account.read(now, 20);
    EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), Ck(0)), now);
  }
}

}  // namespace
}  // namespace aipu::hbm
