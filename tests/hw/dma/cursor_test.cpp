// SPDX-License-Identifier: Apache-2.0
#include "hw/dma/cursor.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

namespace aipu::dma {
namespace {

Descriptor load(std::uint64_t from, std::uint64_t to, std::uint64_t bytes) {
  Descriptor d;
  d.source.base = Gaddr::hbm(from);
  d.destination = {Gaddr::core(5, to), 0, 0, true};
  d.bytes = bytes;
  d.rows = d.planes = 1;
  return d;
}

std::vector<std::uint32_t> sizes(Cursor cursor) {
  std::vector<std::uint32_t> result;
  while (!cursor.done())
    result.push_back(cursor.next().bytes);
  return result;
}

TEST(DmaCursorTest, CutsAtTheBoundariesOfTheFarSide) {
  EXPECT_EQ(sizes(Cursor(load(0, 0, 2048), 1024)), (std::vector<std::uint32_t>{1024, 1024}));
  EXPECT_EQ(sizes(Cursor(load(1000, 0, 2048), 1024)), (std::vector<std::uint32_t>{24, 1024, 1000}));
  EXPECT_EQ(sizes(Cursor(load(0, 1000, 2048), 1024)), (std::vector<std::uint32_t>{1024, 1024}));
  EXPECT_EQ(sizes(Cursor(load(1023, 0, 1), 1024)), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(sizes(Cursor(load(1023, 0, 2), 1024)), (std::vector<std::uint32_t>{1, 1}));
}

TEST(DmaCursorTest, CutsBothSidesBetweenFarMemories) {
  Descriptor d = load(1000, 0, 2048);
  d.destination = {Gaddr::shared(512), 0, 0, false};
  EXPECT_EQ(sizes(Cursor(d, 1024)), (std::vector<std::uint32_t>{24, 488, 536, 488, 512}));
}

TEST(DmaCursorTest, CoversEveryByteOfAStridedCopyOnceAndInOrder) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const auto pick = [&random](std::uint32_t low, std::uint32_t high) {
      return std::uniform_int_distribution<std::uint32_t>(low, high)(random);
    };
    Descriptor d = load(pick(0, 5000), pick(0, 5000), pick(1, 3000));
    d.rows = pick(1, 5);
    d.planes = pick(1, 4);
    d.source.row_stride = pick(0, 4000);
    d.source.plane_stride = pick(0, 20000);
    d.destination.row_stride = pick(0, 4000);
    d.destination.plane_stride = pick(0, 20000);
    Cursor cursor(d, 256U << pick(0, 2));
    for (std::uint32_t plane = 0; plane < d.planes; ++plane) {
      for (std::uint32_t row = 0; row < d.rows; ++row) {
        std::uint64_t done = 0;
        while (done < d.bytes) {
          ASSERT_FALSE(cursor.done());
          const Burst burst = cursor.next();
          const auto expected = [&](const Side& side) {
            return side.base.raw + plane * std::uint64_t{side.plane_stride} +
                   row * std::uint64_t{side.row_stride} + done;
          };
          ASSERT_EQ(burst.source.raw, expected(d.source));
          ASSERT_EQ(burst.destination.raw, expected(d.destination));
          done += burst.bytes;
        }
        ASSERT_EQ(done, d.bytes);
      }
    }
    EXPECT_TRUE(cursor.done());
  }
}

}  // namespace
}  // namespace aipu::dma
