// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <gtest/gtest.h>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

struct Totals {
  std::uint64_t time = 0;
  std::uint64_t packets = 0;
  std::uint64_t flits = 0;
  std::uint64_t bytes = 0;
  std::uint64_t units = 0;  ///< that crossed a switch
};

Totals run(Fabric& fabric, const std::function<void(Fabric&)>& traffic) {
  const std::uint64_t start = align_up(now_ps(), 32'000);  // where both clocks have an edge
  sc_core::sc_start(to_time(Picoseconds(start - now_ps())));
  traffic(fabric);
  Totals t;
  t.time = fabric.run() - start;
  for (const auto& node : fabric.nodes) {
    const Interface::Stats& s = node->interface.stats();
    EXPECT_EQ(node->interface.waiting_for(), "");
    t.packets += s.packets_sent.value();
    t.flits += s.flits_sent.value();
    for (std::uint32_t c = 1; c < kClasses; ++c)
      t.bytes += s.sent[c].value();
  }
  for (const auto& plane : fabric.planes)
    t.units += plane->stats().packets.value();
  return t;
}

/// Runs `traffic` with every packet by itself, and in trains.
void compare(Fabric::Options options, Bytes train, double tolerance, double fewer,
             const std::function<void(Fabric&)>& traffic) {
  options.size = 256_MiB;
  options.real = 0_B;
  Machine exact("exact", options);
  Machine fast("fast", with_trains(options, train));
  exact.fabric.start();
  const Totals a = run(exact.fabric, traffic);
  const Totals b = run(fast.fabric, traffic);
  EXPECT_EQ(a.bytes, b.bytes);
  EXPECT_EQ(a.packets, b.packets);
  EXPECT_EQ(a.flits, b.flits);
  const double ratio = static_cast<double>(b.time) / static_cast<double>(a.time);
  std::printf("train of %u KiB: %.4f of the time, %.1f times fewer units\n",
              static_cast<unsigned>(train.count >> 10U), ratio,
              static_cast<double>(a.units) / static_cast<double>(b.units));
  EXPECT_NEAR(ratio, 1.0, tolerance);
  EXPECT_LT(static_cast<double>(b.units) * fewer, static_cast<double>(a.units));
}

void put(Fabric& fabric, std::uint32_t from, std::uint32_t to, std::uint32_t bytes) {
  Request r;
  r.destination = Gaddr::hbm(0x100000, to);
  r.bytes = bytes;
  fabric.push(from, r);
}

void all_to_all(Fabric& fabric, std::uint32_t bytes) {
  const auto n = static_cast<std::uint32_t>(fabric.nodes.size());
  for (std::uint32_t a = 0; a < n; ++a) {
    for (std::uint32_t i = 1; i < n; ++i)
      put(fabric, a, (a + i) % n, bytes);
  }
}

TEST(TrainTest, APutOfAMebibyteTakesTheSameTime) {
  compare({}, 2_KiB, 0.03, 3.0, [](Fabric& f) { put(f, 0, 1, 1U << 20U); });
}

TEST(TrainTest, InLongerTrainsToo) {
  compare({}, 4_KiB, 0.03, 5.0, [](Fabric& f) { put(f, 0, 1, 1U << 20U); });
}

TEST(TrainTest, SoDoesOneOf64KiB) {
  compare({}, 2_KiB, 0.05, 2.0, [](Fabric& f) { put(f, 0, 1, 1U << 16U); });
}

TEST(TrainTest, SoDoesAllToAll) {
  Fabric::Options options;
  options.aipus = 16;
  compare(options, 2_KiB, 0.03, 3.0, [](Fabric& f) { all_to_all(f, 1U << 20U); });
}

TEST(TrainTest, SoDoesAnIncast) {
  Fabric::Options options;
  options.aipus = 8;
  compare(options, 2_KiB, 0.03, 3.0, [](Fabric& f) {
    for (std::uint32_t a = 1; a < 8; ++a)
      put(f, a, 0, 1U << 20U);
  });
}

TEST(TrainTest, TrainsCarryWhatIsRealAndNothingElse) {
  Fabric::Options options;
  options.size = 8_MiB;
  options.real = Bytes(2 * 1024 * 1024 + 700);
  Fabric fabric(with_trains(options, 4_KiB));
  fabric.start();
  std::uint8_t* const source = fabric[0].memory.storage().at(0);
  for (std::uint64_t i = 0; i < options.real.count; ++i)
    source[i] = static_cast<std::uint8_t>(i * 7 + i / 512);
  Request r;  // real bytes, then phantom ones; the border lies inside a train
  r.source = Gaddr::hbm(0x1F0000);
  r.destination = Gaddr::hbm(0x100000, 1);
  r.bytes = 200'000;
  fabric.push(0, r);
  fabric.run();
  const std::uint8_t* const target = fabric[1].memory.storage().at(0x100000);
  // A read over the border counts as phantom as a whole.
  const std::uint64_t real = (0x200000 + 700 - 0x1F0000) / 1024 * 1024;
  EXPECT_TRUE(std::equal(target, target + real, source + 0x1F0000));
  EXPECT_EQ(fabric[1].memory.written(), 200'000U);
  EXPECT_EQ(fabric[1].interface.waiting_for(), "");
}

TEST(TrainTest, AFailedReadInATrainEndsTheMessage) {
  Fabric::Options options;
  options.size = options.real = 4_MiB;
  Fabric fabric(with_trains(options, 4_KiB));
  fabric.start();
  Request r;
  r.source = Gaddr::hbm(0x3F0000);
  r.destination = Gaddr::hbm(0, 1);
  r.bytes = 200'000;
  fabric.push(0, r);
  fabric.run();
  ASSERT_EQ(fabric[0].sink.faults.size(), 1U);
  EXPECT_EQ(fabric[0].sink.faults[0].rule, std::uint32_t{abi::kRuleBadAddress});
  EXPECT_EQ(fabric[0].interface.waiting_for(), "");
  EXPECT_EQ(fabric[1].interface.waiting_for(), "");
}

TEST(TrainTest, FlitsOfATrainAreThoseOfItsPackets) {
  const Config config;
  EXPECT_EQ(config.flits(0), 1U);
  EXPECT_EQ(config.flits(1), 2U);
  EXPECT_EQ(config.flits(512), 33U);
  EXPECT_EQ(config.flits(513), 33U + 2U);
  EXPECT_EQ(config.flits(4096), 8U * 33U);
  EXPECT_EQ(config.packets(513), 2U);
}

}  // namespace
}  // namespace aipu::directcom::test
