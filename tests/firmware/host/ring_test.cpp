// SPDX-License-Identifier: Apache-2.0
// The stream ring: whatever sizes it hands out, no tile is overwritten that its load does not wait
// for.
#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "firmware/host/recorder.h"
#include "hw/program/sram_map.h"
#include "regs/core.h"

namespace aipu::test {
namespace {

struct Tile {
  std::uint32_t begin, end;  ///< offsets in SRAM
};

class RingTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RingTest, NoLiveTileIsOverwritten) {
  std::mt19937 random(GetParam());
  recorder_start(0, 1, 0);
  std::vector<Tile> tiles;
  std::uint32_t waited = 0;
  const std::uint32_t most = 64U << (GetParam() % 11U);
  std::uniform_int_distribution<std::uint32_t> size(1, std::min(most, HC_SRAM_STREAM_BYTES));
  for (int i = 0; i < 5000; ++i) {
    const std::uint32_t bytes = size(random);
    const recorder_tile_t taken = recorder_take(bytes);
    const Tile tile{taken.sram - regs::core::kSramBase, taken.sram - regs::core::kSramBase + bytes};
    ASSERT_EQ(tile.begin % 64, 0U);
    ASSERT_GE(tile.begin, static_cast<std::uint32_t>(HC_SRAM_STREAM));
    ASSERT_LE(tile.end, HC_SRAM_STREAM + HC_SRAM_STREAM_BYTES);
    ASSERT_GE(taken.freed, waited) << "what was waited for stays waited for";
    ASSERT_LE(taken.freed, tiles.size()) << "a tile cannot wait for itself";
    waited = taken.freed;
    for (std::size_t live = waited; live < tiles.size(); ++live)
      ASSERT_TRUE(tile.end <= tiles[live].begin || tiles[live].end <= tile.begin)
          << "tile " << i << " lies on tile " << live;
    tiles.push_back(tile);
  }
}

TEST_P(RingTest, WaitsForNoMoreThanOneTurnNeeds) {
  // Equal tiles: tile n lies where tile n - slots lay, and waits for exactly that one.
  recorder_start(0, 1, 0);
  const std::uint32_t bytes = 16384U << (GetParam() % 4U);
  const std::uint32_t slots = HC_SRAM_STREAM_BYTES / bytes;
  for (std::uint32_t i = 0; i < 10 * slots; ++i) {
    const recorder_tile_t tile = recorder_take(bytes);
    EXPECT_EQ(tile.freed, i < slots ? 0U : i - slots + 1);
    EXPECT_EQ(tile.sram, regs::core::kSramBase + HC_SRAM_STREAM + i % slots * bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RingTest, testing::Range(0U, 22U));

}  // namespace
}  // namespace aipu::test
