// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/index_table.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

namespace aipu::directcom {
namespace {

TEST(IndexTableTest, ItFindsWhatAMapFinds) {
  IndexTable table;
  std::map<std::uint32_t, std::uint32_t> map;
  std::mt19937 random(5);
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const auto key = static_cast<std::uint32_t>(random() % 700);
    ASSERT_EQ(table.find(key), map.count(key) != 0 ? map[key] : IndexTable::kNone);
    if (map.count(key) != 0) {
      table.erase(key);
      map.erase(key);
    } else if (i % 3 != 0 || map.size() < 20) {
      table.insert(key, i);
      map[key] = i;
    }
    ASSERT_EQ(table.size(), map.size());
  }
  for (const auto& [key, index] : map)
    ASSERT_EQ(table.find(key), index);
}

}  // namespace
}  // namespace aipu::directcom
