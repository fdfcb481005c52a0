// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/delay.h"

#include <gtest/gtest.h>
#include <string>

#include "hw/base/error.h"

namespace aipu::hbm {
namespace {

TEST(HbmDelay, IsATimeOrCyclesInHalves) {
  EXPECT_EQ(parse_delay("13.75 ns"), Delay(Picoseconds(13'750)));
  EXPECT_EQ(parse_delay("3.9 us"), Delay(3900_ns));
  EXPECT_EQ(parse_delay("14 CK"), ck(14));
  EXPECT_EQ(parse_delay("14CK"), ck(14));
  EXPECT_EQ(parse_delay("1.5 CK"), half_ck(3));
  EXPECT_EQ(parse_delay("1.50 CK"), half_ck(3));
  EXPECT_EQ(parse_delay("2.0 CK"), ck(2));
  EXPECT_EQ(parse_delay("0.5 CK"), half_ck(1));
  EXPECT_EQ(parse_delay("0 CK"), Delay());
  EXPECT_EQ(parse_delay("0 ps"), Delay());
}

TEST(HbmDelay, IsNothingElse) {
  for (const char* text : {"",
                           "14",
                           "CK",
                           "ns",
                           "-1 CK",
                           "1.25 CK",
                           "1.05 CK",
                           "1. CK",
                           ".5 CK",
                           "1.2.3 CK",
                           "14 ck",
                           "14 CKs",
                           "14 CK 2",
                           "1e3 CK",
                           "14 KiB",
                           "14 GHz",
                           "1.2.3 ns",
                           "0.1 ps",
                           "9999999999 CK",
                           "99999999999999999999 ns",
                           "nan ns",
                           "0x10 CK"}) {
    EXPECT_FALSE(parse_delay(text)) << text;
  }
}

TEST(HbmDelay, IsPrintedAsItIsRead) {
  EXPECT_EQ(to_text(Delay(Picoseconds(13'750))), "13.75 ns");
  EXPECT_EQ(to_text(ck(14)), "14 CK");
  EXPECT_EQ(to_text(half_ck(3)), "1.5 CK");
  for (const Delay delay : {Delay(), Delay(16_ns), Delay(1_ps), Delay(1000_us), ck(1), half_ck(1),
                            ck(1'048'576), half_ck(2'097'151)}) {
    EXPECT_EQ(parse_delay(to_text(delay)), delay) << to_text(delay);
  }
}

TEST(HbmDelay, AsAValueOfTheSchemaItIsCanonicalText) {
  const ValueType type = value_type<Delay>();
  const auto read = [&type](const std::string& text) {
    return from_value<Delay>(parse_value(type, text, {"t.yaml:1:1", "rl"}));
  };
  EXPECT_EQ(read(" 1.50 CK "), half_ck(3));
  EXPECT_EQ(print_value(type, parse_value(type, "1.50 CK", {})), "1.5 CK");
  EXPECT_EQ(print_value(type, to_value(Delay(14_ns))), "14 ns");
  try {
    read("14");
    ADD_FAILURE() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(), "t.yaml:1:1: rl: '14' is not a delay such as 13.75 ns or 14 CK");
  }
}

}  // namespace
}  // namespace aipu::hbm
