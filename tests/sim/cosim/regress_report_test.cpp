// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/regress_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace aipu::test {
namespace {

using cosim::Regression;
using cosim::RegressRun;
using testing::HasSubstr;

/// A run of each outcome; the texts hold what mark-up would trip over.
Regression one_of_each() {
  Regression regression;
  regression.plan.seeds = 4;
  const auto add = [&](RegressRun::Outcome outcome, const std::string& what) {
    RegressRun run;
    run.ports = 4;
    run.speedup = 1;
    run.seed = regression.runs.size() + 1;
    run.outcome = outcome;
    run.what = what;
    run.replay = "hc1000 cosim regress --ports 4";
    regression.runs.push_back(run);
  };
  add(RegressRun::Outcome::kEqual, "");
  regression.runs.back().result = {100, 10, 10, 50, {100, 0, 0, 0}};
  add(RegressRun::Outcome::kDifferent, "lockstep: a <b> & \"c\" \x01\nsecond line");
  add(RegressRun::Outcome::kLost, "its process ended by signal 9");
  add(RegressRun::Outcome::kSkipped, "the time limit was over");
  return regression;
}

TEST(RegressReportTest, TheTableCountsAndTellsEveryFailure) {
  const std::string table = cosim::table_of(one_of_each());
  EXPECT_THAT(table, HasSubstr("3 runs, 10 packets, 100 flits, 50 clocks of the RTL: 1 difference, "
                               "1 without an answer, 1 not run (time limit)"));
  EXPECT_THAT(table, HasSubstr("again with: hc1000 cosim regress --ports 4"));
}

TEST(RegressReportTest, JUnitHasASuiteWithCountsAndEscapesTexts) {
  const std::string xml = cosim::junit_of(one_of_each());
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"cosim.ports4.speedup1\" tests=\"4\" failures=\"1\" "
                             "errors=\"1\" skipped=\"1\">"));
  EXPECT_THAT(xml, HasSubstr("message=\"lockstep: a &lt;b&gt; &amp; &quot;c&quot; ?\""));
  EXPECT_EQ(xml.find('\x01'), std::string::npos);
}

TEST(RegressReportTest, JsonHasTheSameFigures) {
  const auto json = nlohmann::json::parse(cosim::json_of(one_of_each()));
  EXPECT_EQ(json["total"]["flits"], 100);
  EXPECT_EQ(json["total"]["differences"], 1);
  EXPECT_EQ(json["failed"].size(), 2U);
  EXPECT_EQ(json["failed"][1]["outcome"], "lost");
}

TEST(RegressReportTest, ThePageNeedsNothingElse) {
  const std::string html = cosim::html_of(one_of_each());
  EXPECT_EQ(html.find("http"), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_THAT(html, HasSubstr("a &lt;b&gt;"));
}

}  // namespace
}  // namespace aipu::test
