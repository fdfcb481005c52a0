// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

constexpr double kPeak = 50e9 * 512 / 528;  ///< payload of 4 lanes, bytes/s

Fabric::Options phantom(std::uint32_t aipus, std::uint32_t cores = 1) {
  Fabric::Options options;
  options.aipus = aipus;
  options.cores = cores;
  options.size = 1_GiB;
  options.real = 0_B;
  options.timing.latency = 200_ns;
  return options;
}

void put(Fabric& fabric, std::uint32_t from, std::uint32_t to, std::uint32_t bytes,
         std::uint32_t core = 0, std::uint32_t traffic_class = 2) {
  Request r;
  r.destination = Gaddr::hbm(0x100000, to);
  r.bytes = bytes;
  r.traffic_class = traffic_class;
  fabric.push(from, r, core);
}

double rate(std::uint64_t bytes, std::uint64_t ps) {
  return static_cast<double>(bytes) / (static_cast<double>(ps) * 1e-12);
}

/// Busy, waiting and idle add up to the elapsed time of every lane and output; nothing is lost.
void check_books(Fabric& fabric) {
  const std::uint64_t now = now_ps();
  const auto sum = [](const std::vector<TimeShare>& shares) {
    std::uint64_t total = 0;
    for (const TimeShare& s : shares)
      total += s.picoseconds;
    return total;
  };
  std::array<std::uint64_t, kClasses> sent{};
  std::array<std::uint64_t, kClasses> received{};
  std::uint64_t packets = 0;
  std::uint64_t flits = 0;
  for (const auto& node : fabric.nodes) {
    const Interface& i = node->interface;
    EXPECT_EQ(sum(i.time_shares(now)), now * i.servers());
    for (std::uint32_t c = 0; c < kClasses; ++c) {
      sent[c] += i.stats().sent[c].value();
      received[c] += i.stats().received[c].value();
    }
    packets += i.stats().packets_sent.value();
    flits += i.stats().flits_received.value();
    EXPECT_TRUE(i.waiting_for().empty());
  }
  EXPECT_EQ(sent, received);
  for (const auto& plane : fabric.planes) {
    EXPECT_EQ(sum(plane->time_shares(now)), now * plane->servers());
    EXPECT_TRUE(plane->waiting_for().empty());
    packets -= plane->stats().packets.value();
    flits -= plane->stats().flits.value();
  }
  EXPECT_EQ(packets, 0U) << "every packet crossed one switch";
  EXPECT_EQ(flits, 0U);
}

TEST(BandwidthTest, OneLargePutUsesAllLanes) {
  Fabric fabric(phantom(2));
  fabric.start();
  constexpr std::uint32_t kBytes = 16U << 20U;
  put(fabric, 0, 1, kBytes);
  const std::uint64_t end = fabric.run();
  const double share = rate(kBytes, end) / kPeak;
  RecordProperty("share", std::to_string(share));
  std::printf("put: %.4f of the peak\n", share);
  EXPECT_GT(share, 0.99);
  EXPECT_LT(share, 1.0);
  check_books(fabric);
}

TEST(BandwidthTest, BothDirectionsAtOnce) {
  Fabric fabric(phantom(2));
  fabric.start();
  constexpr std::uint32_t kBytes = 16U << 20U;
  put(fabric, 0, 1, kBytes);
  put(fabric, 1, 0, kBytes);
  const double share = rate(kBytes, fabric.run()) / kPeak;
  std::printf("both: %.4f of the peak\n", share);
  EXPECT_GT(share, 0.98);
  check_books(fabric);
}

TEST(BandwidthTest, AGetIsAsFastAsAPut) {
  Fabric fabric(phantom(2));
  fabric.start();
  Request r;
  r.opcode = dc::kOpGet;
  r.source = Gaddr::hbm(0, 1);
  r.destination = Gaddr::hbm(0);
  r.bytes = 16U << 20U;
  fabric.push(0, r);
  EXPECT_GT(rate(r.bytes, fabric.run()) / kPeak, 0.98);
  check_books(fabric);
}

TEST(BandwidthTest, UniformAllToAll) {
  Fabric fabric(phantom(16));
  fabric.start();
  constexpr std::uint32_t kBytes = 512U << 10U;
  for (std::uint32_t a = 0; a < 16; ++a) {
    for (std::uint32_t i = 1; i < 16; ++i)
      put(fabric, a, (a + i) % 16, kBytes);
  }
  const double share = rate(15ULL * kBytes, fabric.run()) / kPeak;
  std::printf("all-to-all: %.4f of the peak\n", share);
  EXPECT_GT(share, 0.90);
  check_books(fabric);
}

TEST(BandwidthTest, AnIncastGetsOnePortAndIsFair) {
  Fabric fabric(phantom(16));
  fabric.start();
  constexpr std::uint32_t kBytes = 1U << 20U;
  for (std::uint32_t a = 1; a < 16; ++a)
    put(fabric, a, 0, kBytes);
  const double share = rate(15ULL * kBytes, fabric.run()) / kPeak;
  std::printf("incast: %.4f of the peak\n", share);
  EXPECT_GT(share, 0.97);
  EXPECT_LT(share, 1.0);
  const auto& signals = fabric[0].sink.signals;
  ASSERT_EQ(signals.size(), 15U);
  // Fair shares: all end together.
  EXPECT_GT(signals.front().time, signals.back().time * 95 / 100);
  check_books(fabric);
}

TEST(BandwidthTest, AnIncastDoesNotHoldUpOtherTrafficOfItsSenders) {
  Fabric fabric(phantom(16, 2));
  fabric.start();
  for (std::uint32_t a = 1; a < 16; ++a) {
    put(fabric, a, 0, 4U << 20U, 0);
    put(fabric, a, a == 15 ? 1 : a + 1, 1U << 20U, 1);
  }
  while (fabric[1].sink.signals.empty())
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_NS));
  // A fifteenth of a port goes to the incast; the victim flow gets most of the rest.
  EXPECT_GT(rate(1U << 20U, now_ps()) / kPeak, 0.80);
  fabric.run();
  check_books(fabric);
}

TEST(BandwidthTest, ClassesShareByTheirQuanta) {
  Fabric::Options options = phantom(2, 3);
  options.config.quantum1 = 66;
  options.config.quantum2 = 132;
  options.config.quantum3 = 264;
  Fabric fabric(options);
  fabric.start();
  for (std::uint32_t c = 1; c < 4; ++c)
    put(fabric, 0, 1, 8U << 20U, c - 1, c);
  sc_core::sc_start(sc_core::sc_time(200, sc_core::SC_US));
  const auto& received = fabric[1].interface.stats().received;
  const auto bytes = [&](std::uint32_t c) { return static_cast<double>(received[c].value()); };
  EXPECT_NEAR(bytes(2) / bytes(1), 2.0, 0.1);
  EXPECT_NEAR(bytes(3) / bytes(1), 4.0, 0.2);
  fabric.run();
  check_books(fabric);
}

TEST(BandwidthTest, SmallMessagesOfManyCores) {
  Fabric fabric(phantom(4, 16));
  fabric.start();
  for (std::uint32_t core = 0; core < 16; ++core) {
    for (std::uint32_t i = 0; i < 16; ++i)
      put(fabric, core % 4, (core + 1 + i % 3) % 4, 64, core);
  }
  fabric.run();
  std::uint64_t done = 0;
  for (const auto& node : fabric.nodes)
    done += node->sink.signals.size();
  EXPECT_EQ(done, 256U);
  check_books(fabric);
}

}  // namespace
}  // namespace aipu::directcom::test
