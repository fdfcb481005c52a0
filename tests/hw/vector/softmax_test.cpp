// SPDX-License-Identifier: Apache-2.0
// Online softmax in blocks, alone and with partial results, against the definition in double.
#include <algorithm>

#include "tests/hw/vector/sram_image.h"

namespace aipu::vector {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// Attention of `rows` queries over `cols` keys with output width `width`, in double: what row r
/// gets when it sees its first seen[r] columns.
Rows attention(const Rows& scores, const Rows& values, float scale,
               const std::vector<std::uint32_t>& seen) {
  Rows result;
  for (std::size_t r = 0; r < scores.size(); ++r) {
    std::vector<double> out(values[0].size(), 0.0);
    double maximum = -kInf;
    double sum = 0;
    for (std::size_t c = 0; c < seen[r]; ++c)
      maximum = std::max(maximum, scores[r][c] * scale);
    for (std::size_t c = 0; c < seen[r]; ++c) {
      const double p = std::exp(scores[r][c] * scale - maximum);
      sum += p;
      for (std::size_t i = 0; i < out.size(); ++i)
        out[i] += p * values[c][i];
    }
    for (double& v : out)
      v = sum == 0 ? 0 : v / sum;
    result.push_back(out);
  }
  return result;
}

/// What firmware does with the vector and tensor engines, blockwise.
class Attention {
 public:
  static constexpr std::uint32_t kRows = 6, kCols = 24, kWidth = 5, kState = 0x60000,
                                 kOut = 0xC0000;
  static constexpr float kScale = 0.4F;

  Attention() : sram_(31) {
    scores_ = sram_.fill(0, kRows, kCols, kCols, DType::kF32, 6.0F);
    values_ = sram_.fill(0x40000, kCols, kWidth, kWidth);
  }

  /// Columns [from, from + block): the step, then out += P.V as the tensor engine would.
  void step(std::uint32_t from, std::uint32_t block, bool first, std::int32_t visible_of_row0,
            std::uint32_t rows_per_column, std::uint32_t state, std::uint32_t out) {
    Script s;
    s.opcode = Opcode::kSoftmaxStep;
    s.rows = kRows;
    s.cols = block;
    s.src0 = from * 4;
    s.ld_src0 = kCols;
    s.imm0 = kScale;
    s.src2 = state;
    s.out = out;
    s.out_cols = kWidth;
    s.first = first;
    s.param0 = static_cast<std::uint32_t>(visible_of_row0);
    s.param1 = rows_per_column;
    sram_.run(s);
    for (std::uint32_t r = 0; r < kRows; ++r) {
      for (std::uint32_t i = 0; i < kWidth; ++i) {
        const std::uint32_t at = out + (r * kWidth + i) * 4;
        auto sum = first ? 0.0F : static_cast<float>(sram_.get(at));
        for (std::uint32_t c = 0; c < block; ++c) {
          sum += static_cast<float>(sram_.get(s.dst + (r * block + c) * 4) * values_[from + c][i]);
        }
        sram_.set(at, sum);
      }
    }
  }

  void end() {
    Script s;
    s.opcode = Opcode::kSoftmaxEnd;
    s.rows = kRows;
    s.cols = kWidth;
    s.src0 = kOut;
    s.dst = 0x90000;
    sram_.run(s);
  }

  void merge(std::uint32_t planes) {
    Script s;
    s.opcode = Opcode::kMergePartials;
    s.rows = kRows;
    s.cols = kWidth;
    s.src0 = kOut;
    s.param0 = planes;
    s.plane_stride = 0x1000;
    s.plane_stride2 = 0x800;
    s.dst = 0x90000;
    sram_.run(s);
  }

  /// Errors: e^x of a difference of up to about 40 whose rounding is 2^-24 of it, a few dozen sums.
  void expect(const std::vector<std::uint32_t>& seen) const {
    const Rows wanted = attention(scores_, values_, kScale, seen);
    for (std::uint32_t r = 0; r < kRows; ++r) {
      for (std::uint32_t i = 0; i < kWidth; ++i) {
        ASSERT_NEAR(sram_.get(0x90000 + (r * kWidth + i) * 4), wanted[r][i], 100 * 0x1p-24 * 4)
            << r << "," << i;
      }
    }
  }
  SramImage& sram() { return sram_; }

 private:
  SramImage sram_;
  Rows scores_, values_;
};

const std::vector<std::uint32_t> kAll(Attention::kRows, Attention::kCols);

TEST(VectorSoftmaxTest, OneBlockIsTheWholeSoftmax) {
  Attention a;
  a.step(0, 24, true, 24, 1, Attention::kState, Attention::kOut);
  a.end();
  a.expect(kAll);
}

TEST(VectorSoftmaxTest, BlocksAddUpToTheWholeSoftmax) {
  for (const std::uint32_t block : {1U, 4U, 8U, 12U}) {
    Attention a;
    for (std::uint32_t from = 0; from < 24; from += block) {
      a.step(from, block, from == 0, 24, 1, Attention::kState, Attention::kOut);
    }
    a.end();
    a.expect(kAll);
  }
}

TEST(VectorSoftmaxTest, RowsSeeWhatTheCausalMaskAllows) {
  // Two rows (heads) share a position; position p sees 3 + p columns.
  Attention a;
  for (std::int32_t from = 0; from < 24; from += 4) {
    a.step(static_cast<std::uint32_t>(from), 4, from == 0, 3 - from, 2, Attention::kState,
           Attention::kOut);
  }
  a.end();
  a.expect({3, 3, 4, 4, 5, 5});
}

TEST(VectorSoftmaxTest, MaskedColumnsAreZeroAndARowWithoutColumnsIsNotANumberNowhere) {
  Attention a;
  a.step(0, 8, true, -2, 1, Attention::kState, Attention::kOut);  // rows 0..2 see nothing
  for (std::uint32_t r = 0; r < 3; ++r) {
    EXPECT_EQ(a.sram().get(Attention::kState + r * 8), -kInf);
    EXPECT_EQ(a.sram().get(Attention::kState + r * 8 + 4), 0.0);
    for (std::uint32_t c = 0; c < 8; ++c)
      EXPECT_EQ(a.sram().get(0x80000 + (r * 8 + c) * 4), 0.0);
  }
  for (std::uint32_t c = 1; c < 8; ++c) {  // row 3 sees one column
    EXPECT_EQ(a.sram().get(0x80000 + (3 * 8 + c) * 4), 0.0);
  }
  EXPECT_EQ(a.sram().get(0x80000 + 3 * 8 * 4), 1.0);
  a.step(8, 8, false, -100, 1, Attention::kState, Attention::kOut);  // nobody sees this block
  a.end();
  a.expect({0, 0, 0, 1, 2, 3});
}

TEST(VectorSoftmaxTest, AFirstBlockIgnoresStaleStateAndLeavesTheOutputAlone) {
  Attention a;
  Script s;
  s.opcode = Opcode::kSoftmaxStep;
  s.rows = 2;
  s.cols = 4;
  s.imm0 = 1.0F;
  s.first = true;
  s.param0 = 4;
  s.out_cols = 5;
  const Rows before = a.sram().fill(s.out, 2, 5, 5);
  a.sram().set(s.src2, 1e30F);
  a.sram().run(s);
  EXPECT_EQ(a.sram().read(s.out, 2, 5, 5), before);
  EXPECT_LT(a.sram().get(s.src2), 100.0);
}

TEST(VectorSoftmaxTest, TheSumTakesProbabilitiesBeforeTheyAreRounded) {
  SramImage sram(32);
  Script s;
  s.opcode = Opcode::kSoftmaxStep;
  s.rows = 1;
  s.cols = 200;
  s.imm0 = 1.0F;
  s.first = true;
  s.param0 = 200;
  s.dtype_dst = DType::kFp8E4m3;
  const Rows x = sram.fill(0, 1, 200, 200);
  sram.run(s);
  const double maximum = *std::max_element(x[0].begin(), x[0].end());
  double sum = 0;
  for (const double v : x[0])
    sum += std::exp(v - maximum);
  EXPECT_NEAR(sram.get(s.src2 + 4), sum, sum * 40 * 0x1p-24);
  EXPECT_EQ(sram.get(s.src2), maximum);
}

TEST(VectorSoftmaxTest, PartialResultsMergeIntoTheWholeSoftmax) {
  Attention a;
  for (std::uint32_t part = 0; part < 3; ++part) {
    const std::uint32_t state = Attention::kState + part * 0x800;
    const std::uint32_t out = Attention::kOut + part * 0x1000;
    a.step(part * 8, 4, true, 24, 1, state, out);
    a.step(part * 8 + 4, 4, false, 24, 1, state, out);
  }
  a.merge(3);
  a.expect(kAll);
}

TEST(VectorSoftmaxTest, PlanesThatSawNothingContributeNothing) {
  Attention a;
  a.step(0, 8, true, 8, 1, Attention::kState, Attention::kOut);
  // Plane 1 saw nothing; its output is garbage.
  for (std::uint32_t r = 0; r < Attention::kRows; ++r) {
    a.sram().set(Attention::kState + 0x800 + r * 8, 1e9F);
    a.sram().set(Attention::kState + 0x800 + r * 8 + 4, 0.0F);
    a.sram().set(Attention::kOut + 0x1000 + r * 20, std::numeric_limits<float>::quiet_NaN());
  }
  a.merge(2);
  a.expect(std::vector<std::uint32_t>(Attention::kRows, 8));
}

TEST(VectorSoftmaxTest, NothingSeenAnywhereGivesZero) {
  Attention a;
  a.step(0, 8, true, -100, 1, Attention::kState, Attention::kOut);
  a.merge(1);
  a.expect(std::vector<std::uint32_t>(Attention::kRows, 0));
  a.end();
  a.expect(std::vector<std::uint32_t>(Attention::kRows, 0));
}

TEST(VectorSoftmaxTest, ProbabilitiesMayReplaceTheScores) {
  Attention apart;
  Attention replaced;
  Script s;
  s.opcode = Opcode::kSoftmaxStep;
  s.rows = 6;
  s.cols = 24;
  s.imm0 = 1.0F;
  s.first = true;
  s.param0 = 19;
  s.dtype_dst = DType::kBf16;
  apart.sram().run(s);
  const Rows expected = apart.sram().read(s.dst, 6, 24, 24, DType::kBf16);
  s.dst = s.src0;
  replaced.sram().run(s);
  EXPECT_EQ(replaced.sram().read(s.dst, 6, 24, 24, DType::kBf16), expected);
}

}  // namespace
}  // namespace aipu::vector
