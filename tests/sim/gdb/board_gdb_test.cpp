// SPDX-License-Identifier: Apache-2.0
// `hc1000 run` and `generate` under Debian's gdb-multiarch, on a chip of two cores.
#include <chrono>
#include <csignal>
#include <gmock/gmock.h>

#include "tests/sim/gdb/debugged_program.h"

namespace aipu {
namespace {

using testing::HasSubstr;
using testing::Not;

class BoardGdbTest : public test::DebuggedProgramTest {
 protected:
  static std::vector<std::string> small_run(const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"run",          "--model", "stories260k", "--aipus", "1",
                                   "--context",    "8",       "--layers",    "1",       "--set",
                                   "aipu.cores=2", "-o",      "folder",      "--force"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// The figures of the run: everything but the command and what the host spent.
  std::string figures() const {
    std::string kept;
    const std::string text = test::read_file(file("folder/summary.json"));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string line = text.substr(at, end - at);
      if (line.find("\"command\"") == std::string::npos && line.find("host") == std::string::npos)
        kept += line + "\n";
      at = end + 1;
    }
    return kept;
  }
};

TEST_F(BoardGdbTest, HartsAreThreadsWithNamesAndStates) {
  start(small_run());
  const std::string log = gdb(file("folder/core.elf"), {"info threads",
                                                        "break main",
                                                        "continue",
                                                        "thread 2",
                                                        "continue",
                                                        "thread apply all -s print $mhartid",
                                                        "info registers pc",
                                                        "next",
                                                        "next",
                                                        "step",
                                                        "monitor harts",
                                                        "monitor queues",
                                                        "monitor time",
                                                        "monitor scope",
                                                        "x/2xw 0x80000000",
                                                        "monitor hbm 0 16",
                                                        "x/2xw 0x02000000",
                                                        "delete",
                                                        "monitor waits",
                                                        "detach"});
  EXPECT_THAT(log, HasSubstr("Thread 2 \"aipu0.core1\" (running)"));
  EXPECT_THAT(log, HasSubstr("Thread 3 \"aipu0.control\" (running)"));
  EXPECT_THAT(log, HasSubstr("Thread 1 \"aipu0.core0\" hit Breakpoint 1, main ()"));
  EXPECT_THAT(log, HasSubstr("Thread 2 \"aipu0.core1\" hit Breakpoint 1, main ()"));
  EXPECT_THAT(log, Not(HasSubstr("\"aipu0.control\" hit")));
  EXPECT_THAT(log, HasSubstr("of 16 slots used"));
  EXPECT_THAT(log, HasSubstr("2 of 3 harts"));
  EXPECT_THAT(log, HasSubstr("0x2000000:\t0x00000000\t0x00000001")) << "AIPU 0, core 1";
  EXPECT_THAT(log, HasSubstr("0x80000000:\t0x"));
  EXPECT_EQ(wait(), 0);
}

TEST_F(BoardGdbTest, ADebuggerChangesNoFigureOfTheRun) {
  start(small_run());
  gdb(file("folder/core.elf"), {"continue"});
  EXPECT_EQ(wait(), 0);
  const std::string free = figures();
  start(small_run());
  const std::string log =
      gdb(file("folder/core.elf"),
          {"break main", "continue", "continue", "next", "stepi 20", "watch rt", "continue",
           "continue", "continue", "delete", "break hc_counter_wait", "continue", "continue",
           "step", "finish", "delete", "detach"});
  EXPECT_EQ(wait(), 0) << log;
  EXPECT_THAT(log, HasSubstr("hit Hardware watchpoint"));
  EXPECT_EQ(figures(), free);
  EXPECT_GT(free.size(), 1000U);
}

TEST_F(BoardGdbTest, AHangStopsWhereTheUserAsksForIt) {
  start(small_run({"--break-on-fault"}));
  // A core that sleeps in place of its program: the others wait for it. wfi; j back to it.
  const std::string log =
      gdb(file("folder/core.elf"),
          {"monitor scope aipu0.core1", "break main", "continue", "set {int}$pc = 0x10500073",
           "set {int}($pc + 4) = 0xffdff06f", "delete", "continue", "info threads", "continue"});
  EXPECT_THAT(log, HasSubstr("1 of 3 harts"));
  EXPECT_THAT(log, HasSubstr("hang: nothing is left to happen"));
  EXPECT_THAT(log, HasSubstr("received signal SIGTRAP"));
  EXPECT_THAT(log, HasSubstr("\"aipu0.core1\" (wfi)"));
  EXPECT_THAT(log, HasSubstr("\"aipu0.core0\" (queue full)"));
  EXPECT_THAT(log, HasSubstr("exited with code 03"));
  EXPECT_EQ(wait(), 3);
}

TEST_F(BoardGdbTest, KillEndsTheRunAsInterrupted) {
  start(small_run());
  gdb(file("folder/core.elf"), {"break main", "continue", "kill"});
  EXPECT_EQ(wait(), 130);
  EXPECT_THAT(err(), HasSubstr("killed by the debugger"));
}

TEST_F(BoardGdbTest, TheUsersInterruptEndsAProgramThatWaitsForItsDebugger) {
  start(small_run());
  send_signal(SIGINT);
  EXPECT_EQ(wait(), 130);
}

TEST_F(BoardGdbTest, GenerateStopsInItsFirmwareAndStillWritesTheText) {
  test::TinyModelOptions model;
  model.layers = 1;
  test::write_tiny_model(file("model"), model);
  start({"generate", "model", "--prompt", "ab", "--tokens", "1", "--aipus", "1", "--set",
         "aipu.cores=2", "-o", "folder"});
  const std::string log =
      gdb(file("folder/core.elf"), {"break main", "continue", "next", "delete", "detach"});
  EXPECT_THAT(log, HasSubstr("hit Breakpoint 1, main ()"));
  EXPECT_EQ(wait(), 0) << err();
}

TEST_F(BoardGdbTest, AttachingToAModuleOf528HartsIsQuick) {
  start({"run", "--model", "stories260k", "--context", "8", "--layers", "1", "--aipus", "16", "-o",
         "folder"});
  const auto begin = std::chrono::steady_clock::now();
  const std::string log = gdb(file("folder/core.elf"), {"info threads", "kill"});
  const auto spent = std::chrono::steady_clock::now() - begin;
  EXPECT_THAT(log, HasSubstr("528  Thread 528 \"aipu15.control\""));
  EXPECT_LT(spent, std::chrono::seconds(20));
  EXPECT_EQ(wait(), 130);
}

}  // namespace
}  // namespace aipu
