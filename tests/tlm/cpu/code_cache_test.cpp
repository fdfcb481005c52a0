// SPDX-License-Identifier: Apache-2.0
#include "tlm/cpu/code_cache.h"

#include <gtest/gtest.h>

namespace aipu::cpu {
namespace {

constexpr std::uint64_t kBase = 0x1000;
constexpr std::uint16_t kNop = 0x0001;

CodeCache::Fetch nops(std::size_t count) {
  return [count](std::uint64_t address) -> std::optional<std::uint16_t> {
    if (address < kBase || address >= kBase + 2 * count) return std::nullopt;
    return kNop;
  };
}

TEST(CodeCacheTest, CutsALongRunAndFallsThrough) {
  CodeCache cache(32, Config{});
  const Block* block = cache.decode_block(kBase, nops(1000), nullptr);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->count, 64U);
  EXPECT_EQ(block->fall_pc, kBase + 128);
  EXPECT_EQ(block->cycles, 64);
  EXPECT_EQ(block->code[64].op, kBlockEnd);
  EXPECT_EQ(block->marks[64].offset, 128);
  EXPECT_EQ(cache.find(kBase), block);
  EXPECT_EQ(cache.find(kBase + 2), nullptr);
}

TEST(CodeCacheTest, CodeEndsWhereNothingCanBeFetched) {
  CodeCache cache(32, Config{});
  EXPECT_EQ(cache.decode_block(0x10, nops(3), nullptr), nullptr);
  const Block* block = cache.decode_block(kBase, nops(3), nullptr);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->count, 3U);
}

TEST(CodeCacheTest, KnowsWhichRangeHoldsDecodedCode) {
  CodeCache cache(32, Config{});
  EXPECT_FALSE(cache.decoded(0, 0x10000));
  cache.decode_block(kBase, nops(3), nullptr);
  EXPECT_TRUE(cache.decoded(kBase + 4, 1));
  EXPECT_FALSE(cache.decoded(kBase - 4, 4));
  EXPECT_FALSE(cache.decoded(kBase + 16, 4));
  cache.clear();
  EXPECT_FALSE(cache.decoded(kBase, 4));
  EXPECT_EQ(cache.find(kBase), nullptr);
}

TEST(CodeCacheTest, SharedTextNeedsNoMemory) {
  CodeCache cache(32, Config{}, kBase, {0x01, 0x00, 0x82, 0x80});  // c.nop, ret
  const auto none = [](std::uint64_t) -> std::optional<std::uint16_t> { return std::nullopt; };
  const Block* block = cache.decode_block(kBase, none, nullptr);
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block->count, 2U);
  EXPECT_TRUE(cache.covers(kBase + 3));
  EXPECT_FALSE(cache.covers(kBase + 4));
  EXPECT_TRUE(cache.overlaps(kBase - 1, 2));
}

}  // namespace
}  // namespace aipu::cpu
