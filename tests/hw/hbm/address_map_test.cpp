// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/address_map.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/hw/hbm/address_rule.h"

namespace aipu::hbm {
namespace {

using Random = std::mt19937_64;

template <typename T>
T pick(Random& random, const std::vector<T>& from) {
  return from[random() % from.size()];
}

/// A device that the schema accepts, with `rows_per_bank` rows.
Config random_device(Random& random, std::uint32_t channels, std::uint64_t rows_per_bank) {
  Config c;
  c.stacks = channels % 3 == 0 ? 3 : 1;
  c.pseudo_channels = channels / c.stacks;
  c.data_bits = pick<std::uint32_t>(random, {32, 64, 128});
  c.burst_length = pick<std::uint32_t>(random, {4, 8});
  c.stack_ids = pick<std::uint32_t>(random, {1, 2, 4});
  c.bank_groups = pick<std::uint32_t>(random, {1, 2, 4});
  c.banks = pick<std::uint32_t>(random, {1, 2, 4});
  c.row = pick<Bytes>(random, {256_B, 1_KiB, 2_KiB});
  c.capacity = row_set(c) * bank_sets(c) * rows_per_bank * channel_count(c);
  do {
    c.interleave = pick<Bytes>(random, {32_B, 128_B, 256_B, 1_KiB, 4_KiB});
  } while (c.interleave < atom(c) || c.interleave > row_set(c));
  c.channel_hash = is_power_of_two(channels) && random() % 2 == 0;
  c.bank_hash = random() % 2 == 0;
  return c;
}

TEST(HbmAddressMap, WithoutKeysItIsTheRuleOfInterleaveAndHashes) {
  Random random(1);
  for (const std::uint32_t channels : {1U, 2U, 3U, 8U, 48U, 64U}) {
    for (const std::uint64_t rows_per_bank : {384ULL, 1024ULL, 24576ULL}) {
      for (int device = 0; device < 20; ++device) {
        const Config c = random_device(random, channels, rows_per_bank);
        ASSERT_NO_THROW(schema().check(c));
        const AddressMap map(c);
        for (int i = 0; i < 100; ++i) {
          const std::uint64_t offset = random() % c.capacity.count;
          const Location at = map.locate(offset);
          ASSERT_EQ(at, by_rule(c, offset)) << offset << " of " << c.capacity.count;
          ASSERT_EQ(map.offset(at), offset - offset % atom(c).count);
          ASSERT_EQ(map.bytes_left(offset), c.interleave.count - offset % c.interleave.count);
          expect_in_range(c, at);
        }
      }
    }
  }
}

TEST(HbmAddressMap, TheReferenceChipFollowsTheRuleEverywhere) {
  const Config c;
  const AddressMap map(c);
  Random random(2);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t offset = random_atom(c, random);
    ASSERT_EQ(map.locate(offset), by_rule(c, offset));
  }
  EXPECT_EQ(map.locate(c.capacity.count - 1), by_rule(c, c.capacity.count - 1));
}

TEST(HbmAddressMap, ASinglePseudoChannelHasTheMapOfThePublicTraces) {
  Config c = single_channel();
  Config by_keys = c;
  by_keys.address_map = "row:15 bank:2 column:5 group:2";
  const AddressMap map(c);
  const AddressMap same(by_keys);
  Random random(3);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t offset = random_atom(c, random);
    const Location at = map.locate(offset);
    ASSERT_EQ(at.channel, 0U);
    ASSERT_EQ(at.group, offset >> 5U & 3U);
    ASSERT_EQ(at.column, offset >> 7U & 31U);
    ASSERT_EQ(at.set, offset >> 12U & 3U);
    ASSERT_EQ(at.row, offset >> 14U);
    ASSERT_EQ(same.locate(offset), at);
  }
}

/// A map as a list of bits, from the lowest above the atom up, and what is folded into them.
struct Plan {
  using Bit = std::pair<std::string, std::uint32_t>;
  std::vector<Bit> bits;
  std::vector<std::pair<Bit, std::vector<Bit>>> folds;

  /// The fields of an address, bit by bit.
  Location locate(const Config& c, std::uint64_t offset) const {
    std::map<Bit, std::uint64_t> plain;
    std::uint64_t rest = offset / atom(c).count;
    for (const Bit& bit : bits) {
      plain[bit] = rest % 2;
      rest /= 2;
    }
    std::map<Bit, std::uint64_t> folded = plain;
    for (const auto& [target, sources] : folds) {
      for (const Bit& source : sources)
        folded[target] ^= plain[source];
    }
    std::map<std::string, std::uint64_t> fields;
    for (const auto& [bit, value] : folded)
      fields[bit.first] += value << bit.second;
    const auto field = [&](const char* name) { return static_cast<std::uint32_t>(fields[name]); };
    return {field("channel"), field("sid") * c.banks + field("bank"), field("group"),
            field("column"), field("row")};
  }
};

std::string name_of(const Plan::Bit& bit) {
  return bit.first + std::to_string(bit.second);
}

/// Cuts every field into pieces, shuffles them and folds bits along a random order, which keeps the
/// map invertible. Writes the keys to `c`.
Plan random_plan(Config& c, Random& random) {
  std::vector<std::pair<std::string, std::uint32_t>> pieces;
  std::map<std::string, std::uint32_t> left{{"row", log2(rows(c))},
                                            {"sid", log2(c.stack_ids)},
                                            {"bank", log2(c.banks)},
                                            {"channel", log2(channel_count(c))},
                                            {"column", log2(c.row / atom(c))},
                                            {"group", log2(c.bank_groups)}};
  for (auto [name, width] : left) {
    while (width != 0) {
      const auto part = static_cast<std::uint32_t>(random() % width + 1);
      pieces.emplace_back(name, part);
      width -= part;
    }
  }
  std::shuffle(pieces.begin(), pieces.end(), random);
  Plan plan;
  for (const auto& [name, width] : pieces) {
    c.address_map += name + ":" + std::to_string(width) + " ";
    for (std::uint32_t i = 0; i < width; ++i)
      plan.bits.insert(plan.bits.begin(), {name, --left[name]});
  }
  std::vector<Plan::Bit> order = plan.bits;
  std::shuffle(order.begin(), order.end(), random);
  c.channel_hash = c.bank_hash = false;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (random() % 3 != 0) continue;
    std::vector<Plan::Bit> sources(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(i));
    std::shuffle(sources.begin(), sources.end(), random);
    sources.resize(std::min<std::size_t>(sources.size(), 1 + random() % 4));
    c.address_xor += " " + name_of(order[i]);
    for (const Plan::Bit& source : sources)
      c.address_xor += "^" + name_of(source);
    plan.folds.emplace_back(order[i], sources);
  }
  return plan;
}

TEST(HbmAddressMap, AnyMapPutsEveryBitWhereItsKeysSay) {
  Random random(4);
  for (int device = 0; device < 200; ++device) {
    Config c = random_device(random, pick<std::uint32_t>(random, {1, 4, 64}), 1024);
    const Plan plan = random_plan(c, random);
    SCOPED_TRACE(c.address_map + "|" + c.address_xor);
    ASSERT_NO_THROW(schema().check(c));
    const AddressMap map(c);
    for (int i = 0; i < 50; ++i) {
      const std::uint64_t offset = random_atom(c, random);
      const Location at = map.locate(offset);
      ASSERT_EQ(at, plan.locate(c, offset)) << offset;
      ASSERT_EQ(map.offset(at), offset);
      expect_in_range(c, at);
      const std::uint64_t inside = offset + random() % map.bytes_left(offset);
      ASSERT_EQ(map.locate(inside).channel, at.channel);
    }
  }
}

TEST(HbmAddressMap, AnyMapGivesEveryAtomAPlaceOfItsOwn) {
  Random random(5);
  for (int device = 0; device < 30; ++device) {
    Config c = random_device(random, pick<std::uint32_t>(random, {1, 4}), 8);
    random_plan(c, random);
    SCOPED_TRACE(c.address_map + "|" + c.address_xor);
    const AddressMap map(c);
    const std::uint64_t columns = c.row / atom(c);
    std::vector<bool> seen(c.capacity / atom(c), false);
    for (std::uint64_t offset = 0; offset < c.capacity.count; offset += atom(c).count) {
      const Location at = map.locate(offset);
      expect_in_range(c, at);
      const std::uint64_t bank =
          (at.channel * bank_sets(c) + at.set) * std::uint64_t{c.bank_groups} + at.group;
      const std::size_t place = (bank * rows(c) + at.row) * columns + at.column;
      ASSERT_FALSE(seen[place]) << testing::PrintToString(at);
      seen[place] = true;
    }
  }
}

TEST(HbmAddressMap, TheDefaultCanBeSpelledOut) {
  Config c;
  c.stacks = 1;
  c.pseudo_channels = 4;
  c.capacity = 64_MiB;  // 512 rows
  Config spelled = c;
  spelled.address_map = "row:9 sid:1 bank:2 column:2 channel:2 column:3 group:2";
  const AddressMap map(c);
  const AddressMap hashed(spelled);  // the two hashes fold into any map
  spelled.address_xor =
      "bank0^row0^row3^row6 bank1^row1^row4^row7 sid0^row2^row5^row8 "
      "channel0^column3^bank0^sid0^row1^row3^row5^row7 "
      "channel1^column4^bank1^row0^row2^row4^row6^row8";
  const AddressMap folded(spelled);
  Random random(6);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t offset = random_atom(c, random);
    ASSERT_EQ(hashed.locate(offset), map.locate(offset));
    ASSERT_EQ(folded.locate(offset), map.locate(offset));
  }
}

TEST(HbmAddressMap, TheReferenceChipCanBeSpelledOut) {
  Config c;
  const AddressMap map(c);
  c.address_map = "row:15 sid:1 bank:2 column:2 channel:6 column:3 group:2";
  const AddressMap spelled(c);
  Random random(10);
  for (int i = 0; i < 10'000; ++i) {
    const std::uint64_t offset = random_atom(c, random);
    ASSERT_EQ(spelled.locate(offset), map.locate(offset));
  }
}

TEST(HbmAddressMap, FoldsTakeThePlaceOfTheHashes) {
  Config c;
  c.address_xor = "group0^row0";
  Config nothing;
  nothing.address_xor = " ";
  Config plain;
  plain.channel_hash = plain.bank_hash = false;
  const AddressMap map(c);
  const AddressMap unfolded(nothing);
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t offset = random_atom(c, random);
    Location expected = by_rule(plain, offset);
    ASSERT_EQ(unfolded.locate(offset), expected);
    expected.group ^= expected.row % 2;
    ASSERT_EQ(map.locate(offset), expected);
  }
}

TEST(HbmAddressMap, ARunEndsWhereTheLowestBitOfThePseudoChannelChanges) {
  Config c = single_channel();
  EXPECT_EQ(AddressMap(c).run(), 4_KiB);
  c.pseudo_channels = 2;
  c.capacity = 1_GiB;
  c.address_map = "row:15 bank:2 column:4 channel:1 column:1 group:2";
  EXPECT_EQ(AddressMap(c).run(), 256_B);
  EXPECT_EQ(AddressMap(c).bytes_left(0x1F0), 16U);
  c.address_xor = "channel0^group1";
  EXPECT_EQ(AddressMap(c).run(), 64_B);
  EXPECT_EQ(AddressMap(c).bytes_left(0x1F0), 16U);
  EXPECT_EQ(AddressMap(c).bytes_left(0x180), 64U);
  c.address_map = "channel:1 row:15 bank:2 column:5 group:2";
  c.address_xor = "bank0^row0";
  EXPECT_EQ(AddressMap(c).run(), c.interleave) << "never more than the controller takes at once";
}

}  // namespace
}  // namespace aipu::hbm
