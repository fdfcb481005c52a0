// SPDX-License-Identifier: Apache-2.0
#include "hw/tensor/multiply.h"

#include <Eigen/Core>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

#include "hw/base/number_format.h"
#include "regs/tensor.h"
#include "tests/hw/tensor/words.h"

namespace aipu::tensor {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// An SRAM with random operands, and what they mean in double.
class Bench {
 public:
  explicit Bench(unsigned seed) : random_(seed), bytes_(regs::core::kSramSize, 0xA5) {}

  std::uint8_t* sram() { return bytes_.data(); }
  const std::vector<std::uint8_t>& bytes() const { return bytes_; }

  void fill(const SramTile& tile, DType type) {
    std::normal_distribution<float> normal(0, type == DType::kInt8 ? 50.0F : 1.0F);
    for (std::uint32_t r = 0; r < tile.rows; ++r) {
      for (std::uint64_t at = 0; at < tile.row_bytes; at += size_of(type)) {
        store_number(type, normal(random_), sram() + tile.offset + r * tile.stride + at);
      }
    }
  }
  Matrix read(const SramTile& tile, DType type) const {
    const auto columns = static_cast<Eigen::Index>(tile.row_bytes / size_of(type));
    Matrix values(tile.rows, columns);
    for (Eigen::Index r = 0; r < values.rows(); ++r) {
      for (Eigen::Index c = 0; c < columns; ++c) {
        const std::uint8_t* at = bytes_.data() + tile.offset +
                                 static_cast<std::uint64_t>(r) * tile.stride +
                                 static_cast<std::uint64_t>(c) * size_of(type);
        if (type == DType::kInt32) {
          std::int32_t exact = 0;
          std::memcpy(&exact, at, sizeof exact);
          values(r, c) = exact;
        } else {
          values(r, c) = load_number(type, at);
        }
      }
    }
    return values;
  }
  std::uint32_t pick(std::uint32_t low, std::uint32_t high) {
    return std::uniform_int_distribution<std::uint32_t>(low, high)(random_);
  }

 private:
  std::mt19937 random_;
  std::vector<std::uint8_t> bytes_;
};

/// Multiplies and compares with double precision. A chain of k float additions of products is off
/// by at most (k + 1) half units in the last place of sum |a||b| (+ |c|): the standard forward
/// bound.
void check(Bench& bench, const Tile& t) {
  ASSERT_TRUE(decode(regs::tensor::kOpMac, words_of(t)).ok());
  const SramTiles tiles = operands(t);
  const DType type_c = t.integer() ? DType::kInt32 : DType::kF32;
  bench.fill(tiles[0], t.dtype_a);
  bench.fill(tiles[1], t.dtype_b);
  bench.fill(tiles[2], type_c);
  const Matrix a = bench.read(tiles[0], t.dtype_a);
  Matrix b = bench.read(tiles[1], t.dtype_b);
  if (t.transpose_b) b = b.transpose().eval();
  Matrix c = Matrix::Zero(t.m, t.n);
  if (t.accumulate) c = bench.read(tiles[2], type_c);
  const Matrix expected = c + a * b;
  const Matrix magnitude = c.cwiseAbs() + a.cwiseAbs() * b.cwiseAbs();

  multiply(t, bench.sram());

  const Matrix result = bench.read(tiles[2], type_c);
  const double unit = t.integer() ? 0.0 : (t.k + 1) * 0x1p-24;
  for (Eigen::Index i = 0; i < result.rows(); ++i) {
    for (Eigen::Index j = 0; j < result.cols(); ++j) {
      ASSERT_NEAR(result(i, j), expected(i, j), unit * magnitude(i, j)) << i << "," << j;
    }
  }
}

const std::vector<std::pair<DType, DType>> kFormats{
    {DType::kF32, DType::kF32},         {DType::kBf16, DType::kBf16},
    {DType::kFp8E4m3, DType::kFp8E4m3}, {DType::kFp8E5m2, DType::kFp8E5m2},
    {DType::kInt8, DType::kInt8},       {DType::kBf16, DType::kFp8E4m3},
    {DType::kF32, DType::kBf16},        {DType::kFp8E4m3, DType::kFp8E5m2}};

TEST(TensorMultiplyTest, EveryFormatAgreesWithDoubleOnRandomShapes) {
  Bench bench(11);
  for (const auto& [a, b] : kFormats) {
    for (int round = 0; round < 12; ++round) {
      Tile t =
          dense_tile(bench.pick(1, 40), bench.pick(1, 70), bench.pick(1, 600), a, round % 2 == 1);
      t.dtype_b = b;
      t.accumulate = round % 3 == 1;
      t.lda += bench.pick(0, 5);
      t.ldb += bench.pick(0, 5);
      t.ldc += bench.pick(0, 5);
      ASSERT_NO_FATAL_FAILURE(check(bench, t)) << t.m << "x" << t.n << "x" << t.k;
    }
  }
}

TEST(TensorMultiplyTest, ShapesThatFillTheArrayAgreeToo) {
  Bench bench(12);
  for (const auto& [a, b] : kFormats) {
    Tile t = dense_tile(32, 48, 512, a);
    t.dtype_b = b;
    check(bench, t);
  }
}

/// Bytes of C after the k of `t` was cut at `cuts`.
std::vector<std::uint8_t> multiply_in_parts(Bench bench, Tile t,
                                            const std::vector<std::uint32_t>& cuts) {
  const Tile whole = t;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    t.k = cuts[i + 1] - cuts[i];
    t.a = whole.a + cuts[i] * size_of(t.dtype_a);
    t.b = whole.b + cuts[i] * (t.transpose_b ? 1 : t.ldb) * size_of(t.dtype_b);
    t.accumulate = i > 0;
    multiply(t, bench.sram());
  }
  return bench.bytes();
}

TEST(TensorMultiplyTest, CuttingKGivesTheSameBits) {
  Bench bench(13);
  for (const auto& [a, b] : kFormats) {
    for (const bool transpose : {false, true}) {
      Tile t = dense_tile(9, 21, 700, a, transpose);
      t.dtype_b = b;
      bench.fill(operands(t)[0], a);
      bench.fill(operands(t)[1], b);
      const auto whole = multiply_in_parts(bench, t, {0, 700});
      EXPECT_EQ(multiply_in_parts(bench, t, {0, 1, 33, 256, 511, 700}), whole);
      EXPECT_EQ(multiply_in_parts(bench, t, {0, 350, 700}), whole);
    }
  }
}

TEST(TensorMultiplyTest, EachElementIsOneChainInAscendingK) {
  Bench bench(14);
  const Tile t = dense_tile(5, 11, 300, DType::kF32);
  bench.fill(operands(t)[0], DType::kF32);
  bench.fill(operands(t)[1], DType::kF32);
  multiply(t, bench.sram());
  const auto at = [&bench](std::uint32_t offset, std::uint32_t index) {
    return load_number(DType::kF32, bench.sram() + offset + index * 4);
  };
  for (std::uint32_t i = 0; i < t.m; ++i) {
    for (std::uint32_t j = 0; j < t.n; ++j) {
      float chain = 0;
      for (std::uint32_t k = 0; k < t.k; ++k) {
        const volatile float product = at(t.a, i * t.lda + k) * at(t.b, k * t.ldb + j);
        chain = chain + product;
      }
      ASSERT_EQ(at(t.c, i * t.ldc + j), chain) << i << "," << j;
    }
  }
}

TEST(TensorMultiplyTest, ARowOfCDoesNotDependOnTheOthers) {
  Bench bench(18);
  for (const auto& [a, b] : kFormats) {
    for (const bool transpose : {false, true}) {
      Tile t = dense_tile(7, 37, 300, a, transpose);
      t.dtype_b = b;
      t.ldc = 40;
      bench.fill(operands(t)[0], a);
      bench.fill(operands(t)[1], b);
      multiply(t, bench.sram());
      const auto together = bench.bytes();
      for (std::uint32_t rows = 1; rows <= 2; ++rows) {
        for (std::uint32_t i = 0; i + rows <= 7; i += rows) {
          Tile part = t;
          part.m = rows;
          part.a = t.a + i * t.lda * size_of(a);
          part.c = t.c + i * t.ldc * 4;
          multiply(part, bench.sram());
        }
      }
      EXPECT_EQ(bench.bytes(), together);
    }
  }
}

TEST(TensorMultiplyTest, AFewRowsAgreeWithDoubleToo) {
  Bench bench(19);
  for (const auto& [a, b] : kFormats) {
    for (std::uint32_t round = 0; round < 8; ++round) {
      Tile t = dense_tile(1 + round % 2, bench.pick(1, 90), bench.pick(1, 600), a);
      t.dtype_b = b;
      t.accumulate = round / 2 % 2 == 1;
      t.ldb += round;
      t.ldc += round;
      ASSERT_NO_FATAL_FAILURE(check(bench, t)) << t.m << "x" << t.n << "x" << t.k;
    }
  }
}

TEST(TensorMultiplyTest, NothingOutsideTheRowsOfCIsTouched) {
  Bench bench(15);
  Tile t = dense_tile(6, 13, 40, DType::kBf16);
  t.ldc = 16;
  bench.fill(operands(t)[0], DType::kBf16);
  bench.fill(operands(t)[1], DType::kBf16);
  const auto before = bench.bytes();
  multiply(t, bench.sram());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::size_t in_c = i - t.c;
    const bool result = i >= t.c && in_c < operands(t)[2].span() && in_c % 64 < 13 * 4;
    if (!result) {
      ASSERT_EQ(bench.bytes()[i], before[i]) << i;
    }
  }
}

TEST(TensorMultiplyTest, Int8SumsWrapAtThirtyTwoBits) {
  Bench bench(16);
  Tile t = dense_tile(1, 1, 1, DType::kInt8);
  t.accumulate = true;
  bench.sram()[t.a] = bench.sram()[t.b] = 1;
  const std::int32_t largest = std::numeric_limits<std::int32_t>::max();
  std::memcpy(bench.sram() + t.c, &largest, sizeof largest);
  multiply(t, bench.sram());
  std::int32_t result = 0;
  std::memcpy(&result, bench.sram() + t.c, sizeof result);
  EXPECT_EQ(result, std::numeric_limits<std::int32_t>::min());
}

TEST(TensorMultiplyTest, NanAndInfinityReachOnlyTheirRowsAndColumns) {
  Bench bench(17);
  const Tile t = dense_tile(4, 12, 8, DType::kFp8E5m2);
  bench.fill(operands(t)[0], t.dtype_a);
  bench.fill(operands(t)[1], t.dtype_b);
  bench.sram()[t.a + 2 * t.lda] = 0x7F;  // a NaN in row 2 of A
  multiply(t, bench.sram());
  const Matrix c = bench.read(operands(t)[2], DType::kF32);
  for (Eigen::Index i = 0; i < 4; ++i) {
    for (Eigen::Index j = 0; j < 12; ++j)
      EXPECT_EQ(std::isnan(c(i, j)), i == 2);
  }
}

}  // namespace
}  // namespace aipu::tensor
