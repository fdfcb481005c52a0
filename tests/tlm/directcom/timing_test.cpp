// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

constexpr std::uint64_t kFlit = 1280;  // ps
constexpr std::uint64_t kLink = 98 * kFlit;
constexpr std::uint64_t kPipeline = 4 * kFlit;
constexpr std::uint64_t kInterface = 120'000;
constexpr std::uint64_t kMemory = 100'000;
constexpr std::uint64_t kCore = 1000;

std::uint64_t up(std::uint64_t time, std::uint64_t grid) {
  return align_up(time, grid);
}

/// Head on the lane of something that is ready at `time`.
std::uint64_t on_lane(std::uint64_t time) {
  return up(time + kInterface, kFlit);
}
/// When a packet whose head enters the lane at `time` acts at the other end.
std::uint64_t received(std::uint64_t time, std::uint64_t flits) {
  return up(time + kLink + kPipeline + kLink + (flits - 1) * kFlit + kInterface, kCore);
}

TEST(TimingTest, ANotifyTakesTheFormulaToTheLastPicosecond) {
  Fabric fabric({});
  fabric.start();
  Request r;
  r.opcode = dc::kOpNotify;
  r.destination = Gaddr::hbm(0, 2);
  fabric.push(0, r);
  fabric.run();
  ASSERT_EQ(fabric[2].sink.signals.size(), 1U);
  const std::uint64_t begun = kCore;  // a command begins one cycle after its doorbell
  EXPECT_EQ(fabric[2].sink.signals[0].time, received(on_lane(begun), 1));
  EXPECT_NEAR(static_cast<double>(fabric[2].sink.signals[0].time - begun), 496'000, 2000);
}

TEST(TimingTest, APutAddsItsMemoryAndItsFlits) {
  Fabric fabric({});
  fabric.start();
  Request r;
  r.destination = Gaddr::hbm(0x4000, 1);
  r.bytes = 512;
  fabric.push(0, r);
  fabric.run();
  // The commit goes out on another lane, or behind the data: the data land last.
  const std::uint64_t landed = received(on_lane(kCore + kMemory), 33) + kMemory;
  ASSERT_EQ(fabric[1].sink.signals.size(), 1U);
  EXPECT_EQ(fabric[1].sink.signals[0].time, landed);
  EXPECT_EQ(fabric[0].counters[0]->value(1), 1U);
}

TEST(TimingTest, PhantomDataTakeTheSameTime) {
  Fabric::Options options;
  options.real = 1_MiB;
  options.aipus = 2;
  Fabric fabric(options);
  fabric.start();
  Request r;
  r.bytes = 300'000;
  r.source = Gaddr::hbm(0);
  r.destination = Gaddr::hbm(0x40000, 1);
  fabric.push(0, r);
  fabric.run();
  const std::uint64_t real = fabric[1].sink.signals.at(0).time;
  // Begin at the same phase of both clocks.
  const std::uint64_t period = 32'000;  // least common multiple of 1.28 ns and 1 ns
  const std::uint64_t start = up(now_ps(), period);
  sc_core::sc_start(to_time(Picoseconds(start - now_ps())));
  r.source = Gaddr::hbm(4 * 1024 * 1024);
  r.destination = Gaddr::hbm(8 * 1024 * 1024, 1);
  fabric.push(0, r);
  fabric.run();
  // The plane choice has moved on, so the spread over lanes may differ by a packet.
  const std::uint64_t phantom = fabric[1].sink.signals.at(1).time - start;
  EXPECT_NEAR(static_cast<double>(phantom), static_cast<double>(real), 33 * kFlit);
}

/// End of a fixed mix of traffic; `real` is how much of memory has bytes.
std::uint64_t mix(Bytes real) {
  Fabric::Options options;
  options.aipus = 8;
  options.real = real;
  Fabric fabric(options);
  fabric.start();
  for (std::uint32_t a = 0; a < 8; ++a) {
    for (std::uint32_t i = 0; i < 8; ++i) {
      Request r;
      r.destination = Gaddr::hbm(0x100000 + a * 0x10000 + i * 0x1000, (a + i) % 8);
      r.bytes = 700 + 100 * i;
      r.rows = 3;
      r.source_stride = r.destination_stride = 2000;
      r.traffic_class = i % 4;
      fabric.push(a, r);
    }
  }
  return fabric.run();
}

// One simulation per process: these two record the same constant, so they hold for each other too.
constexpr std::uint64_t kEndOfMix = 1'811'000;

TEST(TimingTest, AMixEndsAtTheSameTimeInEveryRun) {
  const std::uint64_t end = mix(16_MiB);
  EXPECT_EQ(end, kEndOfMix);
}

TEST(TimingTest, AMixOfPhantomDataEndsAtThatTimeToo) {
  const std::uint64_t end = mix(0_B);
  EXPECT_EQ(end, kEndOfMix);
}

}  // namespace
}  // namespace aipu::directcom::test
