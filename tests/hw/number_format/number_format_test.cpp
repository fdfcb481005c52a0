// SPDX-License-Identifier: Apache-2.0
#include "hw/base/number_format.h"

#include <Eigen/Core>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

namespace aipu {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

/// Value of an FP8 code by the definition of the format, in double.
double fp8_value(unsigned code, unsigned mantissa, int bias) {
  const unsigned exponent = (code & 0x7FU) >> mantissa;
  const unsigned fraction = code & ((1U << mantissa) - 1U);
  const double m = std::ldexp(fraction, -static_cast<int>(mantissa));
  const double value = exponent == 0 ? std::ldexp(m, 1 - bias)
                                     : std::ldexp(1.0 + m, static_cast<int>(exponent) - bias);
  return (code & 0x80U) != 0 ? -value : value;
}

struct Fp8Case {
  const char* name;
  float (*decode)(std::uint8_t);
  std::uint8_t (*encode)(float);
  unsigned mantissa;
  int bias;
  unsigned largest;  // code of the largest finite number
};

class Fp8Test : public testing::TestWithParam<Fp8Case> {};

INSTANTIATE_TEST_SUITE_P(
    Formats, Fp8Test,
    testing::Values(Fp8Case{"E4M3", fp8_e4m3_to_f32, f32_to_fp8_e4m3, 3, 7, 0x7E},
                    Fp8Case{"E5M2", fp8_e5m2_to_f32, f32_to_fp8_e5m2, 2, 15, 0x7B}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(Fp8Test, EveryFiniteCodeMeansWhatTheFormatSaysAndComesBack) {
  const Fp8Case& f = GetParam();
  for (unsigned code = 0; code < 256; ++code) {
    if ((code & 0x7FU) > f.largest) continue;
    const float value = f.decode(static_cast<std::uint8_t>(code));
    EXPECT_EQ(value, fp8_value(code, f.mantissa, f.bias)) << code;
    EXPECT_EQ(std::signbit(value), (code & 0x80U) != 0) << code;
    EXPECT_EQ(f.encode(value), code);
  }
}

TEST_P(Fp8Test, TiesGoToTheEvenCodeAndNeighboursOfATieToTheNearest) {
  const Fp8Case& f = GetParam();
  for (unsigned code = 0; code < f.largest; ++code) {
    const float low = f.decode(static_cast<std::uint8_t>(code));
    const float high = f.decode(static_cast<std::uint8_t>(code + 1));
    const float tie = (low + high) / 2;  // exact: one more bit
    EXPECT_EQ(f.encode(tie), code + code % 2) << tie;
    EXPECT_EQ(f.encode(std::nextafter(tie, 0.0F)), code) << tie;
    EXPECT_EQ(f.encode(std::nextafter(tie, kInf)), code + 1) << tie;
    EXPECT_EQ(f.encode(-tie), 0x80U + code + code % 2) << tie;
  }
}

TEST_P(Fp8Test, EverythingBeyondTheLargestNumberSaturates) {
  const Fp8Case& f = GetParam();
  const float largest = f.decode(static_cast<std::uint8_t>(f.largest));
  for (const float value : {std::nextafter(largest, kInf), largest * 1.0625F, largest * 2, 1e30F,
                            std::numeric_limits<float>::max(), kInf}) {
    EXPECT_EQ(f.encode(value), f.largest) << value;
    EXPECT_EQ(f.encode(-value), 0x80U + f.largest) << value;
  }
}

TEST_P(Fp8Test, NanStaysNanWithItsSign) {
  const Fp8Case& f = GetParam();
  EXPECT_EQ(f.encode(kNan), 0x7FU);
  EXPECT_EQ(f.encode(std::copysign(kNan, -1.0F)), 0xFFU);
  EXPECT_TRUE(std::isnan(f.decode(0x7F)));
  EXPECT_TRUE(std::isnan(f.decode(0xFF)));
}

TEST_P(Fp8Test, TinyNumbersBecomeSignedZero) {
  const Fp8Case& f = GetParam();
  EXPECT_EQ(f.encode(0.0F), 0U);
  EXPECT_EQ(f.encode(-0.0F), 0x80U);
  EXPECT_EQ(f.encode(std::numeric_limits<float>::denorm_min()), 0U);
  EXPECT_EQ(f.encode(-1e-30F), 0x80U);
}

TEST(NumberFormatTest, TheLargestNumbersAreThoseOfTheStandard) {
  EXPECT_EQ(fp8_e4m3_to_f32(0x7E), 448.0F);
  EXPECT_EQ(fp8_e5m2_to_f32(0x7B), 57344.0F);
  EXPECT_EQ(fp8_e5m2_to_f32(0x7C), kInf);
  EXPECT_EQ(fp8_e5m2_to_f32(0xFC), -kInf);
  for (const unsigned code : {0x7DU, 0x7EU}) {
    EXPECT_TRUE(std::isnan(fp8_e5m2_to_f32(static_cast<std::uint8_t>(code))));
  }
}

TEST(NumberFormatTest, EveryBf16CodeComesBack) {
  for (std::uint32_t code = 0; code < 65536; ++code) {
    const float value = bf16_to_f32(static_cast<std::uint16_t>(code));
    const std::uint16_t back = f32_to_bf16(value);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(bf16_to_f32(back)));
      EXPECT_EQ(back, code | 0x40U);  // payload kept, quiet
    } else {
      EXPECT_EQ(back, code);
    }
  }
}

TEST(NumberFormatTest, Bf16RoundsLikeEigenAtEveryTieAndNextToIt) {
  for (std::uint32_t code = 0; code < 65536; ++code) {
    for (const std::uint32_t low : {0U, 1U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) {
      const float value = bits_float(code << 16U | low);
      if (std::isnan(value)) {
        EXPECT_TRUE(std::isnan(bf16_to_f32(f32_to_bf16(value)))) << code << " " << low;
        continue;
      }
      EXPECT_EQ(f32_to_bf16(value), Eigen::bfloat16(value).value) << code << " " << low;
    }
  }
}

TEST(NumberFormatTest, IntegersRoundTiesToEvenAndSaturate) {
  const struct {
    float value;
    int expected;
  } cases[] = {{0.5F, 0},       {1.5F, 2},       {2.5F, 2},     {-0.5F, 0},     {-1.5F, -2},
               {-2.5F, -2},     {126.5F, 126},   {127.5F, 127}, {127.49F, 127}, {128.0F, 127},
               {-128.5F, -128}, {-129.0F, -128}, {1e20F, 127},  {-kInf, -128},  {kNan, 0}};
  for (const auto& c : cases)
    EXPECT_EQ(f32_to_int8(c.value), c.expected) << c.value;
}

TEST(NumberFormatTest, Int32RoundsLikeTheFpuOverTheWholeRange) {
  std::mt19937 random(1);
  for (int i = 0; i < 200'000; ++i) {
    const float value = bits_float(static_cast<std::uint32_t>(random()));
    if (!(std::abs(value) < 2147483648.0F)) continue;
    EXPECT_EQ(f32_to_int32(value), std::lrint(value)) << value;
  }
  for (const float value : {4194303.5F, 4194304.5F, 4194305.5F, -4194305.5F, 8388607.5F}) {
    EXPECT_EQ(f32_to_int32(value), std::lrint(value)) << value;
  }
  EXPECT_EQ(f32_to_int32(2147483648.0F), std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(f32_to_int32(-2147483648.0F), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(f32_to_int32(-3e9F), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(f32_to_int32(kNan), 0);
}

TEST(NumberFormatTest, RowsEqualSingleNumbersAtAnyAddress) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0, 30);
  std::vector<float> values(67);
  for (float& value : values)
    value = normal(random);
  for (std::uint32_t t = 0; t < kDTypeCount; ++t) {
    const auto type = static_cast<DType>(t);
    std::vector<std::uint8_t> bytes(values.size() * 4 + 1);
    std::uint8_t* unaligned = bytes.data() + 1;
    store_row(type, values.data(), values.size(), unaligned);
    std::vector<float> back(values.size());
    load_row(type, unaligned, values.size(), back.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      std::uint8_t one[4] = {};
      store_number(type, values[i], one);
      EXPECT_EQ(back[i], load_number(type, one)) << t << " " << i;
      EXPECT_EQ(back[i], load_number(type, unaligned + i * size_of(type)));
    }
  }
}

}  // namespace
}  // namespace aipu
