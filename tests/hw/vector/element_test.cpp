// SPDX-License-Identifier: Apache-2.0
// Element, row and reduction operations against a straightforward reference in double.
#include <algorithm>
#include <functional>

#include "tests/hw/vector/sram_image.h"

namespace aipu::vector {
namespace {

constexpr double kRounding = 0x1p-24;  // one F32 operation

constexpr DType kTypes[] = {DType::kF32,     DType::kBf16, DType::kFp8E4m3,
                            DType::kFp8E5m2, DType::kInt8, DType::kInt32};

/// Runs dst = f(src0, src1) in all combinations of formats; the result is off by a few roundings of
/// the terms' magnitude.
void check_pairs(Opcode opcode, const std::function<double(double, double)>& f, double roundings) {
  SramImage sram(21);
  for (const DType a : kTypes) {
    for (const DType to : kTypes) {
      Script s;
      s.opcode = opcode;
      s.rows = 3;
      s.cols = 37;
      s.ld_src0 = 40;
      s.ld_src1 = 41;
      s.ld_dst = 39;
      s.dtype_src0 = a;
      s.dtype_src1 = DType::kBf16;
      s.dtype_dst = to;
      const Rows x = sram.fill(s.src0, 3, 37, 40, a);
      const Rows y = sram.fill(s.src1, 3, 37, 41, DType::kBf16);
      sram.run(s);
      const Rows z = sram.read(s.dst, 3, 37, 39, to);
      for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t i = 0; i < 37; ++i) {
          const double scale = std::abs(x[r][i]) + std::abs(y[r][i]) + std::abs(x[r][i] * y[r][i]);
          expect_near(z[r][i], f(x[r][i], y[r][i]), roundings * kRounding, scale, to);
        }
      }
    }
  }
}

TEST(VectorElementTest, AddsInEveryFormat) {
  check_pairs(
      Opcode::kAdd, [](double x, double y) { return x + y; }, 1);
}

TEST(VectorElementTest, MultipliesInEveryFormat) {
  check_pairs(
      Opcode::kMul, [](double x, double y) { return x * y; }, 1);
}

TEST(VectorElementTest, SwigluIsSiluTimesTheGate) {
  // exp is within one unit in the last place, then add, divide, two products: six half units.
  check_pairs(
      Opcode::kSwiglu, [](double x, double y) { return x / (1 + std::exp(-x)) * y; }, 6);
}

TEST(VectorElementTest, SwigluOfLargeNumbersStaysFinite) {
  SramImage sram(1);
  Script s;
  s.opcode = Opcode::kSwiglu;
  s.cols = 2;
  sram.set(s.src0, -1000.0F);
  sram.set(s.src0 + 4, 1000.0F);
  sram.set(s.src1, 2.0F);
  sram.set(s.src1 + 4, 2.0F);
  sram.run(s);
  EXPECT_EQ(sram.get(s.dst), 0.0);
  EXPECT_EQ(sram.get(s.dst + 4), 2000.0);
}

TEST(VectorElementTest, ZeroPitchBroadcastsOneRow) {
  SramImage sram(22);
  Script s;
  s.rows = 4;
  s.cols = 9;
  const Rows x = sram.fill(s.src0, 4, 9, 9);
  const Rows y = sram.fill(s.src1, 1, 9, 9);
  sram.run(s);
  for (std::uint32_t r = 0; r < 4; ++r) {
    for (std::uint32_t i = 0; i < 9; ++i) {
      EXPECT_EQ(sram.get(s.dst + (r * 9 + i) * 4), static_cast<float>(x[r][i] + y[0][i]));
    }
  }
}

TEST(VectorElementTest, ConvertScalesAndRoundsOnce) {
  SramImage sram(23);
  for (const DType from : kTypes) {
    for (const DType to : kTypes) {
      Script s;
      s.opcode = Opcode::kConvert;
      s.rows = 2;
      s.cols = 19;
      s.imm0 = 0.375F;
      s.dtype_src0 = from;
      s.dtype_dst = to;
      const Rows x = sram.fill(s.src0, 2, 19, 19, from);
      sram.run(s);
      const Rows z = sram.read(s.dst, 2, 19, 19, to);
      for (std::size_t r = 0; r < 2; ++r) {
        for (std::size_t i = 0; i < 19; ++i) {
          std::uint8_t expected[4];
          store_number(to, static_cast<float>(x[r][i]) * 0.375F, expected);
          EXPECT_EQ(z[r][i], load_number(to, expected));
        }
      }
    }
  }
}

TEST(VectorElementTest, PlanesAreAddedInOrderThenSrc1) {
  SramImage sram(24);
  for (const bool add_src1 : {false, true}) {
    Script s;
    s.opcode = Opcode::kSumPlanes;
    s.rows = 3;
    s.cols = 21;
    s.param0 = 5;
    s.plane_stride = 1024;
    s.add_src1 = add_src1;
    s.ld_src1 = 21;
    std::vector<Rows> planes;
    for (std::uint32_t p = 0; p < 5; ++p)
      planes.push_back(sram.fill(p * 1024, 3, 21, 21));
    const Rows y = sram.fill(s.src1, 3, 21, 21);
    sram.run(s);
    for (std::uint32_t r = 0; r < 3; ++r) {
      for (std::uint32_t i = 0; i < 21; ++i) {
        auto sum = static_cast<float>(planes[0][r][i]);
        for (std::size_t p = 1; p < 5; ++p)
          sum += static_cast<float>(planes[p][r][i]);
        if (add_src1) sum += static_cast<float>(y[r][i]);
        EXPECT_EQ(sram.get(s.dst + (r * 21 + i) * 4), sum);
      }
    }
  }
}

TEST(VectorElementTest, RmsnormDividesByTheRootMeanSquare) {
  SramImage sram(25);
  for (const std::uint32_t cols : {1U, 15U, 64U, 4097U}) {
    Script s;
    s.opcode = Opcode::kRmsnorm;
    s.rows = 3;
    s.cols = cols;
    s.imm0 = 1e-5F;
    s.dtype_src1 = DType::kBf16;
    const Rows x = sram.fill(s.src0, 3, cols, cols);
    const Rows w = sram.fill(s.src1, 1, cols, cols, DType::kBf16);
    sram.run(s);
    for (std::uint32_t r = 0; r < 3; ++r) {
      double squares = 0;
      for (const double v : x[r])
        squares += v * v;
      const double scale = 1 / std::sqrt(squares / cols + double{s.imm0});
      for (std::uint32_t i = 0; i < cols; ++i) {
        const double expected = x[r][i] * scale * w[0][i];
        // A partial sum has cols / 16 + 4 additions, halved by the root; then divide, root,
        // products.
        expect_near(sram.get(s.dst + (r * cols + i) * 4), expected, (cols / 32.0 + 8) * kRounding,
                    std::abs(expected));
      }
    }
  }
}

TEST(VectorElementTest, RopeRotatesHalvesWithTheTableRowOfItsPosition) {
  SramImage sram(26);
  Script s;
  s.opcode = Opcode::kRope;
  s.rows = 6;
  s.cols = 8;
  s.param0 = 2;
  s.ld_src1 = 10;
  const Rows x = sram.fill(s.src0, 6, 8, 8);
  const Rows table = sram.fill(s.src1, 3, 8, 10);
  sram.run(s);
  for (std::uint32_t r = 0; r < 6; ++r) {
    for (std::uint32_t i = 0; i < 4; ++i) {
      const double cosine = table[r / 2][i];
      const double sine = table[r / 2][i + 4];
      const double scale = std::abs(x[r][i]) + std::abs(x[r][i + 4]);
      const double magnitude = scale * (std::abs(cosine) + std::abs(sine));
      expect_near(sram.get(s.dst + (r * 8 + i) * 4), x[r][i] * cosine - x[r][i + 4] * sine,
                  2 * kRounding, magnitude);
      expect_near(sram.get(s.dst + (r * 8 + i + 4) * 4), x[r][i + 4] * cosine + x[r][i] * sine,
                  2 * kRounding, magnitude);
    }
  }
}

TEST(VectorElementTest, ArgmaxNamesTheFirstOfEqualMaximaAndCountsFromParam0) {
  SramImage sram(27);
  Script s;
  s.opcode = Opcode::kArgmax;
  s.rows = 3;
  s.cols = 5;
  s.param0 = 100;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  const float rows[3][5] = {{1, 7, 3, 7, 2}, {nan, -2, -1, nan, -1}, {-inf, -inf, nan, -inf, -inf}};
  for (std::uint32_t r = 0; r < 3; ++r) {
    for (std::uint32_t i = 0; i < 5; ++i)
      sram.set((r * 5 + i) * 4, rows[r][i]);
  }
  sram.run(s);
  EXPECT_EQ(sram.get(s.dst), 7.0);
  EXPECT_EQ(sram.word(s.dst + 4), 101U);
  EXPECT_EQ(sram.get(s.dst + 8), -1.0);
  EXPECT_EQ(sram.word(s.dst + 12), 102U);
  EXPECT_EQ(sram.get(s.dst + 16), -double{inf});
  EXPECT_EQ(sram.word(s.dst + 20), 100U);
}

TEST(VectorElementTest, ArgmaxMergeOfSlicesIsTheArgmaxOfTheWhole) {
  SramImage sram(28);
  const Rows x = sram.fill(0, 2, 64, 64, DType::kFp8E5m2);  // few codes: ties happen
  Script s;
  s.opcode = Opcode::kArgmax;
  s.rows = 2;
  s.cols = 16;
  s.ld_src0 = 64;
  s.dtype_src0 = DType::kFp8E5m2;
  for (std::uint32_t slice = 0; slice < 4; ++slice) {
    s.src0 = slice * 16;
    s.param0 = slice * 16;
    s.dst = 0x80000 + (3 - slice) * 64;  // planes in any order
    sram.run(s);
  }
  Script merge;
  merge.opcode = Opcode::kArgmaxMerge;
  merge.rows = 2;
  merge.src0 = 0x80000;
  merge.param0 = 4;
  merge.plane_stride = 64;
  merge.dst = 0x90000;
  sram.run(merge);
  for (std::uint32_t r = 0; r < 2; ++r) {
    const auto best = std::max_element(x[r].begin(), x[r].end());
    EXPECT_EQ(sram.get(merge.dst + r * 8), *best);
    EXPECT_EQ(sram.word(merge.dst + r * 8 + 4), best - x[r].begin());
  }
}

TEST(VectorElementTest, OfEqualMaximaInSeveralPlanesTheSmallerIndexWins) {
  SramImage sram(30);
  const std::uint32_t index[] = {9, 4, 6};
  for (std::uint32_t p = 0; p < 3; ++p) {
    sram.set(p * 64, 2.5F);
    sram.set_word(p * 64 + 4, index[p]);
  }
  Script s;
  s.opcode = Opcode::kArgmaxMerge;
  s.param0 = 3;
  s.plane_stride = 64;
  sram.run(s);
  EXPECT_EQ(sram.get(s.dst), 2.5);
  EXPECT_EQ(sram.word(s.dst + 4), 4U);
}

TEST(VectorElementTest, ResultsMayReplaceTheFirstOperand) {
  for (const Opcode opcode : {Opcode::kAdd, Opcode::kMul, Opcode::kSwiglu, Opcode::kConvert,
                              Opcode::kRmsnorm, Opcode::kRope, Opcode::kSumPlanes}) {
    for (const DType to : kTypes) {
      Script s;
      s.opcode = opcode;
      s.rows = 4;
      s.cols = 10;
      s.param0 = 1;
      s.imm0 = 0.5F;
      s.ld_src1 = 10;
      s.dtype_dst = to;
      SramImage apart(29);
      SramImage replaced(29);
      for (SramImage* sram : {&apart, &replaced}) {
        sram->fill(s.src0, 4, 10, 10);
        sram->fill(s.src1, 4, 10, 10);
      }
      apart.run(s);
      const Rows expected = apart.read(s.dst, 4, 10, 10, to);
      s.dst = s.src0;
      replaced.run(s);
      EXPECT_EQ(replaced.read(s.dst, 4, 10, 10, to), expected) << static_cast<int>(opcode);
    }
  }
}

}  // namespace
}  // namespace aipu::vector
