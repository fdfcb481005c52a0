// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <random>

#include "hw/hbm/location.h"
#include "tests/tlm/hbm/channel_probe.h"

namespace aipu::hbm {
namespace {

using test::channel_config;
using test::ChannelProbe;

constexpr std::uint64_t kCount = 20'000;
constexpr std::uint64_t kSize = 1ULL << 30U;

class HbmBandwidth : public ::testing::Test {
 protected:
  Access granule(std::uint64_t offset, Direction direction = kRead,
                 std::uint32_t atoms = 32) const {
    const Location at = interleaving_.locate(offset);
    return {direction, at.set, at.row, at.column * 4 + at.group, atoms, 0};
  }
  Access random(Direction direction = kRead) {
    return granule(generator_() % (kSize / 1024) * 1024, direction);
  }
  static void expect_accounts(const ChannelProbe& probe) {
    for (const Ck now : {probe.last() - 10, probe.last(), probe.last() + 999}) {
      const BusShares shares = probe.controller.shares(now);
      EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), Ck(0)), now);
    }
    EXPECT_EQ(
        probe.controller.counts(0).atoms * 2,
        static_cast<std::uint64_t>(probe.controller.shares(probe.last())[index(Cause::kBusy)]));
  }

  Config config_ = channel_config(Refresh::kPerBank);
  Interleaving interleaving_{config_};
  std::mt19937_64 generator_{7};
};

TEST_F(HbmBandwidth, ASequentialStreamReachesNineTenthsOfPeak) {
  ChannelProbe probe(config_);
  probe.saturate(kCount, [&](std::uint64_t i) { return granule(i * 1024); });
  EXPECT_GT(probe.efficiency(), 0.90);
  EXPECT_LE(probe.efficiency(), 1.0);
  EXPECT_EQ(probe.controller.counts(0).row_misses, kCount / 4);
  expect_accounts(probe);
}

TEST_F(HbmBandwidth, ThirtyTwoStreamsReachMoreThanNinetyTwoPercent) {
  ChannelProbe probe(config_);
  probe.saturate(kCount,
                 [&](std::uint64_t i) { return granule((i % 32) * (kSize / 32) + i / 32 * 1024); });
  EXPECT_GT(probe.efficiency(), 0.92);
  expect_accounts(probe);
}

TEST_F(HbmBandwidth, RandomGranulesReachMoreThanNinetyTwoPercent) {
  ChannelProbe probe(config_);
  probe.saturate(kCount, [&](std::uint64_t) { return random(); });
  EXPECT_GT(probe.efficiency(), 0.92);
  expect_accounts(probe);
}

TEST_F(HbmBandwidth, AMixOfReadsAndWritesLosesLittleToTurns) {
  ChannelProbe probe(config_);
  probe.saturate(kCount, [&](std::uint64_t i) { return random(i % 3 == 0 ? kWrite : kRead); });
  EXPECT_GT(probe.efficiency(), 0.90);
  EXPECT_GT(probe.controller.shares(probe.last())[index(Cause::kTurnaround)], 0);
  expect_accounts(probe);
}

TEST_F(HbmBandwidth, AllBankRefreshCostsItsShareOfTime) {
  config_.refresh = Refresh::kAllBank;
  ChannelProbe probe(config_);
  probe.saturate(kCount, [&](std::uint64_t i) { return granule(i * 1024); });
  EXPECT_NEAR(probe.efficiency(), 1.0 - 350.0 / 3900.0, 0.02);
  expect_accounts(probe);
}

TEST_F(HbmBandwidth, SingleAtomsOfRandomRowsAreBoundByTheActivateRate) {
  ChannelProbe probe(config_);
  probe.saturate(
      kCount, [&](std::uint64_t) { return granule(generator_() % (kSize / 32) * 32, kRead, 1); });
  const CycleTimings t = cycle_timings(config_);
  const Ck four = std::max(t.four_acts, 4 * t.act_to_act_any);
  EXPECT_LE(probe.efficiency(), 8.0 / static_cast<double>(four));
  EXPECT_GT(probe.efficiency(), 0.9 * 8.0 / static_cast<double>(four));
  expect_accounts(probe);
}

TEST_F(HbmBandwidth, NewRowsOfOneBankComeOncePerRowCycle) {
  config_.refresh = Refresh::kNone;
  ChannelProbe probe(config_);
  probe.saturate(1000, [](std::uint64_t i) {
    return Access{kRead, 0, static_cast<std::uint32_t>(i), 0, 1, 0};
  });
  const Ck per_row = cycle_timings(config_).act_to_act;
  EXPECT_NEAR(static_cast<double>(probe.last()) / 1000, static_cast<double>(per_row), 1.0);
  const BusShares shares = probe.controller.shares(probe.last());
  EXPECT_GT(shares[index(Cause::kRowMiss)], probe.last() * 9 / 10);
}

TEST_F(HbmBandwidth, AskingMoreOftenChangesNothing) {
  ChannelProbe seldom(config_);
  ChannelProbe often(config_);
  for (std::uint32_t i = 0; i < 200; ++i) {
    Access access = random(i % 4 == 0 ? kWrite : kRead);
    access.id = i;
    const Ck now = static_cast<Ck>(i) * 70;
    seldom.controller.enqueue(access, now, seldom.issued);
    for (Ck t = now - 69; t < now; ++t)
      often.controller.advance(t, often.issued);
    often.controller.enqueue(access, now, often.issued);
  }
  seldom.finish();
  often.finish();
  ASSERT_EQ(seldom.issued.size(), often.issued.size());
  for (std::size_t i = 0; i < seldom.issued.size(); ++i) {
    EXPECT_EQ(seldom.issued[i].id, often.issued[i].id);
    EXPECT_EQ(seldom.issued[i].column, often.issued[i].column);
  }
}

TEST_F(HbmBandwidth, NothingIsDoneBeforeTheAnnouncedWakeUp) {
  ChannelProbe probe(config_);
  Ck now = 0;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    Access access =
        granule(generator_() % (kSize / 32) * 32, generator_() % 3 == 0 ? kWrite : kRead, 1);
    access.atoms = 1 + static_cast<std::uint32_t>(generator_() % (32 - access.unit % 32));
    access.id = i;
    while (!probe.controller.has_room(access.direction) || generator_() % 4 == 0) {
      if (probe.controller.empty()) break;
      const Ck bound = probe.controller.next_wake();
      ASSERT_GE(bound, now);
      const std::size_t before = probe.issued.size();
      now = std::max(
          now, std::min(bound, probe.controller.next_issue() + static_cast<Ck>(generator_() % 9)));
      probe.controller.advance(now, probe.issued);
      if (probe.issued.size() > before) {
        ASSERT_GE(probe.issued[before].done, bound);
      }
    }
    probe.controller.enqueue(access, now, probe.issued);
  }
  probe.finish();
  EXPECT_EQ(probe.issued.size(), 5000U);
}

TEST_F(HbmBandwidth, HalfTheDataRateHalvesTheBandwidth) {
  const auto seconds = [&](const Config& config) {
    ChannelProbe probe(config);
    probe.saturate(kCount, [&](std::uint64_t i) { return granule(i * 1024); });
    return static_cast<double>(probe.last()) / static_cast<double>(command_clock(config).count);
  };
  const double full = seconds(config_);
  config_.data_rate = BitsPerSecond(1'800'000'000U);
  EXPECT_NEAR(seconds(config_) / full, 2.0, 0.02);
}

}  // namespace
}  // namespace aipu::hbm
