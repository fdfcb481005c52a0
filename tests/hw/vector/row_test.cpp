// SPDX-License-Identifier: Apache-2.0
// Normalisation, activation, softmax and the scales of narrow formats, against double.
#include "tests/hw/vector/sram_image.h"

namespace aipu::vector {
namespace {

constexpr double kRounding = 0x1p-24;  // one F32 operation
constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Script script(Opcode opcode, std::uint32_t rows, std::uint32_t cols) {
  Script s;
  s.opcode = opcode;
  s.rows = rows;
  s.cols = cols;
  return s;
}

TEST(VectorLayernormTest, CentresAndScalesEachRow) {
  SramImage sram(31);
  for (const bool bias : {false, true}) {
    for (const std::uint32_t cols : {1U, 15U, 16U, 257U}) {
      Script s = script(Opcode::kLayernorm, 3, cols);
      s.imm0 = 1e-5F;
      s.add_src1 = bias;
      s.ld_src1 = cols + 3;
      s.dtype_src0 = DType::kBf16;
      const Rows x = sram.fill(s.src0, 3, cols, cols, DType::kBf16);
      const Rows w = sram.fill(s.src1, 2, cols, cols + 3);
      sram.run(s);
      const Rows y = sram.read(s.dst, 3, cols, cols);
      for (std::size_t r = 0; r < 3; ++r) {
        double mean = 0, squares = 0, largest = 0;
        for (const double v : x[r])
          mean += v / cols;
        for (const double v : x[r]) {
          squares += (v - mean) * (v - mean) / cols;
          largest = std::max(largest, std::abs(v));
        }
        const double scale = 1 / std::sqrt(squares + 1e-5F);
        for (std::size_t i = 0; i < cols; ++i) {
          const double expected = (x[r][i] - mean) * scale * w[0][i] + (bias ? w[1][i] : 0);
          // The mean is off by cols / 16 + 5 roundings of the largest term, the rest by a dozen.
          const double magnitude = largest * scale * std::abs(w[0][i]) + std::abs(w[1][i]);
          expect_near(y[r][i], expected, (cols / 16.0 + 17) * kRounding, magnitude);
        }
      }
    }
  }
}

TEST(VectorLayernormTest, WeightsMayLieWhereTheResultGoes) {
  SramImage sram(32);
  SramImage apart(32);
  Script s = script(Opcode::kLayernorm, 2, 8);
  s.add_src1 = true;
  s.ld_src1 = 8;
  for (SramImage* image : {&sram, &apart}) {
    image->fill(s.src0, 2, 8, 8);
    image->fill(s.src1, 2, 8, 8);
  }
  apart.run(s);
  const std::uint32_t elsewhere = s.dst;
  s.dst = s.src1;
  sram.run(s);
  EXPECT_EQ(sram.read(s.dst, 2, 8, 8), apart.read(elsewhere, 2, 8, 8));
}

double gelu_exact(double x) {
  return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
}
double gelu_by_tanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

TEST(VectorGeluTest, BothKindsKeepTheirDigitsOnBothSides) {
  for (const std::uint32_t kind : {kGeluErf, kGeluTanh}) {
    SramImage sram(33);
    Script s = script(Opcode::kGelu, 1, 401);
    s.param0 = kind;
    for (std::uint32_t i = 0; i < 401; ++i)
      sram.set(s.src0 + i * 4, (static_cast<float>(i) - 200.0F) * 0.025F);
    const Rows x = sram.read(s.src0, 1, 401, 401);
    sram.run(s);
    const Rows y = sram.read(s.dst, 1, 401, 401);
    for (std::size_t i = 0; i < 401; ++i) {
      const double expected = kind == kGeluErf ? gelu_exact(x[0][i]) : gelu_by_tanh(x[0][i]);
      // An argument z off by four roundings moves the tail, like e^-z^2, by 2 z^2 of them.
      const double roundings = 8 + 4 * x[0][i] * x[0][i];
      EXPECT_NEAR(y[0][i], expected, roundings * kRounding * std::abs(expected)) << x[0][i];
    }
  }
}

TEST(VectorGeluTest, LargeNumbersPassOrVanish) {
  SramImage sram(1);
  for (const std::uint32_t kind : {kGeluErf, kGeluTanh}) {
    Script s = script(Opcode::kGelu, 1, 3);
    s.param0 = kind;
    sram.set(s.src0, -100.0F);
    sram.set(s.src0 + 4, 100.0F);
    sram.set(s.src0 + 8, kNan);
    sram.run(s);
    EXPECT_EQ(sram.get(s.dst), 0.0);
    EXPECT_EQ(sram.get(s.dst + 4), 100.0);
    EXPECT_TRUE(std::isnan(sram.get(s.dst + 8)));
  }
}

TEST(VectorSoftmaxRowTest, RowsSumToOneInEveryFormat) {
  SramImage sram(34);
  for (const DType type : {DType::kF32, DType::kBf16, DType::kFp8E4m3}) {
    for (const std::uint32_t cols : {1U, 31U, 200U}) {
      Script s = script(Opcode::kSoftmax, 4, cols);
      s.imm0 = 0.7F;
      s.dtype_src0 = s.dtype_dst = type;
      const Rows x = sram.fill(s.src0, 4, cols, cols, type, 3.0F);
      sram.run(s);
      const Rows y = sram.read(s.dst, 4, cols, cols, type);
      for (std::size_t r = 0; r < 4; ++r) {
        const double highest = *std::max_element(x[r].begin(), x[r].end()) * 0.7F;
        double sum = 0;
        for (const double v : x[r])
          sum += std::exp(v * 0.7F - highest);
        for (std::size_t i = 0; i < cols; ++i) {
          const double expected = std::exp(x[r][i] * 0.7F - highest) / sum;
          // An exponent of up to 30 is off by two roundings of itself; the sum by cols / 16 + 5.
          const double roundings = 60 + cols / 16.0 + 8;
          expect_near(y[r][i], expected, roundings * kRounding, expected, type);
        }
      }
    }
  }
}

TEST(VectorSoftmaxRowTest, ARowOfNothingIsZeroAndMinusInfinityIsNotSeen) {
  SramImage sram(1);
  Script s = script(Opcode::kSoftmax, 2, 2);
  s.imm0 = 1.0F;
  for (std::uint32_t i = 0; i < 3; ++i)
    sram.set(s.src0 + i * 4, -kInfinity);
  sram.set(s.src0 + 12, -7.0F);
  sram.run(s);
  EXPECT_EQ(sram.read(s.dst, 2, 2, 2), (Rows{{0, 0}, {0, 1}}));
}

TEST(VectorSoftmaxStepTest, AWindowedStepIgnoresOlderColumns) {
  SramImage sram(35);
  Script s = script(Opcode::kSoftmaxStep, 4, 16);
  s.imm0 = 1.0F;
  s.first = true;
  s.param0 = 9;
  s.param1 = 2;
  s.window = 5;
  const Rows x = sram.fill(s.src0, 4, 16, 16);
  sram.run(s);
  const Rows p = sram.read(s.dst, 4, 16, 16);
  for (std::uint32_t r = 0; r < 4; ++r) {
    const std::uint32_t end = 9 + r / 2, begin = end - 5;
    double highest = -1e30, sum = 0;
    for (std::uint32_t i = begin; i < end; ++i)
      highest = std::max(highest, x[r][i]);
    for (std::uint32_t i = 0; i < 16; ++i) {
      const bool seen = i >= begin && i < end;
      const double expected = seen ? std::exp(x[r][i] - highest) : 0.0;
      sum += expected;
      EXPECT_NEAR(p[r][i], expected, 40 * kRounding * expected) << r << "," << i;
    }
    EXPECT_EQ(sram.get(s.src2 + r * 8), highest);
    EXPECT_NEAR(sram.get(s.src2 + r * 8 + 4), sum, 40 * kRounding * sum);
  }
}

struct Narrow {
  DType type;
  float largest;
};
constexpr Narrow kNarrow[] = {
    {DType::kFp8E4m3, 448.0F}, {DType::kFp8E5m2, 57344.0F}, {DType::kInt8, 127.0F}};

TEST(VectorQuantizeTest, EachGroupUsesTheWholeRangeOfItsFormat) {
  SramImage sram(36);
  for (const auto& [type, largest] : kNarrow) {
    for (const std::uint32_t group : {1U, 50U, 128U, 0U}) {
      Script s = script(Opcode::kQuantize, 3, 300);
      s.param0 = group;
      s.imm0 = largest;
      s.dtype_dst = type;
      const std::uint32_t width = group == 0 ? 300 : group;
      s.out_cols = (300 + width - 1) / width + 2;  // its leading dimension
      const Rows x = sram.fill(s.src0, 3, 300, 300);
      sram.run(s);
      const Rows q = sram.read(s.dst, 3, 300, 300, type);
      const Rows scales = sram.read(s.out, 3, (300 + width - 1) / width, s.out_cols);
      for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t i = 0; i < 300; ++i) {
          double highest = 0;
          for (std::size_t j = i / width * width;
               j < std::min<std::size_t>(300, (i / width + 1) * width); ++j)
            highest = std::max(highest, std::abs(x[r][j]));
          const double scale = scales[r][i / width];
          EXPECT_NEAR(scale, highest / largest, kRounding * scale);
          expect_near(q[r][i], x[r][i] / scale, kRounding, std::abs(x[r][i] / scale), type);
          // Nothing beyond one rounding of the format is lost on the way back.
          const double back = type == DType::kInt8
                                  ? 0.5 * scale
                                  : half_step(type) * std::abs(x[r][i]) + scale * 0x1p-9;
          EXPECT_NEAR(q[r][i] * scale, x[r][i], back * (1 + 1e-5));
        }
      }
    }
  }
}

TEST(VectorQuantizeTest, AGroupOfZerosHasScaleZeroAndNanStaysInItsPlace) {
  SramImage sram(1);
  Script s = script(Opcode::kQuantize, 1, 6);
  s.param0 = 3;
  s.imm0 = 448.0F;
  s.dtype_dst = DType::kFp8E4m3;
  s.out_cols = 2;
  const float values[] = {0.0F, -0.0F, 0.0F, 2.0F, kNan, -1.0F};
  for (std::uint32_t i = 0; i < 6; ++i)
    sram.set(s.src0 + i * 4, values[i]);
  sram.run(s);
  EXPECT_EQ(sram.read(s.out, 1, 2, 2), (Rows{{0.0, static_cast<double>(2.0F / 448.0F)}}));
  const Rows q = sram.read(s.dst, 1, 6, 6, DType::kFp8E4m3);
  EXPECT_EQ(q[0][0] + q[0][1] + q[0][2], 0.0);
  EXPECT_EQ(q[0][3], 448.0);
  EXPECT_TRUE(std::isnan(q[0][4]));
  EXPECT_EQ(q[0][5], -224.0);
}

TEST(VectorDequantizeTest, BlocksOfRowsAndColumnsShareAScale) {
  SramImage sram(37);
  struct Blocks {
    std::uint32_t columns, rows, ld;
  };
  for (const Blocks& b : {Blocks{128, 128, 3}, Blocks{100, 1, 4}, Blocks{0, 2, 1}, Blocks{7, 0, 43},
                          Blocks{64, 5, 0}, Blocks{1, 1, 300}, Blocks{0, 0, 0}}) {
    Script s = script(Opcode::kDequantize, 6, 300);
    s.param0 = b.columns;
    s.param1 = b.rows;
    s.ld_src1 = b.ld;
    s.dtype_src0 = DType::kFp8E4m3;
    const Rows x = sram.fill(s.src0, 6, 300, 300, DType::kFp8E4m3);
    const Rows scales = sram.fill(s.src1, 6, 300, 300);
    sram.run(s);
    for (std::uint32_t r = 0; r < 6; ++r) {
      for (std::uint32_t i = 0; i < 300; ++i) {
        const std::uint32_t row = b.rows == 0 || b.ld == 0 ? 0 : r / b.rows;
        const std::uint32_t column = b.columns == 0 ? 0 : i / b.columns;
        const double scale = sram.get(s.src1 + (row * b.ld + column) * 4);
        ASSERT_EQ(sram.get(s.dst + (r * 300 + i) * 4), static_cast<float>(x[r][i] * scale));
      }
    }
  }
}

TEST(VectorDequantizeTest, AnAccumulatorOfInt32IsScaledPerChannel) {
  SramImage sram(38);
  Script s = script(Opcode::kDequantize, 2, 5);
  s.dtype_src0 = DType::kInt32;
  s.dtype_dst = DType::kBf16;
  s.param0 = 1;
  const Rows x = sram.fill(s.src0, 2, 5, 5, DType::kInt32, 1000.0F);
  const Rows scales = sram.fill(s.src1, 1, 5, 5);
  sram.run(s);
  const Rows y = sram.read(s.dst, 2, 5, 5, DType::kBf16);
  for (std::size_t r = 0; r < 2; ++r) {
    for (std::size_t i = 0; i < 5; ++i) {
      const double exact = x[r][i] * scales[0][i];
      expect_near(y[r][i], exact, 2 * kRounding, std::abs(exact), DType::kBf16);
    }
  }
}

}  // namespace
}  // namespace aipu::vector
