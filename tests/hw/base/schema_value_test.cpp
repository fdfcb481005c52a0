// SPDX-License-Identifier: Apache-2.0
#include "hw/base/schema_value.h"

#include <cstdint>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>
#include <string>

#include "hw/base/error.h"
#include "hw/base/nearest.h"

namespace aipu {
namespace {

using testing::HasSubstr;

template <typename T>
T parse(const std::string& text) {
  return from_value<T>(parse_value(value_type<T>(), text, {"here", "key"}));
}

template <typename T>
std::string error_of(const std::string& text) {
  try {
    parse<T>(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(SchemaValueTest, ReadsUnits) {
  EXPECT_EQ(parse<Bytes>("64 KiB"), 64_KiB);
  EXPECT_EQ(parse<Bytes>("0.5 KiB"), 512_B);
  EXPECT_EQ(parse<Hertz>("1.2 GHz"), 1200_MHz);
  EXPECT_EQ(parse<Picoseconds>("30ns"), 30_ns);
  EXPECT_EQ(parse<Picoseconds>("1.28 ns"), 1280_ps);
  EXPECT_EQ(parse<BitsPerSecond>("3.6 Gb/s").count, 3'600'000'000U);
  EXPECT_EQ(parse<BitsPerSecond>("100.0 Gb/s"), 100_Gbps);
  EXPECT_EQ(parse<Cycles>("16 cycles"), 16_cycles);
  EXPECT_EQ(parse<Cycles>("1 cycle"), 1_cycles);
  EXPECT_EQ(parse<std::uint64_t>("0x10"), 16U);
}

TEST(SchemaValueTest, RefusesABareNumberWhereAUnitBelongs) {
  EXPECT_EQ(error_of<Bytes>("64"),
            "here: key: '64' needs a unit (B, KiB, MiB, GiB, TiB), such as 64 KiB");
}

TEST(SchemaValueTest, RefusesAUnitWhereNoneBelongs) {
  EXPECT_THAT(error_of<std::uint32_t>("8 KiB"), HasSubstr("takes a bare number, no unit"));
  EXPECT_THAT(error_of<double>("0.5 ns"), HasSubstr("without a unit"));
}

TEST(SchemaValueTest, RefusesAnUnknownUnit) {
  EXPECT_THAT(error_of<Bytes>("64 KB"), HasSubstr("'KB' is not a unit of a size"));
  EXPECT_THAT(error_of<Hertz>("1 ghz"), HasSubstr("did you mean 'GHz'?"));
}

TEST(SchemaValueTest, RefusesAFractionOfABaseUnit) {
  EXPECT_THAT(error_of<Picoseconds>("1.5 ps"), HasSubstr("not a whole number of ps"));
  EXPECT_THAT(error_of<Bytes>("0.3 KiB"), HasSubstr("not a whole number of B"));
  EXPECT_THAT(error_of<Cycles>("0.5 cycles"), HasSubstr("not a whole number of cycles"));
}

TEST(SchemaValueTest, RefusesWhatDoesNotFit) {
  EXPECT_THAT(error_of<std::uint32_t>("4294967296"), HasSubstr("too large"));
  EXPECT_THAT(error_of<Bytes>("99999999 TiB"), HasSubstr("too large"));
  EXPECT_THAT(error_of<std::uint32_t>("-1"), HasSubstr("not an unsigned integer"));
  EXPECT_THAT(error_of<std::uint32_t>(""), HasSubstr("not an unsigned integer"));
  EXPECT_THAT(error_of<Bytes>("1.2.3 KiB"), HasSubstr("not a size such as"));
  EXPECT_THAT(error_of<double>("nan"), HasSubstr("not a number"));
}

TEST(SchemaValueTest, PrintsTheLargestExactUnit) {
  EXPECT_EQ(to_text(64_KiB), "64 KiB");
  EXPECT_EQ(to_text(1536_B), "1536 B");
  EXPECT_EQ(to_text(0_B), "0 B");
  EXPECT_EQ(to_text(1280_ps), "1.28 ns");
  EXPECT_EQ(to_text(1'000'001_ps), "1000.001 ns");
  EXPECT_EQ(to_text(BitsPerSecond(3'600'000'000)), "3.6 Gb/s");
  EXPECT_EQ(to_text(1_cycles), "1 cycles");
}

template <typename T>
void expect_round_trip(std::uint64_t count) {
  const std::string text = print_value(value_type<T>(), count);
  EXPECT_EQ(parse<T>(text).count, count) << text;
}

TEST(SchemaValueTest, EveryPrintedQuantityReadsBackUnchanged) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    // Few digits and many zeros: the values people write, not only 19-digit ones.
    const std::uint64_t count = (random() >> (random() % 64U)) / 1000U * (i % 2 == 0 ? 1000U : 1U);
    expect_round_trip<Bytes>(count);
    expect_round_trip<Cycles>(count);
    expect_round_trip<Hertz>(count);
    expect_round_trip<Picoseconds>(count);
    expect_round_trip<BitsPerSecond>(count);
  }
}

TEST(SchemaValueTest, EveryPrintedNumberReadsBackUnchanged) {
  for (const double value : {0.0, 1.0, 0.1, 1.0 / 3.0, 1e-9, 6.02e23, -2.5}) {
    EXPECT_EQ(parse<double>(print_value(value_type<double>(), value)), value);
  }
}

TEST(NearestTest, FindsSlipsAndNothingElse) {
  EXPECT_EQ(nearest("latncy", {"latency", "lanes"}), "latency");
  EXPECT_EQ(nearest("lnaes", {"latency", "lanes"}), "lanes");
  EXPECT_EQ(nearest("frequency", {"latency", "lanes"}), "");
}

}  // namespace
}  // namespace aipu
