// SPDX-License-Identifier: Apache-2.0
// `hc1000 fabric --collective` as a user starts it.

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using Words = std::vector<std::string>;

class CliCollectiveTest : public test::ProgramTest {
 protected:
  Outcome collective(const std::string& kind, const Words& more) const {
    Words words{"fabric", "--collective", kind, "--aipus", "2"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(CliCollectiveTest, BytesTakeUnitsAsAConfigurationDoes) {
  for (const char* size : {"4096", "4 KiB", "4KiB", "4096 B"}) {
    const Outcome result = collective("allreduce", {"--bytes", size, "--json"});
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.json().at("bytes"), 4096) << size;
    EXPECT_EQ(result.json().at("correct"), true) << size;
  }
}

TEST_F(CliCollectiveTest, SizesAreChecked) {
  for (const char* size : {"", "-4", "1e6", "nan", "1 MB", "1XiB", "0.3 KiB", "0", "2 GiB",
                           "99999999999999999999", "KiB"})
    expect_refused(collective("allreduce", {"--bytes", size}), 2, "--bytes");
  expect_refused(collective("allreduce", {"--bytes", "6"}), 2, "no whole number of elements");
  expect_refused(collective("dispatch", {"--bytes", "64KiB", "--row", "1MiB"}), 2, "--row");
}

TEST_F(CliCollectiveTest, WhatACollectiveHasNoUseForIsRefused) {
  const Words bytes{"--bytes", "64"};
  const auto with = [&](const std::string& option, const std::string& value) {
    return Words{"--bytes", "64", option, value};
  };
  expect_refused(collective("allgather", with("--dtype", "bf16")), 2, "--dtype goes with");
  expect_refused(collective("alltoall", with("--algorithm", "ring")), 2, "--algorithm goes with");
  expect_refused(collective("allreduce", with("--root", "1")), 2, "--root goes with");
  expect_refused(collective("allreduce", with("--row", "64")), 2, "--row goes with");
  expect_refused(collective("allreduce", with("--set", "aipus=8")), 2, "--aipus says how many");
  expect_refused(collective("barrier", bytes), 2, "--bytes does not go with");
}

TEST_F(CliCollectiveTest, AnInterruptSaysThatNothingIsReported) {
  test::write_file(file("now"), "x");
  const Outcome result =
      run({"fabric", "--collective", "allreduce", "--bytes", "64MiB", "--repeat", "100"},
          {"now", std::chrono::milliseconds(500)});
  EXPECT_EQ(result.code, 130) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("interrupted; nothing is reported"), std::string::npos) << result.err;
}

TEST_F(CliCollectiveTest, OptionsOfACollectiveNeedOne) {
  for (const Words& option : {Words{"--bytes", "64"}, Words{"--aipus", "4"},
                              Words{"--algorithm", "ring"}, Words{"--config", "aipu"}}) {
    Words words{"fabric", "--load", "0.5"};
    words.insert(words.end(), option.begin(), option.end());
    expect_refused(run(words), 2, "goes with --collective only");
  }
}

}  // namespace
}  // namespace aipu
