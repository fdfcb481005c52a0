// SPDX-License-Identifier: Apache-2.0
#include "hw/config/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>

#include "hw/base/error.h"
#include "hw/config/load.h"

namespace aipu::config {
namespace {

using testing::HasSubstr;

std::string explained(const std::string& key, const Board& board = Board{}) {
  std::ostringstream out;
  explain_key(out, key, board);
  return out.str();
}

TEST(ExplainTest, AKeyShowsTypeUnitsRangeDefaultAndValue) {
  const Board board = load("aipu", {"aipu.hbm.data_rate=3.2 Gb/s"});
  EXPECT_EQ(explained("aipu.hbm.data_rate", board),
            "aipu.hbm.data_rate\n"
            "  of one data pin\n"
            "  type     data rate\n"
            "  units    b/s, kb/s, Mb/s, Gb/s, Tb/s\n"
            "  valid    200 Mb/s..20 Gb/s\n"
            "  default  3.6 Gb/s\n"
            "  value    3.2 Gb/s\n");
}

TEST(ExplainTest, AGroupListsItsKeys) {
  EXPECT_THAT(explained("aipu.sram"), HasSubstr("aipu.sram.core_size"));
  EXPECT_THAT(explained("aipu.hbm"), HasSubstr("rule: capacity must be a whole number"));
  EXPECT_THAT(explained(""), HasSubstr("simulation.seed"));
}

TEST(ExplainTest, AnUnknownKeyNamesTheNearest) {
  try {
    explained("hbm.data_rate");
    FAIL() << "accepted";
  } catch (const UserError& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_STREQ(error.what(), "unknown key 'hbm.data_rate'; did you mean 'aipu.hbm.data_rate'?");
  }
}

TEST(ExplainTest, TheJsonSchemaIsClosedAndComplete) {
  std::ostringstream out;
  explain_schema(out);
  const auto json = nlohmann::json::parse(out.str());
  EXPECT_EQ(json["$schema"], "http://json-schema.org/draft-07/schema#");
  EXPECT_EQ(json["additionalProperties"], false);
  EXPECT_EQ(json["properties"]["aipus"]["maximum"], 4096);
  for (const std::string& name : key_names()) {
    nlohmann::json::json_pointer at;
    std::istringstream parts(name);
    for (std::string part; std::getline(parts, part, '.');)
      at = at / "properties" / part;
    EXPECT_TRUE(json.contains(at)) << name;
    EXPECT_FALSE(json[at]["description"].get<std::string>().empty()) << name;
    if (json[at].contains("pattern")) {
      const std::regex pattern(json[at]["pattern"].get<std::string>());
      EXPECT_TRUE(std::regex_match(json[at]["default"].get<std::string>(), pattern)) << name;
    }
  }
}

}  // namespace
}  // namespace aipu::config
