// SPDX-License-Identifier: Apache-2.0
// `hc1000 fabric --flows` as a user starts it.
#include <fmt/format.h>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using Words = std::vector<std::string>;

class CliFabricFlowsTest : public test::ProgramTest {
 protected:
  Outcome flows(const std::string& text, const Words& more = {}) const {
    test::write_file(file("f.csv"), text);
    Words words{"fabric", "--topology", "switch:16", "--flows", "f.csv"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(CliFabricFlowsTest, AFlowAloneHasItsIdealTime) {
  const auto json =
      flows("source,destination,bytes,start_ns\n0,5,2000000,100\n", {"--json"}).json();
  // 3907 headers and 125000 flits of payload behind two links and a pipeline.
  const double us = (98 + 4 + 98 + 3907 + 125'000 - 1) * 1.28e-3;
  EXPECT_NEAR(json.at("fct_mean_us").get<double>(), us, 1e-5);
  EXPECT_EQ(json.at("fct_max_us"), json.at("fct_mean_us"));
  EXPECT_EQ(json.at("slowdown_max"), 1);
  EXPECT_EQ(json.at("flows"), 1);
  EXPECT_EQ(json.at("bytes"), 2'000'000);
  ASSERT_EQ(json.at("per_flow").size(), 1U);
  const auto& flow = json.at("per_flow")[0];
  EXPECT_EQ(flow.at("source"), 0);
  EXPECT_EQ(flow.at("destination"), 5);
  EXPECT_EQ(flow.at("start_ns"), 100);
  EXPECT_EQ(flow.at("fct_us"), flow.at("ideal_us"));
}

TEST_F(CliFabricFlowsTest, SeveralToOneNodeTakeAsLongAsTheirSum) {
  std::string text;
  for (int i = 1; i < 9; ++i)
    text += fmt::format("{},0,102400,0\n", i);
  const auto json = flows(text, {"--json"}).json();
  EXPECT_NEAR(json.at("fct_max_us").get<double>(), (200 + 8 * 200 * 33 - 1) * 1.28e-3, 1e-5);
  EXPECT_GT(json.at("slowdown_max").get<double>(), 7);
  for (const char* key : {"fct_p50_us", "fct_p95_us", "fct_p99_us", "slowdown_p50", "gbytes_per_s"})
    EXPECT_TRUE(json.at(key).is_number()) << key;
}

TEST_F(CliFabricFlowsTest, CorruptedFlitsAreSentAgain) {
  const auto json = flows("0,5,2000000,0\n", {"--flit-errors", "100000", "--json"}).json();
  EXPECT_EQ(json.at("flit_errors"), 100'000);
  EXPECT_GT(json.at("repeats").get<int>(), 0);
  EXPECT_GT(json.at("slowdown_max").get<double>(), 1);
}

TEST_F(CliFabricFlowsTest, TheVerdictIsInTheFirstLine) {
  const Outcome result = flows("0,1,512,0\n");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out.rfind("1 flow in 0.297 us, ", 0), 0U) << result.out;
}

TEST_F(CliFabricFlowsTest, MistakesAreNamedWithTheirLine) {
  expect_refused(flows("0,1,2\n"), 2, "f.csv:1: 3 columns");
  expect_refused(flows("0,1,2,3\n0,16,2,3\n"), 2, "f.csv:2: destination '16'");
  expect_refused(flows("# nothing\n"), 2, "f.csv: no flow in it");
  expect_refused(flows("source,bytes,destination,start_ns\n0,1,2,3\n"), 2, "f.csv:1: header");
  EXPECT_EQ(run({"fabric", "--flows", "none.csv"}).code, 4);
}

TEST_F(CliFabricFlowsTest, OptionsOfALoadAreRefused) {
  for (const Words& more : {Words{"--load", "0.5"}, Words{"--traffic", "uniform"},
                            Words{"--sweep", "0.1:0.2:0.1"}, Words{"--cycles", "100"}})
    expect_refused(flows("0,1,2,3\n", more), 2, "does not go with --flows");
  expect_refused(flows("0,1,2,3\n", {"--bytes", "3"}), 2, "--bytes goes with --collective only");
  expect_refused(flows("0,1,2,3\n", {"--packet-flits", "1"}), 2, "--packet-flits 2 or more");
}

}  // namespace
}  // namespace aipu
