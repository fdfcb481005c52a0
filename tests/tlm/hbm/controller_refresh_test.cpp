// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <set>

#include "tests/tlm/hbm/controller_driver.h"

namespace aipu::hbm {
namespace {

using test::Driver;
using test::hbm2;

TEST(HbmControllerRefresh, AllBanksAreClosedAndRefreshedAtEachInterval) {
  Driver d(hbm2());
  d.read(3800, 0, 1);
  d.drain();
  const auto late = d.read(3899, 1, 1);
  d.advance(3 * 3900);
  EXPECT_EQ(d.times(kPreab), (std::vector<Tick>{3900, 7800}));
  EXPECT_EQ(d.times(kRefab), (std::vector<Tick>{3914, 7814, 11700}));
  EXPECT_EQ(d.times(kAct)[1], 3914 + 260 - 1);
  EXPECT_EQ(d.of(late).accepted, 3900);
}

TEST(HbmControllerRefresh, RefreshesArePostponedWhileBanksWork) {
  Driver d(hbm2({"refresh_postpone=2"}));
  for (std::uint32_t i = 0; i < 9000; ++i)
    d.read(2 * i, i % 4, 1 + i / 128, i / 4 % 32);
  d.drain();
  ASSERT_GE(d.times(kRefab).size(), 1U);
  EXPECT_GE(d.times(kRefab)[0], 3 * 3900);
}

TEST(HbmControllerRefresh, AnIdleChannelPullsRefreshesIn) {
  Driver d(hbm2({"refresh_pull_in=3"}));
  d.advance(3900 + 5 * 260);
  EXPECT_EQ(d.times(kRefab).size(), 1U + 3U);
}

TEST(HbmControllerRefresh, EveryBankIsRefreshedOnceARound) {
  Driver d(hbm2({"refresh=per_bank"}));
  d.advance(3 * 16 * 244 + 10);
  ASSERT_EQ(d.times(kRefpb).size(), 48U);
  for (std::size_t round = 0; round < 3; ++round) {
    std::set<std::pair<std::uint32_t, std::uint32_t>> banks;
    for (std::size_t i = 0; i < 16; ++i)
      banks.insert({d.log[round * 16 + i].bank_group, d.log[round * 16 + i].bank});
    EXPECT_EQ(banks.size(), 16U);
  }
}

TEST(HbmControllerRefresh, OtherBanksWorkDuringAPerBankRefresh) {
  Driver d(hbm2({"refresh=per_bank"}));
  d.advance(244 + 2);  // bank 0 of group 0 refreshes
  const auto busy = d.read(246, 0, 1);
  const auto free = d.read(246, 1, 1);
  d.drain();
  EXPECT_EQ(d.times(kRefpb)[0], 244);
  EXPECT_EQ(d.of(free).column, 244 + 8 - 1 + 15);    // tRREFD
  EXPECT_EQ(d.of(busy).column, 244 + 160 - 1 + 15);  // tRFCpb
}

TEST(HbmControllerRefresh, HotDiesRefreshTwiceAndFourTimesAsOften) {
  const auto refreshes = [](const char* temperature) {
    Driver d(hbm2({temperature}));
    d.advance(8 * 3900);
    return d.times(kRefab).size();
  };
  EXPECT_EQ(refreshes("temperature=85"), 8U);
  EXPECT_EQ(refreshes("temperature=86"), 16U);
  EXPECT_EQ(refreshes("temperature=96"), 32U);
}

TEST(HbmControllerRefresh, ManagementIsForcedAtTheLimitAndTakenWhenIdleBefore) {
  Driver d(hbm2({"rfm_threshold=8", "rfm_limit=24", "rfm_decrement=8", "refresh=none"}));
  for (std::uint32_t i = 0; i < 100; ++i)
    d.read(0, 0, i);  // every one a new row
  d.drain();
  // Management alone takes the threshold off: from the limit on, once in every eight activates.
  EXPECT_EQ(d.controller.counts(d.last_done()).commands[kRfmpb], (100U - 24U) / 8U + 1U);
  Driver idle(hbm2({"rfm_threshold=8", "rfm_limit=24", "rfm_decrement=8", "refresh=none"}));
  for (std::uint32_t i = 0; i < 8; ++i)
    idle.read(200 * i, 0, i);
  idle.advance(3000);
  EXPECT_EQ(idle.times(kRfmpb).size(), 1U);
}

TEST(HbmControllerRefresh, IdleIntervalsAreCountedWithoutBeingWalked) {
  for (const char* refresh : {"refresh=all_bank", "refresh=per_bank"}) {
    const Config config = hbm2({refresh});
    Controller skipped(config);
    Driver walked(config);  // its log makes it walk
    std::vector<Issue> issued;
    const Tick far = 40 * 16 * 3900 + 77;
    skipped.advance(far, issued);
    walked.advance(far);
    for (const Command command : {kRefab, kRefpb}) {
      EXPECT_EQ(skipped.counts(far).commands[command],
                walked.controller.counts(far).commands[command]);
    }
    skipped.offer({kRead, 3, 1, 0, 0}, far);
    walked.read(far, 3, 1);
    skipped.drain(issued);
    walked.drain();
    EXPECT_EQ(issued.at(0).done, walked.issued.at(0).done) << refresh;
  }
}

TEST(HbmControllerPower, AnIdleChannelPowersDownAndWakesForRequestsAndRefreshes) {
  Driver d(hbm2({"power_down=100 ns", "timing.xp=8 CK", "timing.pd=5 CK"}));
  d.read(0, 0, 1);
  d.drain();
  const auto late = d.read(1000, 0, 1, 1);
  d.drain();
  ASSERT_EQ(d.times(kPde).size(), 1U);
  EXPECT_EQ(d.times(kPde)[0], d.column(0) + 100);
  EXPECT_EQ(d.times(kPdx)[0], 1001);
  EXPECT_EQ(d.column(late), 1001 + 8);
  EXPECT_EQ(d.controller.counts(1100).power_down, 1001 - d.times(kPde)[0]);
  d.advance(5000);
  EXPECT_EQ(d.times(kRefab).size(), 1U);
  EXPECT_GT(d.times(kPdx).size(), 1U);
}

}  // namespace
}  // namespace aipu::hbm
