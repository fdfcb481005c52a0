// SPDX-License-Identifier: Apache-2.0
#include "sim/load/bpe.h"

#include <chrono>
#include <gtest/gtest.h>
#include <map>
#include <random>

#include "tests/sim/load/naive_bpe.h"

namespace aipu::load {
namespace {

using Ids = std::vector<TokenId>;

TEST(MergeTableTest, TheLowestRankGoesFirstThenTheLeftmost) {
  MergeTable table;
  table.add(1, 2, 1, 12);
  table.add(2, 3, 0, 23);
  table.add(1, 1, 2, 11);
  table.add(11, 1, 3, 111);
  EXPECT_EQ(table.merge({1, 2, 3}), (Ids{1, 23}));
  EXPECT_EQ(table.merge({1, 2, 1, 2}), (Ids{12, 12}));
  EXPECT_EQ(table.merge({1, 1, 1}), Ids{111});
  EXPECT_EQ(table.merge({1, 1, 1, 1}), (Ids{11, 11}));
  EXPECT_EQ(table.merge({}), Ids{});
  EXPECT_EQ(table.merge({9}), Ids{9});
}

TEST(MergeTableTest, AgreesWithTheNaiveMethodOnRandomTables) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> pieces{"a", "b", "c"};
    std::map<std::string, TokenId> ids{{"a", 0}, {"b", 1}, {"c", 2}};
    std::map<std::pair<std::string, std::string>, double> ranks;
    MergeTable table;
    for (std::uint32_t rank = 0; rank < 20; ++rank) {
      const std::string left = pieces[random() % pieces.size()];
      const std::string right = pieces[random() % pieces.size()];
      if (!ranks.emplace(std::pair(left, right), rank).second) continue;
      const auto id = ids.emplace(left + right, static_cast<TokenId>(ids.size())).first->second;
      if (id + 1 == ids.size()) pieces.push_back(left + right);
      table.add(ids[left], ids[right], rank, id);
    }
    std::vector<std::string> text;
    Ids symbols;
    for (int i = 0; i < 60; ++i) {
      text.push_back(pieces[random() % 3]);
      symbols.push_back(ids[text.back()]);
    }
    Ids expected;
    const auto rank = [&](const std::string& l, const std::string& r) -> std::optional<double> {
      const auto found = ranks.find({l, r});
      return found == ranks.end() ? std::nullopt : std::optional<double>(found->second);
    };
    for (const std::string& piece : test::naive_bpe(text, rank))
      expected.push_back(ids[piece]);
    EXPECT_EQ(table.merge(symbols), expected);
  }
}

TEST(MergeTableTest, LongWordsStayCheap) {
  MergeTable table;
  for (TokenId level = 0; level < 16; ++level)
    table.add(level, level, level, level + 1);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(table.merge(Ids(1U << 18U, 0)), Ids(4, 16));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace aipu::load
