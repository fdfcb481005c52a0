// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/address_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "hw/base/error.h"
#include "hw/hbm/address_map.h"
#include "tests/hw/hbm/address_rule.h"

namespace aipu::hbm {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Random = std::mt19937_64;

std::string fault_of(const std::string& map, const std::string& folds) {
  Config c = single_channel();
  c.address_map = map;
  c.address_xor = folds;
  std::string fault = address_map_fault(c);
  try {
    const AddressMap built(c);
    EXPECT_EQ(fault, "");
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.what(), fault);
  }
  EXPECT_EQ(fault.find('\n'), std::string::npos);
  return fault;
}

TEST(HbmAddressKeys, NamesThePieceOfAMapThatIsWrong) {
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

TEST(HbmAddressKeys, NamesTheFoldThatIsWrong) {
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

TEST(HbmAddressKeys, RefusesFoldsThatCannotBeUndone) {
  EXPECT_EQ(fault_of("", "bank0^row0 row0^group1 group1^row3"), "");
  EXPECT_EQ(fault_of("", "group0^row9 bank0^row0 row0^bank0 bank1^row3"),
            "address_xor: 'row0^bank0': two addresses would share a location, as these bits flip "
            "each other in a circle");
  // A circle that can be undone: bank0' = bank0 + row0, row0' = row0 + bank0 + row1, row1' = row1 +
  // bank0.
  EXPECT_EQ(fault_of("", "bank0^row0 row0^bank0^row1 row1^bank0"), "");
}

TEST(HbmAddressKeys, OddNumbersOfPseudoChannelsTakeFoldsInsideThemOnly) {
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

TEST(HbmAddressKeys, RowsThatAreNoPowerOfTwoStayOnTop) {
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

TEST(HbmAddressKeys, TheSchemaRefusesWhatTheMapRefuses) {
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
