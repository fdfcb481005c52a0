// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/location.h"

#include <gtest/gtest.h>
#include <random>
#include <set>
#include <vector>

namespace aipu::hbm {
namespace {

TEST(HbmLocation, EveryAtomOfASmallMemoryHasAPlaceOfItsOwn) {
  for (const Bytes interleave : {128_B, 1_KiB, 4_KiB}) {
    Config config;
    config.stacks = 1;
    config.pseudo_channels = 4;
    config.capacity = 1_MiB;
    config.interleave = interleave;
    const Interleaving interleaving(config);
    const std::uint64_t rows_used = rows(config);
    std::vector<bool> seen(config.capacity / 32_B, false);
    for (std::uint64_t offset = 0; offset < config.capacity.count; offset += 32) {
      const Location at = interleaving.locate(offset);
      ASSERT_LT(at.channel, 4U);
      ASSERT_LT(at.set, 8U);
      ASSERT_LT(at.group, 4U);
      ASSERT_LT(at.column, 32U);
      ASSERT_LT(at.row, rows_used);
      const std::size_t place =
          (((at.row * 8 + at.set) * 4 + at.channel) * 4 + at.group) * 32 + at.column;
      ASSERT_FALSE(seen[place]);
      seen[place] = true;
      ASSERT_EQ(interleaving.offset(at), offset);
    }
  }
}

TEST(HbmLocation, TheInverseHoldsOverTheWholeReferenceChip) {
  const Interleaving interleaving{Config{}};
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t offset = random() % ((64_GiB).count / 32) * 32;
    ASSERT_EQ(interleaving.offset(interleaving.locate(offset)), offset);
  }
}

TEST(HbmLocation, AGranuleUsesAllBankGroupsAndOneRowOfEach) {
  const Interleaving interleaving{Config{}};
  const Location first = interleaving.locate(0x1234'5400);
  for (std::uint32_t i = 0; i < 32; ++i) {
    const Location at = interleaving.locate(0x1234'5400 + 32ULL * i);
    EXPECT_EQ(at.channel, first.channel);
    EXPECT_EQ(at.set, first.set);
    EXPECT_EQ(at.row, first.row);
    EXPECT_EQ(at.group, i % 4);
    EXPECT_EQ(at.column, first.column + i / 4);
  }
}

TEST(HbmLocation, PowerOfTwoStridesSpreadOverTheChannels) {
  const Interleaving interleaving{Config{}};
  for (std::uint64_t stride = 1024; stride <= (1ULL << 26U); stride *= 2) {
    std::set<std::uint32_t> channels;
    for (std::uint64_t i = 0; i < 512; ++i)
      channels.insert(interleaving.locate(i * stride).channel);
    EXPECT_GE(channels.size(), 60U) << "stride " << stride;
  }
}

TEST(HbmLocation, BytesLeftEndAtTheGranule) {
  const Interleaving interleaving{Config{}};
  EXPECT_EQ(interleaving.bytes_left(0), 1024U);
  EXPECT_EQ(interleaving.bytes_left(1023), 1U);
  EXPECT_EQ(interleaving.bytes_left(1024 + 24), 1000U);
}

TEST(HbmLocation, AnyNumberOfChannelsWorksWithoutTheHash) {
  Config config;
  config.stacks = 3;
  config.capacity = 48_GiB;
  config.channel_hash = false;
  schema().check(config);
  const Interleaving interleaving(config);
  for (std::uint64_t offset = 0; offset < (1ULL << 20U); offset += 32) {
    const Location at = interleaving.locate(offset);
    ASSERT_LT(at.channel, 48U);
    ASSERT_EQ(interleaving.offset(at), offset);
  }
}

}  // namespace
}  // namespace aipu::hbm
