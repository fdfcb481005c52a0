// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/tiling.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "hw/program/sram_map.h"

namespace aipu::test {
namespace {

using workload::GemmTiling;

struct Shape {
  std::uint32_t rows, k, cols, width;
  DType dtype;
  std::uint32_t cores;
};

std::vector<Shape> shapes() {
  std::vector<Shape> out;
  for (const std::uint32_t k : {8U, 22U, 64U, 172U, 1000U})
    for (const std::uint32_t cols : {1U, 8U, 21U, 64U, 172U, 513U})
      for (const std::uint32_t width : {1U, 2U})
        for (const DType dtype : {DType::kF32, DType::kBf16, DType::kFp8E4m3})
          for (const std::uint32_t cores : {1U, 7U, 32U})
            out.push_back({1 + (k * cols) % 100, k, cols, width, dtype, cores});
  return out;
}

class TilingTest : public testing::Test {
 protected:
  static GemmTiling tile(const Shape& s) {
    return workload::tile_gemm(s.rows, s.k, s.cols, s.width, s.dtype, s.cores);
  }
};

TEST_F(TilingTest, EveryWeightIsInExactlyOneTile) {
  for (const Shape& s : shapes()) {
    const GemmTiling t = tile(s);
    std::vector<std::uint8_t> seen(std::size_t{s.k} * s.cols);
    workload::for_each_tile(t, [&](std::uint32_t core, std::uint32_t n, std::uint32_t columns,
                                   std::uint32_t k, std::uint32_t depth, std::uint64_t) {
      ASSERT_LT(core, t.cores);
      ASSERT_LE(n + columns, s.cols);
      ASSERT_LE(k + depth, s.k);
      for (std::uint32_t row = k; row < k + depth; ++row)
        for (std::uint32_t column = n; column < n + columns; ++column)
          ++seen[std::size_t{row} * s.cols + column];
    });
    ASSERT_EQ(std::count(seen.begin(), seen.end(), 1), static_cast<std::ptrdiff_t>(seen.size()))
        << s.k << " x " << s.cols << " on " << s.cores;
  }
}

TEST_F(TilingTest, TilesLieApartAlignedAndInsideTheRoomOfTheirCore) {
  for (const Shape& s : shapes()) {
    const GemmTiling t = tile(s);
    std::uint64_t end = 0;
    workload::for_each_tile(t, [&](std::uint32_t core, std::uint32_t, std::uint32_t columns,
                                   std::uint32_t, std::uint32_t depth, std::uint64_t offset) {
      ASSERT_EQ(offset % 64, 0U);
      ASSERT_GE(offset, std::max(end, t.core_stride * core));
      end = offset + std::uint64_t{columns} * s.width * depth * size_of(s.dtype);
      ASSERT_LE(end, t.core_stride * (core + 1));
    });
    ASSERT_LE(end, t.bytes());
  }
}

TEST_F(TilingTest, EveryCoreHasColumnsAndNoneMuchMoreThanTheMean) {
  for (const Shape& s : shapes()) {
    const GemmTiling t = tile(s);
    ASSERT_LE(t.cores, s.cores);
    std::uint32_t most = 0;
    for (std::uint32_t core = 0; core < t.cores; ++core) {
      const std::uint32_t columns = t.first_column(core + 1) - t.first_column(core);
      ASSERT_GT(columns, 0U) << "a core without columns would never report its part as done";
      most = std::max(most, columns);
    }
    ASSERT_EQ(t.first_column(t.cores), s.cols);
    ASSERT_TRUE(most <= (s.cols + s.cores - 1) / s.cores || most * s.cores <= s.cols * 1.02);
  }
}

TEST_F(TilingTest, AccumulatorsAndStreamedTilesFitTheirAreas) {
  for (const Shape& s : shapes()) {
    const GemmTiling t = tile(s);
    const std::uint64_t accumulator = std::uint64_t{s.rows} * t.tile_n * s.width * 4;
    const std::uint64_t result = s.width == 2 ? std::uint64_t{s.rows} * t.tile_n * 4 + 64 : 0;
    ASSERT_LE(accumulator + result, static_cast<std::uint64_t>(HC_SRAM_ACC_BYTES));
    const std::uint64_t weights = std::uint64_t{t.tile_n} * s.width * t.tile_k * size_of(s.dtype);
    const std::uint64_t inputs =
        t.resident(s.rows) ? 0 : std::uint64_t{s.rows} * t.tile_k * size_of(s.dtype);
    ASSERT_LE(2 * (weights + inputs), static_cast<std::uint64_t>(HC_SRAM_STREAM_BYTES))
        << "two tiles at least, or nothing overlaps";
  }
}

}  // namespace
}  // namespace aipu::test
