// SPDX-License-Identifier: Apache-2.0
// `hc1000 hart --gdb` with Debian's gdb-multiarch, and with a debugger that misbehaves.
#include <chrono>
#include <cstdlib>
#include <gmock/gmock.h>
#include <thread>

#include "tests/sim/gdb/debugged_program.h"

namespace aipu {
namespace {

using testing::HasSubstr;
using testing::Not;

class HartGdbTest : public test::DebuggedProgramTest, public testing::WithParamInterface<int> {
 protected:
  static std::string guest(int xlen) {
    return std::string(GUESTS) + "/guest" + std::to_string(xlen) + ".elf";
  }
};

class BothWidths : public HartGdbTest {
 protected:
  std::string guest() const { return HartGdbTest::guest(GetParam()); }
};

INSTANTIATE_TEST_SUITE_P(Xlen, BothWidths, testing::Values(32, 64));

TEST_P(BothWidths, BreakStepNextFinishPrintAndDetach) {
  start({"hart", guest()});
  const std::string log =
      gdb(guest(), {"break square", "continue", "print x", "backtrace", "next", "print result",
                    "finish", "next", "print sum", "stepi", "info threads", "print/x $misa",
                    "print $mcause", "x/4dw &table", "monitor time", "detach"});
  EXPECT_THAT(log, HasSubstr("Breakpoint 1, square (x=1)"));
  EXPECT_THAT(log, HasSubstr("#1  "));
  EXPECT_THAT(log, HasSubstr("$2 = 1"));
  EXPECT_THAT(log, HasSubstr("Value returned is $3 = 1"));
  EXPECT_THAT(log, HasSubstr("\"hart\" (running)"));
  EXPECT_THAT(log, HasSubstr(GetParam() == 32 ? "= 0x40001105" : "= 0x8000000000001105"));
  EXPECT_THAT(log, HasSubstr("$6 = 0"));
  EXPECT_THAT(log, HasSubstr(":\t11\t22\t33\t44"));
  EXPECT_THAT(log, HasSubstr("cycles"));
  EXPECT_EQ(wait(), 0);
  EXPECT_THAT(out(), HasSubstr("pass:"));
  EXPECT_THAT(err(), HasSubstr("has detached; the run goes on"));
}

TEST_P(BothWidths, AWatchpointShowsOldAndNewValue) {
  start({"hart", guest()});
  const std::string log =
      gdb(guest(), {"watch watched", "continue", "continue", "continue", "delete",
                    "rwatch fault_wanted", "continue", "delete", "continue"});
  EXPECT_THAT(log, HasSubstr("Old value = 0\nNew value = 1"));
  EXPECT_THAT(log, HasSubstr("Old value = 1\nNew value = 5"));
  EXPECT_THAT(log, HasSubstr("Old value = 5\nNew value = 14"));
  EXPECT_THAT(log, HasSubstr("Hardware read watchpoint 2: fault_wanted"));
  EXPECT_THAT(log, HasSubstr("exited normally"));
  EXPECT_EQ(wait(), 0);
}

TEST_P(BothWidths, WhatIsWrittenIsWhatTheProgramFinds) {
  start({"hart", guest()});
  const std::string log =
      gdb(guest(), {"break square if x == 2", "continue", "set var x = 7", "delete",
                    "set $mscratch = 0x55", "print $mscratch", "continue"});
  EXPECT_THAT(log, HasSubstr("square (x=2)"));
  EXPECT_THAT(log, HasSubstr("$1 = 85"));
  EXPECT_EQ(wait(), 1) << out();
}

TEST_P(BothWidths, BreakOnFaultStopsAtTheFaultingInstruction) {
  start({"hart", guest(), "--break-on-fault"});
  const std::string log =
      gdb(guest(), {"break main", "continue", "set var fault_wanted = 1", "continue", "backtrace",
                    "print $mcause", "print/x $mtval", "continue"});
  EXPECT_THAT(log, HasSubstr("received signal SIGSEGV"));
  EXPECT_THAT(log, HasSubstr("touch_nothing ()"));
  EXPECT_THAT(log, HasSubstr("$1 = 7"));
  EXPECT_THAT(log, HasSubstr("$2 = 0x10"));
  EXPECT_THAT(log, HasSubstr("exited with code 01"));
  EXPECT_EQ(wait(), 1);
  EXPECT_THAT(err(), HasSubstr("unhandled trap"));
}

TEST_F(HartGdbTest, KillEndsTheProgramWithItsOwnExitCode) {
  start({"hart", guest(32)});
  gdb(guest(32), {"break square", "continue", "kill"});
  EXPECT_EQ(wait(), 130);
}

TEST_F(HartGdbTest, InstructionsAndCyclesAreThoseOfARunWithoutADebugger) {
  start({"hart", guest(32), "--json"});
  gdb(guest(32), {"continue"});
  EXPECT_EQ(wait(), 0);
  const auto counts = [](const std::string& json) {
    return json.substr(json.find("instructions"),
                       json.find("host_seconds") - json.find("instructions"));
  };
  const std::string free = counts(out());
  start({"hart", guest(32), "--json"});
  gdb(guest(32), {"break square", "watch watched", "continue", "next", "step", "step", "stepi 5",
                  "continue", "continue", "finish", "delete", "continue"});
  EXPECT_EQ(wait(), 0);
  EXPECT_EQ(counts(out()), free);
  EXPECT_THAT(free, HasSubstr("cycles"));
}

TEST_F(HartGdbTest, ADebuggerThatDiesLeavesTheRunGoingOn) {
  start({"hart", guest(32)});
  test::RawDebugger debugger(port());
  EXPECT_EQ(debugger.ask("?").substr(0, 3), "T05");
  debugger.send("$half a pack");
  debugger.close();
  EXPECT_EQ(wait(), 0);
  EXPECT_THAT(err(), HasSubstr("connection is closed; the run goes on"));
}

TEST_F(HartGdbTest, GarbageIsSurvivedAndCtrlCStopsAnEndlessLoop) {
  start({"hart", guest(32)});
  test::RawDebugger debugger(port());
  debugger.send("\x01\xff+-$$$#00garbage");
  EXPECT_EQ(debugger.packet(), "") << "the empty packet in the middle is one that nobody knows";
  debugger.send("$" + std::string(100'000, 'm') + "#00");
  EXPECT_EQ(debugger.ask("M80000000,4:6f000000"), "OK");  // j .
  debugger.send("$c#63");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  debugger.send("\x03");
  EXPECT_EQ(debugger.packet().substr(0, 3), "T02");
  debugger.close();
  test::RawDebugger second(port());
  std::string stop = second.ask("?");
  EXPECT_EQ(stop.substr(0, 3), "T05") << "another debugger may come";
  EXPECT_EQ(second.ask("m80000000,4"), "6f000000");
  second.send("$k#6b");
  EXPECT_EQ(wait(), 130);
}

TEST_F(HartGdbTest, BreakOnFaultAloneIsAMistake) {
  const std::string line = std::string(AIPU_PROGRAM) + " hart " + guest(32) +
                           " --break-on-fault 2> " + file("refused") + " > " + file("nothing");
  EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 2);
  EXPECT_THAT(test::read_file(file("refused")), HasSubstr("--break-on-fault needs --gdb"));
}

TEST_F(HartGdbTest, APortThatIsTakenIsRefusedInOneLine) {
  start({"hart", guest(32)});
  const std::string line = std::string(AIPU_PROGRAM) + " hart " + guest(32) + " --gdb " +
                           std::to_string(port()) + " 2> " + file("refused") + " > " +
                           file("nothing");
  EXPECT_EQ(WEXITSTATUS(std::system(line.c_str())), 4);
  EXPECT_THAT(test::read_file(file("refused")), HasSubstr("cannot listen on this port"));
}

}  // namespace
}  // namespace aipu
