// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/packet.h"

#include <gtest/gtest.h>

#include "sim/debug/hex.h"

namespace aipu::debug {
namespace {

using Event = Receiver::Event;

/// The last event that all these bytes make.
Event push(Receiver& receiver, std::string_view bytes) {
  Event last = Event::kNone;
  for (const char c : bytes)
    last = receiver.push(c);
  return last;
}

TEST(Packet, IsFramedWithItsChecksum) {
  EXPECT_EQ(frame("OK"), "$OK#9a");
  EXPECT_EQ(frame(""), "$#00");
}

TEST(Packet, EscapesWhatTheProtocolKeepsForItselfAndNeverRepeats) {
  const std::string line = frame("#$}*");
  EXPECT_EQ(line.substr(0, 9), "$}\x03}\x04}]}\n");
  Receiver receiver;
  EXPECT_EQ(push(receiver, line), Event::kPacket);
  EXPECT_EQ(receiver.packet(), "#$}*");
  EXPECT_EQ(frame("aaaaaaaa"), "$aaaaaaaa#08");
}

TEST(Packet, EveryByteComesBack) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);
  Receiver receiver;
  EXPECT_EQ(push(receiver, frame(all)), Event::kPacket);
  EXPECT_EQ(receiver.packet(), all);
}

TEST(Packet, AWrongChecksumOrNoneIsNoticed) {
  Receiver receiver;
  EXPECT_EQ(push(receiver, "$OK#9b"), Event::kBadChecksum);
  EXPECT_EQ(push(receiver, "$OK#zz"), Event::kBadChecksum);
  EXPECT_EQ(push(receiver, "$OK#9a"), Event::kPacket) << "the next one is whole";
}

TEST(Packet, ANewBeginningDropsAnUnfinishedPacket) {
  Receiver receiver;
  EXPECT_EQ(push(receiver, "$lost$OK#9a"), Event::kPacket);
  EXPECT_EQ(receiver.packet(), "OK");
}

TEST(Packet, TooLongIsReportedOnceAndNotKept) {
  Receiver receiver;
  EXPECT_EQ(push(receiver, frame(std::string(kPacketBytes, 'a'))), Event::kPacket);
  EXPECT_EQ(push(receiver, frame(std::string(kPacketBytes + 1, 'a'))), Event::kOversize);
  EXPECT_LE(receiver.packet().size(), kPacketBytes);
  EXPECT_EQ(push(receiver, "$OK#9a"), Event::kPacket);
}

TEST(Packet, BetweenPacketsThereAreAcksAndCtrlC) {
  Receiver receiver;
  EXPECT_EQ(receiver.push('+'), Event::kAck);
  EXPECT_EQ(receiver.push('-'), Event::kNak);
  EXPECT_EQ(receiver.push('\x03'), Event::kInterrupt);
  EXPECT_EQ(receiver.push('x'), Event::kNone);
  EXPECT_EQ(push(receiver, "$\x03#03"), Event::kPacket) << "inside, it is a byte like any other";
}

TEST(Hex, NumbersEndWhereTheirDigitsEnd) {
  std::string_view text = "1aF,2";
  EXPECT_EQ(take_number(text), 0x1afU);
  EXPECT_EQ(text, ",2");
  EXPECT_EQ(take_number(text), std::nullopt);
  std::string_view long_one = "123456789abcdef01";
  EXPECT_EQ(take_number(long_one), std::nullopt) << "more than 64 bits";
}

TEST(Hex, RegistersAreWrittenLowestByteFirst) {
  EXPECT_EQ(register_hex(0x12345678, 4), "78563412");
  EXPECT_EQ(register_value("7856341200000080", 8), 0x8000000012345678U);
  EXPECT_EQ(register_value("785634", 4), std::nullopt);
  EXPECT_EQ(register_value("7856341x", 4), std::nullopt);
}

}  // namespace
}  // namespace aipu::debug
