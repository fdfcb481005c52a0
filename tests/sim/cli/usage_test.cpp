// SPDX-License-Identifier: Apache-2.0
// What the command line refuses, and how it says so.
#include <fmt/format.h>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using testing::Test;
using Words = std::vector<std::string>;

class CliUsageTest : public test::ProgramTest {};

TEST_F(CliUsageTest, MistypedNamesGetTheNearestOneAndTheWayToTheHelp) {
  expect_refused({"rum"}, 2, "unknown verb 'rum'; did you mean 'run'? Try 'hc1000 --help'");
  expect_refused({"--versoin"}, 2, "did you mean '--version'?");
  expect_refused(test::small_run({"--bacth", "2"}), 2,
                 "unknown option '--bacth'; did you mean '--batch'? Try 'hc1000 run --help'");
  expect_refused({"run", "--model", "stories260k", "--phase", "decod"}, 2,
                 "did you mean 'decode'?");
  expect_refused(test::small_run({"--set", "aipu.hbm.stack=2"}), 2,
                 "did you mean 'aipu.hbm.stacks'?");
  expect_refused({"explain", "aipu.hbm.data_rat"}, 2, "did you mean 'aipu.hbm.data_rate'?");
}

TEST_F(CliUsageTest, OptionNamesAreNotGuessed) {
  expect_refused({"run", "--mod", "stories260k"}, 2, "unknown option '--mod'");
}

TEST_F(CliUsageTest, EveryNumberIsChecked) {
  for (const char* option : {"--batch", "--context", "--aipus", "--layers"}) {
    for (const char* value : {"0", "-1", "99999999999999999999", "many", "", "1.5", "2 "}) {
      Words words{"run", "--model", "stories260k", option, value};
      expect_refused(words, 2, fmt::format("{} ", option));
    }
  }
  expect_refused({"hart", "none.elf", "--max-instructions", "0"}, 2, "not a whole number");
}

TEST_F(CliUsageTest, MissingThingsAreNamed) {
  expect_refused({"run"}, 2, "option '--model' is missing");
  expect_refused({"run", "--model"}, 2, "option '--model' needs a value");
  expect_refused({"generate"}, 2, "DIR is missing");
  expect_refused({"hart"}, 2, "FILE.elf is missing");
  expect_refused(test::small_run({"more"}), 2, "'more' is one argument too many");
  expect_refused(test::small_run({"--aipus", "2"}), 2, "option '--aipus' is given twice");
}

TEST_F(CliUsageTest, ABoardHasSoManyAipusAndNoMore) {
  for (const char* part : {"17", "20", "33", "257"}) {
    expect_refused({"run", "--model", "stories260k", "--aipus", part}, 2,
                   "aipus must be part of one module or whole modules");
  }
  for (const char* none : {"0", "4096", "-16", "x"})
    expect_refused({"run", "--model", "stories260k", "--aipus", none}, 2, "1..4095");
}

TEST_F(CliUsageTest, APlanMustFitModelAndBoard) {
  const Words base{"run", "--model", "stories260k", "--context", "8"};
  const auto with = [&](const char* aipus, const char* plan) {
    Words words = base;
    words.insert(words.end(), {"--aipus", aipus, "--plan", plan});
    return words;
  };
  expect_refused(with("3", "tp=3"), 2, "do not divide over 3 ranks; valid tp: 1, 2, 4, 8");
  expect_refused(with("16", "tp=2"), 2, "makes 2 AIPUs, but the run has 16");
  expect_refused(with("16", "tp=2,pp=8"), 2, "8 stages for 5 layers");
  expect_refused(with("2", "tq=2"), 2, "is not tp=N or pp=N");
}

TEST_F(CliUsageTest, WhatDoesNotFitSaysByHowMuchAndWhatWould) {
  expect_refused({"run", "--model", "llama-3.1-70b", "--aipus", "1", "--context", "8"}, 2,
                 "too many");
  expect_refused(
      {"run", "--model", "llama-3.1-8b", "--aipus", "4", "--batch", "64", "--context", "32768"}, 2,
      "64 sequences of 30");
  expect_refused({"run", "--model", "stories260k", "--context", "513"}, 2,
                 "limited to 512 positions");
  expect_refused({"run", "--model", "llama-3.1-8b", "--phase", "prefill", "--context", "131072"}, 2,
                 "launch entries");
  expect_refused(test::small_run({"--set", "aipu.sram.core_size=512 KiB"}), 2,
                 "too small for the firmware");
}

TEST_F(CliUsageTest, ConfigurationIsCheckedBeforeAnythingIsWritten) {
  expect_refused(test::small_run({"--set", "aipu.hbm.stacks=99"}), 2,
                 "99 is out of range; valid: 1..16");
  expect_refused(test::small_run({"--set", "aipu.clock=1"}), 2, "aipu.clock");
  expect_refused(test::small_run({"--config", "none.yaml"}), 4, "none.yaml");
}

TEST_F(CliUsageTest, UnknownModelsListThePresets) {
  expect_refused({"run", "--model", "llama-9"}, 4, "llama-3.1-8b");
}

TEST_F(CliUsageTest, EveryVerbHasHelpWithExamples) {
  const Outcome overview = run({"--help"});
  EXPECT_EQ(overview.code, 0);
  for (const char* verb :
       {"run", "generate", "explain", "hart", "exec", "new-kernel", "hbm", "doctor"}) {
    EXPECT_NE(overview.out.find(verb), std::string::npos);
    const Outcome help = run({verb, "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_NE(help.out.find(fmt::format("Usage: hc1000 {}", verb)), std::string::npos);
    EXPECT_NE(help.out.find("Examples:\n  hc1000 "), std::string::npos) << help.out;
  }
  EXPECT_EQ(run({}).code, 2);
  EXPECT_EQ(run({"--version"}).out.rfind("hc1000 ", 0), 0U);
}

TEST_F(CliUsageTest, DoctorNamesCompilerAndSystemC) {
  const Outcome result = run({"doctor"});
  EXPECT_NE(result.out.find("SystemC"), std::string::npos);
  EXPECT_NE(result.out.find("firmware compiler"), std::string::npos);
}

TEST_F(CliUsageTest, ExplainPrintsKeysAndSchema) {
  EXPECT_NE(run({"explain", "aipu.hbm.data_rate"}).out.find("3.6 Gb/s"), std::string::npos);
  EXPECT_NE(
      run({"explain", "aipu.hbm.stacks", "--set", "aipu.hbm.stacks=2"}).out.find("value    2"),
      std::string::npos);
  EXPECT_EQ(run({"explain", "--schema"}).json().at("type"), "object");
}

TEST_F(CliUsageTest, ForeignExecutablesAreRefused) {
  expect_refused({"hart", AIPU_PROGRAM}, 2, "is not RISC-V");
  expect_refused({"hart", "none.elf"}, 4, "none.elf");
  expect_refused(test::small_run({"--firmware", "none"}), 4, "none/core.elf");
}

}  // namespace
}  // namespace aipu
