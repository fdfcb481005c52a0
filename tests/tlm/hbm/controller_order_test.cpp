// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <random>

#include "tests/tlm/hbm/channel_probe.h"

namespace aipu::hbm {
namespace {

using test::channel_config;
using test::ChannelProbe;

std::size_t place(const ChannelProbe& probe, std::uint32_t id) {
  std::size_t i = 0;
  while (probe.issued[i].id != id)
    ++i;
  return i;
}

TEST(HbmOrder, ARowHitOvertakesAnOlderMiss) {
  ChannelProbe probe(channel_config());
  probe.add(kRead, 0, 1, 0, 4, 0);
  probe.add(kRead, 0, 2, 0, 4, 0);
  probe.add(kRead, 0, 1, 4, 4, 0);
  probe.finish();
  EXPECT_LT(place(probe, 2), place(probe, 1));
}

TEST(HbmOrder, AStarvingRequestIsServedBeforeTheHitsOfItsBank) {
  Config config = channel_config();
  config.starvation = 500_ns;
  ChannelProbe probe(config);
  probe.add(kRead, 0, 1, 0, 32, 0);
  const std::uint32_t victim = probe.add(kRead, 0, 2, 0, 32, 0);
  for (std::uint32_t i = 0; i < 400; ++i) {
    const Ck now = 1 + static_cast<Ck>(i) * 60;
    if (probe.controller.has_room(kRead)) probe.add(kRead, 0, 1, 32, 32, now);
  }
  probe.finish();
  EXPECT_LT(probe.of(victim).done, to_ck(config, 800_ns));
}

TEST(HbmOrder, WritesWaitForReadsUntilTheHighWatermark) {
  Config config = channel_config();
  ChannelProbe probe(config);
  probe.add(kRead, 1, 0, 0, 32, 0);
  const std::uint32_t write = probe.add(kWrite, 0, 0, 0, 32, 0);
  const std::uint32_t read = probe.add(kRead, 2, 0, 0, 32, 0);
  probe.finish();
  EXPECT_LT(place(probe, read), place(probe, write));
}

TEST(HbmOrder, AFullWriteQueueDrainsBeforeReads) {
  Config config = channel_config();
  ChannelProbe probe(config);
  for (std::uint32_t i = 0; i < config.write_high; ++i)
    probe.add(kWrite, i % 8, i / 8, 0, 32, 0);
  const std::uint32_t read = probe.add(kRead, 7, 100, 0, 32, 0);
  probe.finish();
  EXPECT_GE(place(probe, read), config.write_high - config.write_low);
}

TEST(HbmOrder, AReadFollowsTheWriteToItsBytes) {
  ChannelProbe probe(channel_config());
  const std::uint32_t write = probe.add(kWrite, 0, 0, 0, 4, 0);
  const std::uint32_t read = probe.add(kRead, 0, 0, 3, 4, 0);
  const std::uint32_t other = probe.add(kRead, 0, 0, 8, 4, 0);
  probe.finish();
  EXPECT_LT(place(probe, write), place(probe, read));
  EXPECT_NE(probe.of(other).column, -1);
}

TEST(HbmOrder, OverlappingAccessesKeepTheirOrderUnderRandomTraffic) {
  Config config = channel_config(Refresh::kPerBank);
  ChannelProbe probe(config);
  std::mt19937 generator(3);
  const auto random = [&] { return static_cast<std::uint32_t>(generator()); };
  std::vector<Access> accesses;
  probe.saturate(5000, [&](std::uint64_t) {
    Access access{random() % 2 == 0 ? kRead : kWrite,
                  random() % 2,
                  random() % 3,
                  random() % 32,
                  1 + random() % 16,
                  0};
    accesses.push_back(access);
    return access;
  });
  ASSERT_EQ(probe.issued.size(), accesses.size());
  std::vector<std::size_t> at(accesses.size());
  for (std::size_t i = 0; i < probe.issued.size(); ++i)
    at[probe.issued[i].id] = i;
  for (std::size_t i = 0; i < accesses.size(); ++i) {
    for (std::size_t k = i + 1; k < std::min(accesses.size(), i + 70); ++k) {
      const Access& a = accesses[i];
      const Access& b = accesses[k];
      if (a.direction == kRead && b.direction == kRead) continue;
      if (a.set != b.set || a.row != b.row) continue;
      if (a.unit >= b.unit + b.atoms || b.unit >= a.unit + a.atoms) continue;
      EXPECT_LT(at[i], at[k]) << i << " before " << k;
    }
  }
}

}  // namespace
}  // namespace aipu::hbm
