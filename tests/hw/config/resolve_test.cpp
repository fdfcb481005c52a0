// SPDX-License-Identifier: Apache-2.0
#include "hw/config/resolve.h"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <vector>

#include "hw/base/schema.h"
#include "hw/config/load.h"

namespace aipu::config {
namespace {

std::string file_text(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A value of a key other than its default, where its range allows one.
std::string another(const SchemaEntry& entry) {
  if (entry.type.kind == ValueType::Kind::kName) return entry.type.names.back();
  if (entry.type.kind == ValueType::Kind::kBool) {
    return std::get<bool>(entry.value) ? "false" : "true";
  }
  const bool any = entry.range.kind == RangeRule::Kind::kAny;
  return print_value(entry.type, any ? entry.value : entry.range.values.back());
}

void set_each(const SchemaEntry& group, const std::string& prefix, int& tried) {
  for (const SchemaEntry& entry : group.entries) {
    if (entry.group) {
      set_each(entry, prefix + entry.name + ".", tried);
      continue;
    }
    const std::string assignment = prefix + entry.name + "=" + another(entry);
    Board board;
    try {
      board = load("hc1000_module", {assignment});
    } catch (const std::exception&) {
      continue;  // a rule over several keys forbids this value alone
    }
    ++tried;
    const std::string text = to_yaml(board);
    EXPECT_EQ(to_yaml(load_text(text, "resolved.yaml")), text) << assignment;
  }
}

TEST(ResolveTest, TheResolvedConfigurationReloadsToTheSameBoard) {
  int tried = 0;
  set_each(schema().describe(Board{}), "", tried);
  EXPECT_GT(tried, 15);
}

TEST(ResolveTest, TheHashTellsBoardsApart) {
  const Board board = load("hc1000_module");
  EXPECT_EQ(hash(board), hash(load("hc1000_module")));
  EXPECT_NE(hash(board), hash(load("hc1000_module", {"simulation.seed=2"})));
}

TEST(ResolveTest, TheDefaultsKeepEveryRule) {
  EXPECT_NO_THROW(schema().check(Board{}));
}

TEST(ResolveTest, TheReferenceModuleIsTheGoldenOne) {
  const std::string path = "tests/golden/hc1000_module.resolved.yaml";
  const std::string text = to_yaml(load("hc1000_module"));
  if (std::getenv("AIPU_GOLDEN_UPDATE") != nullptr) std::ofstream(path) << text;
  EXPECT_EQ(text, file_text(path)) << "review the difference, then `tools/dev golden`";
}

}  // namespace
}  // namespace aipu::config
