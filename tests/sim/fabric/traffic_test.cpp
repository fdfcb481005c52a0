// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/traffic.h"

#include <cmath>
#include <gtest/gtest.h>
#include <map>
#include <vector>

namespace aipu::fabric {
namespace {

constexpr std::uint64_t kCycles = 200'000;

FlowClass uniform(double load) {
  FlowClass one;
  one.name = "uniform";
  one.load = load;
  return one;
}

/// Packets of a node in every cycle that has any.
std::map<std::uint64_t, int> created(const FlowClass& one, const Senders& senders) {
  Generator generator(one, senders, 0);
  std::map<std::uint64_t, int> result;
  while (generator.next() < kCycles) {
    ++result[generator.next()];
    generator.take();
  }
  return result;
}

TEST(TrafficTest, PacketsComeAsOftenAsTheLoadSays) {
  for (const double load : {0.01, 0.3, 1.0}) {
    for (const std::uint32_t lanes : {1U, 4U}) {
      int packets = 0;
      for (const auto& [cycle, count] : created(uniform(load), {16, lanes, 8, 1}))
        packets += count;
      const double expected = load * lanes / 8 * kCycles;
      EXPECT_NEAR(packets, expected, 4 * std::sqrt(expected)) << load << " " << lanes;
    }
  }
}

TEST(TrafficTest, GapsAreGeometric) {
  // A cycle has a packet with probability 1/8, whatever happened before.
  const auto packets = created(uniform(1), {16, 1, 8, 1});
  std::vector<int> gaps(20);
  std::uint64_t last = packets.begin()->first;
  for (const auto& [cycle, count] : packets) {
    EXPECT_EQ(count, 1);
    if (cycle != last && cycle - last < gaps.size()) ++gaps[cycle - last];
    last = cycle;
  }
  double share = 1.0 / 8;
  const auto all = static_cast<double>(packets.size());
  for (std::size_t gap = 1; gap < gaps.size(); ++gap) {
    EXPECT_NEAR(gaps[gap], all * share, 4 * std::sqrt(all * share)) << gap;
    share *= 7.0 / 8;
  }
}

TEST(TrafficTest, FullLoadOfOneFlitFillsEveryCycleOfEveryLane) {
  for (const std::uint32_t lanes : {1U, 3U}) {
    const auto packets = created(uniform(1), {16, lanes, 1, 1});
    EXPECT_EQ(packets.size(), kCycles);
    for (const auto& [cycle, count] : packets)
      ASSERT_EQ(count, static_cast<int>(lanes)) << cycle;
  }
}

TEST(TrafficTest, NoLoadIsNoPacket) {
  const FlowClass none = uniform(0);
  EXPECT_EQ(Generator(none, {16, 1, 8, 1}, 0).next(), Generator::kNever);
}

TEST(TrafficTest, UniformReachesAllAndItself) {
  const FlowClass one = uniform(1);
  Generator generator(one, {16, 1, 1, 1}, 5);
  std::vector<int> seen(16);
  for (int i = 0; i < 16'000; ++i)
    ++seen[generator.take()];
  for (const int n : seen)
    EXPECT_NEAR(n, 1000, 130);
}

TEST(TrafficTest, BackgroundAvoidsOneNode) {
  for (const std::uint32_t avoided : {0U, 7U, 15U}) {
    FlowClass one = uniform(1);
    one.avoided = avoided;
    Generator generator(one, {16, 1, 1, 1}, 7);
    std::vector<int> seen(16);
    for (int i = 0; i < 15'000; ++i)
      ++seen[generator.take()];
    for (std::uint32_t n = 0; n < 16; ++n) {
      if (n == avoided) {
        EXPECT_EQ(seen[n], 0);
      } else {
        EXPECT_NEAR(seen[n], 1000, 130) << n;
      }
    }
  }
}

TEST(TrafficTest, APermutationHasOneDestination) {
  FlowClass one = uniform(1);
  one.destinations = bit_complement(16);
  Generator generator(one, {16, 1, 8, 1}, 5);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(generator.take(), 10);
}

TEST(TrafficTest, NodesSeedsAndClassesHaveStreamsOfTheirOwn) {
  const FlowClass one = uniform(0.5);
  FlowClass named = uniform(0.5);
  named.name = "other";
  const auto cycles = [](Generator generator) {
    std::vector<std::uint64_t> all;
    for (int i = 0; i < 20; ++i, generator.take())
      all.push_back(generator.next());
    return all;
  };
  const auto first = cycles(Generator(one, {16, 1, 8, 1}, 0));
  EXPECT_EQ(first, cycles(Generator(one, {16, 1, 8, 1}, 0)));
  EXPECT_NE(first, cycles(Generator(one, {16, 1, 8, 1}, 1)));
  EXPECT_NE(first, cycles(Generator(one, {16, 1, 8, 2}, 0)));
  EXPECT_NE(first, cycles(Generator(named, {16, 1, 8, 1}, 0)));
}

}  // namespace
}  // namespace aipu::fabric
