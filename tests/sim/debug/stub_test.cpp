// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/stub.h"

#include <gtest/gtest.h>
#include <random>

#include "tests/sim/debug/fakes.h"

namespace aipu::debug {
namespace {

class StubTest : public testing::Test {
 protected:
  /// The reply to a packet that has just one.
  std::string ask(const std::string& packet) {
    const Answer answer = stub.handle(packet);
    return answer.replies.size() == 1 ? answer.replies.front()
                                      : std::to_string(answer.replies.size()) + " replies";
  }
  bool resumes(const std::string& packet) {
    return stub.handle(packet).action == Answer::Action::kResume;
  }

  test::FakeTarget target;
  Stub stub{target};
};

TEST_F(StubTest, UnknownPacketsGetAnEmptyReply) {
  for (const char* packet : {"", "!", "vFile:open", "qFoo", "QNonStop:1", "bs", "Z9,0,4", "Hx1"})
    EXPECT_EQ(ask(packet), "") << packet;
}

TEST_F(StubTest, MalformedPacketsGetAnError) {
  for (const char* packet : {"m",
                             "m1000",
                             "m1000,",
                             "m1000,zz",
                             "mfffffffffffffffff,4",
                             "m1000,0",
                             "M1000,2:1",
                             "p",
                             "pzz",
                             "P1",
                             "P1=12",
                             "G00",
                             "Z0",
                             "Z0,1000",
                             "Z2,1000,0",
                             "z2,",
                             "Hg99",
                             "T0",
                             "T9",
                             "vCont;",
                             "vCont;x",
                             "vCont;s:9",
                             "vCont;r1000",
                             "C",
                             "qRcmd,1",
                             "qThreadExtraInfo,",
                             "qXfer:features:read:target.xml:0",
                             "qXfer:threads:read::ffffff,1",
                             "X1000,4:ab"}) {
    EXPECT_EQ(ask(packet).substr(0, 1), "E") << packet;
  }
}

TEST_F(StubTest, NoPacketWhateverIsInItBreaksTheStub) {
  std::mt19937_64 random(1);
  const std::string letters = "?gGpPmMXZzHTvCcsSDkqQ0123456789abcdef,;:=#$-\x7f\xff";
  for (int i = 0; i < 50000; ++i) {
    std::string packet;
    for (std::uint64_t length = random() % 24; length != 0; --length)
      packet += letters[random() % letters.size()];
    stub.handle(packet);
  }
  EXPECT_EQ(ask("qC").substr(0, 2), "QC");
}

TEST_F(StubTest, RegistersAreThoseOfTheSelectedThread) {
  target.registers[1][5] = 0x12345678;
  EXPECT_EQ(ask("Hg2"), "OK");
  EXPECT_EQ(ask("p5"), "78563412");
  EXPECT_EQ(ask("g").substr(5 * 8, 8), "78563412");
  EXPECT_EQ(ask("g").size(), 33U * 8);
  EXPECT_EQ(ask("P20=00100000"), "OK");
  EXPECT_EQ(target.registers[1][32], 0x1000U);
  std::string all = ask("g");
  all.replace(8, 8, "ddccbbaa");
  EXPECT_EQ(ask("G" + all), "OK");
  EXPECT_EQ(target.registers[1][1], 0xaabbccddU);
  EXPECT_EQ(ask("pfff"), "E01");
}

TEST_F(StubTest, MemoryIsReadAsFarAsItGoes) {
  target.memory[62] = 0xab;
  EXPECT_EQ(ask("m103e,10"), "ab00");
  EXPECT_EQ(ask("m2000,4"), "E0e");
  EXPECT_EQ(ask("M1000,2:beef"), "OK");
  EXPECT_EQ(target.memory[0], 0xbe);
  EXPECT_EQ(ask(std::string("X1004,3:\x01\x00}", 11)), "OK");
  EXPECT_EQ(target.memory[6], '}');
  EXPECT_EQ(ask("X1000,0:"), "OK") << "how a debugger asks whether the packet is known";
  EXPECT_EQ(ask("M103f,2:beef"), "E0e");
}

TEST_F(StubTest, PointsReachTheTargetWhenItGoesOn) {
  EXPECT_EQ(ask("Z0,1004,2"), "OK");
  EXPECT_EQ(ask("Z1,1008,4"), "OK");
  EXPECT_EQ(ask("Z2,1010,4"), "OK");
  EXPECT_EQ(ask("Z4,1020,8"), "OK");
  EXPECT_TRUE(target.breakpoints.empty());
  EXPECT_TRUE(resumes("vCont;c"));
  EXPECT_EQ(target.breakpoints, (std::set<std::uint64_t>{0x1004, 0x1008}));
  ASSERT_EQ(target.watches.size(), 2U);
  EXPECT_FALSE(target.watches[0].read);
  EXPECT_TRUE(target.watches[1].read && target.watches[1].write);
  // As a debugger does at every stop: all out, then all in again.
  for (const char* packet : {"z0,1004,2", "z1,1008,4", "Z0,1004,2", "Z1,1008,4"})
    ask(packet);
  resumes("vCont;c");
  EXPECT_EQ(target.changes, 1);
  ask("z2,1010,4");
  ask("z0,1004,2");
  resumes("c");
  EXPECT_EQ(target.breakpoints, std::set<std::uint64_t>{0x1008});
  EXPECT_EQ(target.watches.size(), 1U);
}

TEST_F(StubTest, AStepOverABreakpointLeavesItToTheOtherHarts) {
  ask("Z0,1004,2");
  resumes("vCont;c");
  target.registers[1][32] = 0x1004;
  ask("z0,1004,2");
  EXPECT_TRUE(resumes("vCont;s:2"));
  EXPECT_EQ(target.breakpoints, std::set<std::uint64_t>{0x1004});
  EXPECT_EQ(target.stepped, std::vector<std::size_t>{1});
  EXPECT_TRUE(resumes("vCont;s:2;c")) << "the others go freely: it is gone for good";
  EXPECT_TRUE(target.breakpoints.empty());
}

TEST_F(StubTest, ARangeIsSteppedThroughWithoutTheDebugger) {
  EXPECT_TRUE(resumes("vCont;r1000,1010:2;c"));
  Stop stop;
  stop.hart = 1;
  stop.step = true;
  target.registers[1][32] = 0x1008;
  EXPECT_TRUE(stub.steps_on(stop));
  EXPECT_EQ(target.stepped, (std::vector<std::size_t>{1, 1}));
  target.registers[1][32] = 0x1010;
  EXPECT_FALSE(stub.steps_on(stop));
  target.registers[1][32] = 0x1008;
  EXPECT_FALSE(stub.steps_on(stop)) << "over since it was left";
}

TEST_F(StubTest, AStopNamesSignalThreadWatchAndPc) {
  target.registers[2][32] = 0x1234;
  Stop stop;
  stop.hart = 2;
  stop.watch = cpu::WatchRange{0x1010, 4, true, false};
  stop.watch_address = 0x1012;
  EXPECT_EQ(stub.stopped(stop),
            std::vector<std::string>{"T05rwatch:1012;thread:3;02:00000000;20:34120000;"});
  stop.watch.reset();
  stop.signal = Signal::kSegmentation;
  stop.note = "hi";
  EXPECT_EQ(stub.stopped(stop),
            (std::vector<std::string>{"O6869", "T0bthread:3;02:00000000;20:34120000;"}));
  EXPECT_EQ(ask("?"), "T0bthread:3;02:00000000;20:34120000;");
  EXPECT_EQ(ask("qC"), "QC3");
}

TEST_F(StubTest, ThreadsAreListedInBothWays) {
  EXPECT_EQ(ask("qfThreadInfo"), "m1,2,3");
  EXPECT_EQ(ask("qsThreadInfo"), "l");
  EXPECT_EQ(ask("T3"), "OK");
  const std::string xml = ask("qXfer:threads:read::0,1000");
  EXPECT_EQ(xml.front(), 'l');
  EXPECT_NE(xml.find("<thread id=\"3\" name=\"hart2\">a&lt;b &amp; &quot;c&quot;</thread>"),
            std::string::npos)
      << xml;
  const std::string first = ask("qXfer:threads:read::0,10"),
                    second = ask("qXfer:threads:read::10,1000");
  EXPECT_EQ(first.front(), 'm');
  EXPECT_EQ("l" + first.substr(1) + second.substr(1), xml);
  EXPECT_EQ(ask("qThreadExtraInfo,1").substr(0, 10), "6861727430");  // hart0
}

TEST_F(StubTest, TheDescriptionNamesTheRegistersOfTheXlen) {
  const std::string xml = target_xml(32), wide = target_xml(64);
  EXPECT_NE(xml.find("riscv:rv32"), std::string::npos);
  EXPECT_NE(wide.find("riscv:rv64"), std::string::npos);
  EXPECT_NE(xml.find("\"mcycleh\""), std::string::npos);
  EXPECT_EQ(wide.find("\"mcycleh\""), std::string::npos);
  EXPECT_NE(wide.find("name=\"mcause\" bitsize=\"64\""), std::string::npos);
  EXPECT_EQ(ask("qXfer:features:read:target.xml:0,4000").substr(1), xml);
}

TEST_F(StubTest, MonitorCommandsAnswerInPiecesThatFit) {
  const Answer answer = stub.handle("qRcmd,736179");  // say
  ASSERT_GT(answer.replies.size(), 2U);
  EXPECT_EQ(answer.replies.back(), "OK");
  std::size_t digits = 0;
  for (const std::string& reply : answer.replies) {
    EXPECT_LE(reply.size(), kPacketBytes);
    digits += reply == "OK" ? 0 : reply.size() - 1;
  }
  EXPECT_EQ(digits, 2 * 20000U);
  EXPECT_EQ(stub.handle("qRcmd,7361792068690a").replies.front(), "O302068690a");
  EXPECT_EQ(stub.handle("qRcmd,78").replies.front().substr(0, 15), "O756e6b6e6f776e");  // unknown
}

}  // namespace
}  // namespace aipu::debug
