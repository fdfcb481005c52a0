// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/session.h"

#include <gtest/gtest.h>

#include "tests/sim/debug/fakes.h"

namespace aipu::debug {
namespace {

class SessionTest : public testing::Test {
 protected:
  test::FakeTarget target;
  test::FakeChannel channel;
  bool interrupted = false;
  std::vector<std::string> said;
  Session session{target, channel, [this] { return interrupted; },
                  [this](const std::string& line) { said.push_back(line); }};
};

TEST_F(SessionTest, EveryPacketIsAcknowledgedUntilTheDebuggerWantsItNoMore) {
  channel.packet("qC");
  channel.packet("QStartNoAckMode");
  channel.packet("qC");
  channel.packet("c");
  session.attach();
  EXPECT_EQ(channel.output, "+" + frame("QC1") + "+" + frame("OK") + frame("QC1"));
  EXPECT_TRUE(session.attached());
}

TEST_F(SessionTest, ADamagedPacketIsAskedForAgain) {
  channel.input = {"$qC#00"};
  channel.packet("qC");
  channel.input.push_back("-");  // ours was damaged, too
  channel.packet("c");
  session.attach();
  EXPECT_EQ(channel.output, "-+" + frame("QC1") + frame("QC1") + "+");
}

TEST_F(SessionTest, WithoutAcknowledgementADamagedPacketIsAnError) {
  channel.packet("QStartNoAckMode");
  channel.input.push_back("$qC#00");
  channel.packet("c");
  session.attach();
  EXPECT_EQ(channel.output, "+" + frame("OK") + frame("E01"));
}

TEST_F(SessionTest, ATooLongPacketIsAnError) {
  channel.packet(std::string(kPacketBytes + 1, 'm'));
  channel.packet("c");
  session.attach();
  EXPECT_EQ(channel.output, "+" + frame("E01") + "+");
}

TEST_F(SessionTest, AStopIsToldOnlyToADebuggerThatIsThere) {
  session.stopped({});
  EXPECT_EQ(channel.output, "");
  channel.packet("c");
  channel.packet("c");
  session.attach();
  channel.taken();
  session.stopped({});
  EXPECT_EQ(channel.taken().substr(0, 4), "$T05");
}

TEST_F(SessionTest, CtrlCStopsTheSelectedHart) {
  channel.closes = false;
  channel.packet("Hg2");
  channel.packet("c");
  session.attach();
  channel.taken();
  session.poll();
  EXPECT_EQ(channel.taken(), "");
  channel.input = {"\x03"};
  channel.packet("c");
  session.poll();
  EXPECT_EQ(channel.taken().substr(0, 15), "$T02thread:2;02");
}

TEST_F(SessionTest, DetachingLetsTheRunGoOnAndAnotherDebuggerIn) {
  channel.packet("D");
  session.attach();
  EXPECT_FALSE(session.attached());
  EXPECT_FALSE(session.killed());
  EXPECT_EQ(target.released, 1);
  EXPECT_EQ(channel.taken(), "+" + frame("OK"));
  ASSERT_EQ(said.size(), 1U);
  channel.pending = true;
  channel.packet("c");
  session.poll();
  EXPECT_TRUE(session.attached());
  EXPECT_EQ(target.attached, 2);
}

TEST_F(SessionTest, AClosedLineLetsTheRunGoOn) {
  channel.packet("Z0,1004,2");
  session.attach();  // returns: the script is over, the line closed
  EXPECT_FALSE(session.attached());
  EXPECT_EQ(target.released, 1);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("the run goes on"), std::string::npos);
}

TEST_F(SessionTest, ALineThatClosesWhileTheMachineRunsIsNoticed) {
  channel.packet("c");
  session.attach();
  session.poll();
  EXPECT_FALSE(session.attached());
  EXPECT_EQ(target.released, 1);
}

TEST_F(SessionTest, KillEndsTheRun) {
  channel.packet("k");
  session.attach();
  EXPECT_TRUE(session.killed());
  EXPECT_EQ(target.released, 1);
}

TEST_F(SessionTest, TheUsersInterruptEndsTheWaiting) {
  interrupted = true;
  channel.pending = false;
  session.attach();
  EXPECT_FALSE(session.attached());
  channel.pending = true;
  session.attach();  // connected, but silent
  EXPECT_FALSE(session.attached());
}

TEST_F(SessionTest, AnInterruptEndsAnEndlessRange) {
  channel.closes = false;
  channel.packet("vCont;r0,1000:1;c");
  session.attach();
  Stop step;
  step.step = true;
  session.stopped(step);
  session.stopped(step);
  EXPECT_EQ(target.stepped.size(), 3U);
  channel.taken();
  channel.input = {"\x03"};
  channel.packet("c");
  session.stopped(step);
  EXPECT_EQ(channel.taken().substr(0, 4), "$T05");
}

TEST_F(SessionTest, AHartThatGoesAloneIsGivenUpBeforeAnotherStopIsTold) {
  channel.packet("vCont;c:2");
  channel.packet("vCont;C10:2;c");
  channel.packet("c");
  session.attach();
  channel.taken();
  EXPECT_TRUE(target.passes[1]);
  Stop stop;
  stop.hart = 2;
  session.stopped(stop);
  const std::string sent = channel.taken();
  const auto first = sent.find("$T10thread:2;"), second = sent.find("$T05thread:3;");
  EXPECT_LT(first, second);
  EXPECT_NE(second, std::string::npos) << sent;
  EXPECT_FALSE(target.passes[1]) << "the debugger has a breakpoint there to take up from";
}

TEST_F(SessionTest, TheEndOfTheRunIsTold) {
  channel.packet("c");
  session.attach();
  channel.taken();
  session.ended(3);
  EXPECT_EQ(channel.output, frame("W03"));
  EXPECT_FALSE(session.attached());
}

}  // namespace
}  // namespace aipu::debug
