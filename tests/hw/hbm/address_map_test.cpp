// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/address_map.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "hw/base/error.h"

namespace aipu::hbm {

/// Of a failed comparison.
void PrintTo(const Location& at, std::ostream* out) {
  *out << "channel " << at.channel << " set " << at.set << " group " << at.group << " column "
       << at.column << " row " << at.row;
}

namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Random = std::mt19937_64;

std::uint32_t log2(std::uint64_t power_of_two) {
  std::uint32_t bits = 0;
  while ((power_of_two >> bits) > 1)
    ++bits;
  return bits;
}

/// XOR of all `bits`-wide digits.
std::uint64_t digits_folded(std::uint64_t value, std::uint32_t bits) {
  std::uint64_t result = 0;
  for (; bits != 0 && value != 0; value >>= bits)
    result ^= value % (1ULL << bits);
  return result;
}

/// The rule of interleave, channel_hash and bank_hash, in arithmetic.
Location by_rule(const Config& c, std::uint64_t offset) {
  const std::uint64_t granule = offset / c.interleave.count;
  const std::uint64_t turn = granule / channel_count(c);
  const std::uint64_t inside = turn * c.interleave.count + offset % c.interleave.count;
  const std::uint64_t unit = inside % row_set(c).count / atom(c).count;
  const std::uint64_t block = inside / row_set(c).count;
  const std::uint64_t row = block / bank_sets(c);
  std::uint64_t channel = granule % channel_count(c);
  std::uint64_t set = block % bank_sets(c);
  if (c.channel_hash) channel ^= digits_folded(turn, log2(channel_count(c)));
  if (c.bank_hash) set ^= digits_folded(row, log2(bank_sets(c)));
  return {static_cast<std::uint32_t>(channel), static_cast<std::uint32_t>(set),
          static_cast<std::uint32_t>(unit % c.bank_groups),
          static_cast<std::uint32_t>(unit / c.bank_groups), static_cast<std::uint32_t>(row)};
}

std::uint64_t random_atom(const Config& c, Random& random) {
  return random() % (c.capacity / atom(c)) * atom(c).count;
}

void expect_in_range(const Config& c, const Location& at) {
  ASSERT_LT(at.channel, channel_count(c));
  ASSERT_LT(at.set, bank_sets(c));
  ASSERT_LT(at.group, c.bank_groups);
  ASSERT_LT(at.column, c.row / atom(c));
  ASSERT_LT(at.row, rows(c));
}

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

/// One pseudo-channel of 512 MiB with nothing folded.
Config single_channel() {
  Config c;
  c.stacks = 1;
  c.pseudo_channels = 1;
  c.stack_ids = 1;
  c.capacity = 512_MiB;
  c.interleave = 4_KiB;
  c.channel_hash = false;
  c.bank_hash = false;
  return c;
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

TEST(HbmAddressMap, FoldsTakeThePlaceOfTheHashes) {
  Config c;
  c.address_xor = "group0^row0";
  Config plain;
  plain.channel_hash = plain.bank_hash = false;
  const AddressMap map(c);
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t offset = random_atom(c, random);
    Location expected = by_rule(plain, offset);
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

std::string fault_of(const std::string& map, const std::string& folds) {
  Config c = single_channel();
  c.address_map = map;
  c.address_xor = folds;
  const std::string fault = address_map_fault(c);
  try {
    const AddressMap built(c);
    EXPECT_EQ(fault, "");
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.what(), fault);
  }
  EXPECT_EQ(fault.find('\n'), std::string::npos);
  return fault;
}

TEST(HbmAddressMap, NamesThePieceOfAMapThatIsWrong) {
  const char* rest = " bank:2 column:5 group:2";
  EXPECT_EQ(fault_of(std::string("row:15") + rest, ""), "");
  EXPECT_EQ(fault_of(std::string("rwo:15") + rest, ""),
            "address_map: 'rwo:15': no field 'rwo'; did you mean 'row'?");
  EXPECT_EQ(fault_of(std::string("row:16") + rest, ""),
            "address_map: 'row:16': too many bits of row; those of this memory: row:15 bank:2 "
            "column:5 group:2");
  EXPECT_THAT(fault_of(std::string("row:15 bank:1") + rest, ""),
              StartsWith("address_map: 'bank:2': too many bits of bank"));
  EXPECT_EQ(fault_of("row:15 column:4 group:2", ""),
            "address_map: 'row:15 column:4 group:2': bank:2 column:1 missing; the bits of this "
            "memory: row:15 bank:2 column:5 group:2");
  EXPECT_EQ(fault_of(std::string("row:15 sid:1") + rest, ""),
            "address_map: 'sid:1': sid has no bits; those of this memory: row:15 bank:2 column:5 "
            "group:2");
  for (const char* piece : {"row", "row:", "row:0", "row:-1", "row:15x", "row:99999999999"}) {
    EXPECT_EQ(
        fault_of(piece + std::string(rest), ""),
        std::string("address_map: '") + piece + "': takes a field and its bits, such as row:1");
  }
  EXPECT_THAT(fault_of(" ", ""), HasSubstr("missing"));
}

TEST(HbmAddressMap, NamesTheFoldThatIsWrong) {
  EXPECT_EQ(fault_of("", "bank0^row0^row4 group1^row1"), "");
  EXPECT_EQ(fault_of("", "bank0^row15"),
            "address_xor: 'bank0^row15': 'row15' is no bit; those of row: row0..row14");
  EXPECT_THAT(fault_of("", "bank^row1"),
              HasSubstr("'bank' is no bit; those of bank: bank0..bank1"));
  EXPECT_THAT(fault_of("", "bnak0^row1"), HasSubstr("no field 'bnak'; did you mean 'bank'?"));
  EXPECT_THAT(fault_of("", "channel0^row1"), HasSubstr("channel has no bits"));
  for (const char* piece : {"bank0", "bank0^", "^bank0^row0", "bank0^^row0"}) {
    EXPECT_EQ(fault_of("", piece),
              std::string("address_xor: '") + piece +
                  "': takes a bit and those that flip it, such as bank0^row0^row4");
  }
  EXPECT_EQ(fault_of("", "bank0^row1^row1"), "address_xor: 'bank0^row1^row1': row1 is given twice");
  EXPECT_EQ(fault_of("", "bank0^bank0"), "address_xor: 'bank0^bank0': bank0 is given twice");
  EXPECT_EQ(fault_of("", "bank0^row1 bank0^row2"),
            "address_xor: 'bank0^row2': its first bit is that of 'bank0^row1'; join the two");
}

TEST(HbmAddressMap, RefusesFoldsThatCannotBeUndone) {
  EXPECT_EQ(fault_of("", "bank0^row0 row0^group1 group1^row3"), "");
  EXPECT_EQ(fault_of("", "group0^row9 bank0^row0 row0^bank0 bank1^row3"),
            "address_xor: 'row0^bank0': two addresses would share a location, as these bits flip "
            "each other in a circle");
  // A circle that can be undone: bank0' = bank0 + row0, row0' = row0 + bank0 + row1, row1' = row1 +
  // bank0.
  EXPECT_EQ(fault_of("", "bank0^row0 row0^bank0^row1 row1^bank0"), "");
}

TEST(HbmAddressMap, OddNumbersOfPseudoChannelsTakeFoldsInsideThemOnly) {
  Config c;
  c.stacks = 3;
  c.capacity = 48_GiB;
  c.channel_hash = false;
  c.address_map = "row:15 sid:1 bank:2 column:5 group:2";
  EXPECT_THAT(address_map_fault(c), HasSubstr("needs a power of two of pseudo-channels, not 48"));
  c.address_map = "";
  c.address_xor = "channel0^row0";
  EXPECT_THAT(address_map_fault(c), HasSubstr("channel has no bits"));
  c.address_xor = "bank1^row0";
  const AddressMap map(c);
  Config plain = c;
  plain.bank_hash = false;
  Random random(8);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t offset = random_atom(c, random);
    Location expected = by_rule(plain, offset);
    expected.set ^= expected.row % 2 * 2;
    ASSERT_EQ(map.locate(offset), expected);
    ASSERT_EQ(map.offset(expected), offset);
  }
}

TEST(HbmAddressMap, RowsThatAreNoPowerOfTwoStayOnTop) {
  Config c = single_channel();
  c.capacity = 384_MiB;  // 24576 rows, as a stack of 12 dies has
  c.address_map = "row:5 row:10 column:5 bank:2 group:2";
  c.address_xor = "bank0^row0^row14 group0^row3";
  const AddressMap map(c);
  Random random(9);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t offset = random_atom(c, random);
    expect_in_range(c, map.locate(offset));
    ASSERT_EQ(map.offset(map.locate(offset)), offset);
  }
  c.address_xor = "row14^bank0";
  EXPECT_THAT(address_map_fault(c), HasSubstr("a bank has 24576 rows, not a power of two"));
  c.address_xor = "";
  c.address_map = "bank:2 row:15 column:5 group:2";
  EXPECT_THAT(address_map_fault(c), StartsWith("address_map: a bank has 24576 rows"));
  c.address_map = "";
  c.address_xor = "row0^row1";
  EXPECT_THAT(address_map_fault(c), StartsWith("address_xor: a bank has 24576 rows"));
}

TEST(HbmAddressMap, TheSchemaRefusesWhatTheMapRefuses) {
  Config c;
  c.address_map = "row:15 bank:2";
  try {
    schema().check(c, {}, "aipu.hbm");
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), StartsWith("aipu.hbm: address_map: 'row:15 bank:2': sid:1"));
  }
}

}  // namespace
}  // namespace aipu::hbm
