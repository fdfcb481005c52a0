// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/packet.h"

#include <gtest/gtest.h>
#include <random>

namespace aipu::directcom {
namespace {

template <typename T>
T draw(std::mt19937_64& random, std::uint32_t bits) {
  return static_cast<T>(random() & ((1ULL << bits) - 1));
}

Packet random_packet(std::mt19937_64& random, PacketType type) {
  Packet p;
  p.type = type;
  p.traffic_class = draw<std::uint8_t>(random, 2);
  p.destination = draw<std::uint16_t>(random, 12);
  p.source = draw<std::uint16_t>(random, 12);
  p.message = draw<std::uint16_t>(random, 12);
  p.plane = draw<std::uint8_t>(random, 4);
  if (type == PacketType::kData || type == PacketType::kGet) {
    p.payload_bytes = draw<std::uint16_t>(random, 10);
  }
  if (type == PacketType::kData) {
    p.address =
        random() % 2 == 0
            ? Gaddr::core(draw<std::uint32_t>(random, 8), draw<std::uint64_t>(random, 32)).raw
            : Gaddr::hbm(draw<std::uint64_t>(random, 40)).raw;
  }
  if (type == PacketType::kCommit || type == PacketType::kReply || type == PacketType::kAbort ||
      type == PacketType::kAnnounce || type == PacketType::kGrant) {
    p.total = draw<std::uint64_t>(random, 36);
  }
  if (type == PacketType::kCommit) {
    p.add = {draw<std::uint8_t>(random, 6), draw<std::uint8_t>(random, 8),
             draw<std::uint8_t>(random, 8), draw<std::uint8_t>(random, 8)};
  }
  if (type == PacketType::kReply) p.get_message = draw<std::uint16_t>(random, 12);
  const bool ends = type == PacketType::kAbort || type == PacketType::kReply;
  if (type == PacketType::kAck || ends) p.rule = draw<std::uint8_t>(random, 4);
  if (ends) p.announced = draw<std::uint8_t>(random, 1) != 0;
  if (type == PacketType::kData) p.mark = draw<std::uint8_t>(random, 1) != 0;
  if (type == PacketType::kAnnounce) {
    p.pace = draw<std::uint8_t>(random, 8);
    p.pull_class = draw<std::uint8_t>(random, 2);
  }
  return p;
}

TEST(PacketTest, EveryFieldSurvivesTheWire) {
  std::mt19937_64 random(1);
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const Packet p = random_packet(random, static_cast<PacketType>(1 + i % 9));
    const Header header = encode(p);
    ASSERT_TRUE(intact(header));
    const Packet q = decode(header);
    ASSERT_EQ(encode(q), header);
    ASSERT_EQ(q.address, p.address);
    ASSERT_EQ(q.total, p.total);
    ASSERT_EQ(q.get_message, p.get_message);
    ASSERT_EQ(q.payload_bytes, p.payload_bytes);
    ASSERT_EQ(q.add.source_core, p.add.source_core);
    ASSERT_EQ(q.message, p.message);
    ASSERT_EQ(q.rule, p.rule);
    ASSERT_EQ(q.mark, p.mark);
    ASSERT_EQ(q.announced, p.announced);
    ASSERT_EQ(q.pace, p.pace);
    ASSERT_EQ(q.pull_class, p.pull_class);
  }
}

TEST(PacketTest, TheLayoutIsTheDocumentedOne) {
  Packet p;
  p.type = PacketType::kCommit;
  p.traffic_class = 2;
  p.destination = 0x123;
  p.source = 0x456;
  p.message = 0x789;
  p.plane = 3;
  p.total = 0x9'8765'4321;
  p.add = {0x2A, 0x11, 0xFF, 0x07};
  const Header h = encode(p);
  const std::uint64_t total = 0x9'8765'4321;
  EXPECT_EQ(h.low, 0x2ULL | 2ULL << 4U | 0x123ULL << 6U | 0x456ULL << 18U | 0x789ULL << 30U |
                       3ULL << 42U | total << 46U);
  EXPECT_EQ(h.high & ((1ULL << 48U) - 1),
            total >> 18U | 0x2AULL << 18U | 0x11ULL << 24U | 0xFFULL << 32U | 0x07ULL << 40U);
}

TEST(PacketTest, AnySingleBitErrorIsSeen) {
  Packet p;
  p.address = Gaddr::hbm(0x12345).raw;
  p.payload_bytes = 512;
  const Header good = encode(p);
  for (std::uint32_t bit = 0; bit < 128; ++bit) {
    Header bad = good;
    (bit < 64 ? bad.low : bad.high) ^= 1ULL << (bit % 64);
    EXPECT_FALSE(intact(bad)) << "bit " << bit;
  }
}

TEST(PacketTest, AMarkFlipsTheSameBitsOfEveryCheckSum) {
  std::mt19937_64 random(2);
  Packet p = random_packet(random, PacketType::kData);
  const auto flipped = [&] {
    p.mark = false;
    const std::uint16_t without = header_crc(encode(p));
    p.mark = true;
    return header_crc(encode(p)) ^ without;
  };
  const int bits = flipped();
  EXPECT_NE(bits, 0);
  for (std::uint32_t i = 0; i < 100; ++i) {
    p = random_packet(random, PacketType::kData);
    EXPECT_EQ(flipped(), bits);
  }
}

TEST(PacketTest, TheCheckSumIsCcitt) {
  // Of 14 zero bytes, as Python computes it (binascii.crc_hqx).
  EXPECT_EQ(header_crc(Header{}), 0xA96AU);
}

}  // namespace
}  // namespace aipu::directcom
