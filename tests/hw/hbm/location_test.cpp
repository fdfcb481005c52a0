// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/location.h"

#include <gtest/gtest.h>
#include <set>
#include <vector>

#include "hw/hbm/address_map.h"

namespace aipu::hbm {
namespace {

TEST(HbmLocation, EveryAtomOfASmallMemoryHasAPlaceOfItsOwn) {
  for (const Bytes interleave : {128_B, 1_KiB, 4_KiB}) {
    Config config;
    config.stacks = 1;
    config.pseudo_channels = 4;
    config.capacity = 1_MiB;
    config.interleave = interleave;
    const AddressMap map(config);
    const std::uint64_t rows_used = rows(config);
    std::vector<bool> seen(config.capacity / 32_B, false);
    for (std::uint64_t offset = 0; offset < config.capacity.count; offset += 32) {
      const Location at = map.locate(offset);
      ASSERT_LT(at.channel, 4U);
      ASSERT_LT(at.set, 8U);
      ASSERT_LT(at.group, 4U);
      ASSERT_LT(at.column, 32U);
      ASSERT_LT(at.row, rows_used);
      const std::size_t place =
          (((at.row * 8 + at.set) * 4 + at.channel) * 4 + at.group) * 32 + at.column;
      ASSERT_FALSE(seen[place]);
      seen[place] = true;
      ASSERT_EQ(map.offset(at), offset);
    }
  }
}

TEST(HbmLocation, AGranuleUsesAllBankGroupsAndOneRowOfEach) {
  const AddressMap map{Config{}};
  const Location first = map.locate(0x1234'5400);
  for (std::uint32_t i = 0; i < 32; ++i) {
    const Location at = map.locate(0x1234'5400 + 32ULL * i);
    EXPECT_EQ(at.channel, first.channel);
    EXPECT_EQ(at.set, first.set);
    EXPECT_EQ(at.row, first.row);
    EXPECT_EQ(at.group, i % 4);
    EXPECT_EQ(at.column, first.column + i / 4);
  }
}

TEST(HbmLocation, PowerOfTwoStridesSpreadOverTheChannels) {
  const AddressMap map{Config{}};
  for (std::uint64_t stride = 1024; stride <= (1ULL << 26U); stride *= 2) {
    std::set<std::uint32_t> channels;
    for (std::uint64_t i = 0; i < 512; ++i)
      channels.insert(map.locate(i * stride).channel);
    EXPECT_GE(channels.size(), 60U) << "stride " << stride;
  }
}

}  // namespace
}  // namespace aipu::hbm
