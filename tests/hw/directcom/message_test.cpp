// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/message.h"

#include <gtest/gtest.h>
#include <vector>

#include "regs/abi.h"
#include "regs/directcom.h"

namespace aipu::directcom {
namespace {

namespace abi = regs::abi;
namespace dc = regs::directcom;

class CommandTest : public testing::Test {
 protected:
  CommandTest() {
    set(Gaddr::core(3, 0x1000), Gaddr::hbm(0x2000, 5));
    words_[dc::kWBytes] = 100;
    words_[dc::kWRows] = 4;
    words_[dc::kWSrcRowStride] = 128;
    words_[dc::kWDstRowStride] = 256;
    words_[dc::kWFlags] = 3 | 77U << 8U;
    words_[dc::kWRemoteAdd] = 7U | 2U << 8U | abi::kScopeAllCores << 16U;
  }

  void set(Gaddr source, Gaddr destination) {
    words_[dc::kWSrcLo] = static_cast<std::uint32_t>(source.raw);
    words_[dc::kWSrcHi] = static_cast<std::uint32_t>(source.raw >> 32U);
    words_[dc::kWDstLo] = static_cast<std::uint32_t>(destination.raw);
    words_[dc::kWDstHi] = static_cast<std::uint32_t>(destination.raw >> 32U);
  }
  std::uint32_t rule(std::uint32_t opcode = dc::kOpPut) {
    return decode_command(opcode, words_, 3, 1, 16, message_).rule;
  }

  CommandWords words_{};
  Message message_;
};

TEST_F(CommandTest, APutIsDecodedWithAddressesAsTheirAipuSeesThem) {
  ASSERT_EQ(rule(), abi::kRuleNone);
  EXPECT_EQ(message_.kind, Message::Kind::kPut);
  EXPECT_EQ(message_.peer, 5);
  EXPECT_EQ(message_.traffic_class, 3);
  EXPECT_EQ(message_.pace, 77);
  EXPECT_EQ(message_.geometry.source, Gaddr::core(3, 0x1000).raw);
  EXPECT_EQ(message_.geometry.destination, Gaddr::hbm(0x2000).raw);
  EXPECT_EQ(message_.geometry.total(), 400U);
  EXPECT_EQ(message_.add.counter, 7);
  EXPECT_EQ(message_.add.amount, 2);
  EXPECT_EQ(message_.add.scope, abi::kScopeAllCores);
  EXPECT_EQ(message_.add.source_core, 3);
}

TEST_F(CommandTest, AGetNamesThePeerByItsSource) {
  set(Gaddr::hbm(0, 9), Gaddr::core(3, 0));
  ASSERT_EQ(rule(dc::kOpGet), abi::kRuleNone);
  EXPECT_EQ(message_.peer, 9);
}

TEST_F(CommandTest, ANotifyNeedsOnlyADestination) {
  words_[dc::kWBytes] = words_[dc::kWRows] = 0;
  ASSERT_EQ(rule(dc::kOpNotify), abi::kRuleNone);
  EXPECT_EQ(message_.geometry.total(), 0U);
  EXPECT_EQ(message_.peer, 5);
}

TEST_F(CommandTest, SelfIsTheIssuingAipu) {
  set(Gaddr::hbm(0), Gaddr::hbm(4096));
  ASSERT_EQ(rule(), abi::kRuleNone);
  EXPECT_EQ(message_.peer, 1);
}

TEST_F(CommandTest, EveryRuleIsFound) {
  EXPECT_EQ(rule(0), abi::kRuleUnknownCommand);
  EXPECT_EQ(rule(4), abi::kRuleUnknownCommand);

  set(Gaddr::core(3, 0), Gaddr::hbm(0, 16));
  EXPECT_EQ(rule(), abi::kRuleBadDestination);
  set(Gaddr::hbm(0, 2), Gaddr::hbm(0, 5));  // the near end of a put is its own
  EXPECT_EQ(rule(), abi::kRuleBadAddress);
  set(Gaddr{3ULL << 60U | 0xFFFULL << 48U}, Gaddr::hbm(0, 5));
  EXPECT_EQ(rule(), abi::kRuleBadAddress);
  set(Gaddr::core(Gaddr::kAllCores, 0), Gaddr::hbm(0, 5));
  EXPECT_EQ(rule(), abi::kRuleBadAddress);
  set(Gaddr::hbm(kMaxOffset - 300), Gaddr::hbm(0, 5));
  EXPECT_EQ(rule(), abi::kRuleBadAddress);

  set(Gaddr::core(3, 0), Gaddr::hbm(0, 5));
  words_[dc::kWRows] = 0;
  EXPECT_EQ(rule(), abi::kRuleBadSize);
  words_[dc::kWRows] = 4;
  words_[dc::kWBytes] = 0;
  EXPECT_EQ(rule(), abi::kRuleBadSize);
  words_[dc::kWBytes] = words_[dc::kWRows] = 0xFFFF'FFFF;
  EXPECT_EQ(rule(), abi::kRuleBadSize);
  words_[dc::kWBytes] = 1;
  words_[dc::kWSrcRowStride] = 0xFFFF'FFFF;  // the last row wraps round 64 bits
  EXPECT_EQ(rule(), abi::kRuleBadAddress);
}

TEST(PacketizeTest, PiecesCoverEveryByteOnceAndNeverCrossARow) {
  const Geometry g{1000, 5000, 700, 3, 1024, 900};
  std::vector<std::uint32_t> sizes;
  std::uint64_t total = 0;
  packetize(g, 512, [&](const Piece& p) {
    const std::uint64_t row = total / 700;
    const std::uint64_t column = total % 700;
    EXPECT_EQ(p.source, 1000 + row * 1024 + column);
    EXPECT_EQ(p.destination, 5000 + row * 900 + column);
    EXPECT_LE(column + p.bytes, 700U);
    total += p.bytes;
    sizes.push_back(p.bytes);
  });
  EXPECT_EQ(total, g.total());
  EXPECT_EQ(sizes, (std::vector<std::uint32_t>{512, 188, 512, 188, 512, 188}));
}

TEST(PacketizeTest, AGetRequestSurvivesItsPayload) {
  const GetRequest request{{0x8123'4567'89AB'CDEF, 0x1122'3344'5566'7788, 7, 9, 11, 13}, 2, 200};
  std::uint8_t bytes[GetRequest::kBytes];
  encode(request, bytes);
  const GetRequest back = decode_get(bytes);
  EXPECT_EQ(back.geometry.source, request.geometry.source);
  EXPECT_EQ(back.geometry.destination, request.geometry.destination);
  EXPECT_EQ(back.geometry.row_bytes, 7U);
  EXPECT_EQ(back.geometry.rows, 9U);
  EXPECT_EQ(back.geometry.source_stride, 11U);
  EXPECT_EQ(back.geometry.destination_stride, 13U);
  EXPECT_EQ(back.traffic_class, 2);
  EXPECT_EQ(back.pace, 200);
  EXPECT_EQ(bytes[0], 0xEF);
}

}  // namespace
}  // namespace aipu::directcom
