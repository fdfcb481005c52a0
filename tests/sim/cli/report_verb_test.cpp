// SPDX-License-Identifier: Apache-2.0
// --profile, --trace and `report --firmware`, as a user meets them.
#include <gmock/gmock.h>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using test::small_run;
using testing::HasSubstr;
using Json = nlohmann::json;

class CliReportTest : public test::ProgramTest {
 protected:
  Outcome report(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"report", "--firmware"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(CliReportTest, AProfileAddsFilesAndChangesNoResult) {
  ASSERT_EQ(run(small_run({"-o", "plain"})).code, 0);
  ASSERT_EQ(run(small_run({"--profile", "-o", "profiled"})).code, 0);
  ASSERT_EQ(run(small_run({"--trace", "-o", "traced"})).code, 0);

  EXPECT_FALSE(exists("plain/profile.json"));
  EXPECT_TRUE(exists("profiled/profile.json") && exists("profiled/commands.csv"));
  EXPECT_FALSE(exists("profiled/trace.pftrace.gz"));
  EXPECT_TRUE(exists("traced/profile.json") && exists("traced/trace.pftrace.gz"));
  Json plain = Json::parse(read("plain/summary.json"));
  Json profiled = Json::parse(read("profiled/summary.json"));
  EXPECT_THAT(profiled.dump(), HasSubstr("--profile"));  // the command, which is all that differs
  const Json changes = Json::diff(plain, profiled);
  ASSERT_EQ(changes.size(), 1U) << changes;
  EXPECT_THAT(changes[0]["path"].get<std::string>(), HasSubstr("command"));
}

TEST_F(CliReportTest, NamesTheHotFunctionsOfARun) {
  ASSERT_EQ(run(small_run({"--profile", "-o", "out"})).code, 0);
  const Outcome text = report({"out", "--core", "aipu0.core*", "--top", "3"});

  EXPECT_EQ(text.code, 0);
  for (const char* part : {"32 of 33 cores", "Hot functions", "kernel_gemm", "Where harts wait",
                           "Engines", "Overlap", "Hart-bound", "more (--top)"}) {
    EXPECT_THAT(text.out, HasSubstr(part));
  }
  const Json json = report({"out", "--json"}).json();
  const Json profile = Json::parse(read("out/profile.json"));
  std::uint64_t instructions = 0;
  for (const Json& core : profile["cores"]) {
    if (!core["control"].get<bool>())
      instructions += core["hart"]["instructions"].get<std::uint64_t>();
  }
  EXPECT_EQ(json["classes"][0]["hart"]["instructions"].get<std::uint64_t>(), instructions);
}

TEST_F(CliReportTest, ALimitIsSaidInTheReport) {
  ASSERT_EQ(run(small_run({"--profile", "--profile-limit", "10", "-o", "out"})).code, 0);
  EXPECT_THAT(report({"out"}).out, HasSubstr("(--profile-limit 10)"));
}

TEST_F(CliReportTest, MistakesAreSaidInOneLine) {
  ASSERT_EQ(run(small_run({"-o", "out"})).code, 0);
  expect_refused(report({"out"}), 2, "out: has no profile.json; repeat its run with --profile");
  expect_refused(report({"nowhere"}), 2, "nowhere: is no run folder");
  expect_refused(run({"report", "out"}), 2, "--firmware");
  test::write_file(file("out/profile.json"), "{");
  expect_refused(report({"out"}), 2, "out/profile.json: is no profile of this program");
}

TEST_F(CliReportTest, CoresThatAreNotThereAreRefusedBeforeAnythingIsWritten) {
  expect_refused(small_run({"--profile-cores", "core0", "-o", "out"}), 2,
                 "'core0' names no core; cores are aipu0.core0 to aipu0.core31");
}

TEST_F(CliReportTest, AProfileOfAKernelHasAFolder) {
  const Outcome result =
      run({"kernel", "stream", "--with", "kib=1024", "--set", "aipu.cores=2", "--set",
           "simulation.memory=fast", "--with", "cores=2", "--trace", "-o", "out"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(exists("out/profile.json") && exists("out/trace.pftrace.gz"));
  EXPECT_THAT(report({"out"}).out, HasSubstr("3 of 3 cores"));
  expect_refused(run({"kernel", "--all", "--profile"}), 2, "a profile is of one kernel");
}

}  // namespace
}  // namespace aipu
