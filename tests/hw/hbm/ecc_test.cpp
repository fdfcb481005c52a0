// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/ecc.h"

#include <gtest/gtest.h>
#include <random>
#include <set>
#include <tuple>

#include "hw/hbm/address_map.h"

namespace aipu::hbm {
namespace {

Config inline_ecc() {
  Config config;
  config.ecc = Ecc::kInline;
  return config;
}

/// One small pseudo-channel: 9 rows of 2 bank sets of 4 KiB.
Config small() {
  Config config = inline_ecc();
  config.stacks = 1;
  config.pseudo_channels = 1;
  config.stack_ids = 1;
  config.banks = 2;
  config.capacity = Bytes(9 * 2 * 4096);
  config.channel_hash = false;
  config.bank_hash = false;
  return config;
}

TEST(HbmEcc, DataTakeEightNinthsOfTheRows) {
  EXPECT_EQ(data_capacity(Config()), Config().capacity);
  const Config config = inline_ecc();
  const std::uint64_t rows_of_data = rows(config) * 8 / 9;
  EXPECT_EQ(data_capacity(config).count, config.capacity.count / rows(config) * rows_of_data);
  EXPECT_EQ(data_capacity(small()), Bytes(8 * 2 * 4096));
}

TEST(HbmEcc, DataAreTheRowsBelowTheLimit) {
  for (const Config& config : {inline_ecc(), small()}) {
    const AddressMap map(config);
    const std::uint64_t limit = rows(config) * 8 / 9;
    std::mt19937_64 random(1);
    for (int i = 0; i < 10'000; ++i) {
      const std::uint64_t address = random() % config.capacity.count;
      EXPECT_EQ(address < data_capacity(config).count, map.locate(address).row < limit);
    }
  }
}

TEST(HbmEcc, EveryBlockHasCheckBitsOfItsOwnAboveTheData) {
  const Config config = small();
  const AddressMap map(config);
  const EccLayout layout(config);
  std::set<std::uint64_t> blocks;
  std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t>> places;
  for (std::uint64_t address = 0; address < data_capacity(config).count; address += 32) {
    const std::uint64_t block = layout.block(map.locate(address));
    blocks.insert(block);
    const Location at = layout.check_bits(0, block);
    EXPECT_GE(at.row, 8U);
    EXPECT_LT(at.row, 9U);
    EXPECT_LT(at.set, 2U);
    EXPECT_LT(at.group, 4U);
    EXPECT_LT(at.column, 32U);
    places.emplace(at.row, at.set, at.group, at.column);
  }
  EXPECT_EQ(blocks.size(), data_capacity(config).count / 256);
  EXPECT_EQ(places.size(), blocks.size());
}

TEST(HbmEcc, ABlockIs256BytesOfTheDefaultMap) {
  const Config config = inline_ecc();
  const AddressMap map(config);
  const EccLayout layout(config);
  std::mt19937_64 random(2);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t start = random() % (data_capacity(config).count / 256) * 256;
    const Location first = map.locate(start);
    for (std::uint64_t offset = 0; offset < 256; offset += 32) {
      const Location at = map.locate(start + offset);
      EXPECT_EQ(at.channel, first.channel);
      EXPECT_EQ(layout.block(at), layout.block(first));
    }
    const Location check = layout.check_bits(first.channel, layout.block(first));
    EXPECT_EQ(check.channel, first.channel);
    EXPECT_GE(map.offset(check), data_capacity(config).count);
    EXPECT_LT(map.offset(check), config.capacity.count);
  }
}

TEST(HbmEcc, WantsTheRowInTheHighestBits) {
  EXPECT_EQ(ecc_fault(inline_ecc()), "");
  EXPECT_EQ(ecc_fault(small()), "");
  Config config = small();
  config.capacity = Bytes(8 * 2 * 4096);
  EXPECT_EQ(ecc_fault(config), "ecc: inline needs at least 9 rows a bank");
  config = small();
  config.capacity = Bytes(16 * 2 * 4096);
  config.address_map = "bank:1 row:4 column:5 group:2";
  EXPECT_EQ(ecc_fault(config),
            "ecc: inline needs an address map with the row in the highest bits, unfolded");
  config.ecc = Ecc::kSideband;
  EXPECT_EQ(ecc_fault(config), "");
}

}  // namespace
}  // namespace aipu::hbm
