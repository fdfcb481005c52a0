// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/channels.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <tuple>
#include <vector>

namespace aipu::hbm {
namespace {

/// Notes which bytes of which request took effect, in order.
struct Recorder : Effects {
  using Effect = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  std::vector<Effect> effects;
  void take_effect(std::uint32_t request, std::uint32_t offset, std::uint32_t bytes) override {
    effects.emplace_back(request, offset, bytes);
  }
  /// Bytes [first, last) of each request, each of them once.
  void expect_all(const std::vector<std::uint32_t>& sizes) const {
    std::vector<std::vector<int>> touched;
    for (const std::uint32_t size : sizes)
      touched.emplace_back(size, 0);
    for (const auto& [request, offset, bytes] : effects) {
      for (std::uint32_t i = 0; i < bytes; ++i)
        ++touched[request].at(offset + i);
    }
    for (const auto& request : touched) {
      EXPECT_TRUE(std::all_of(request.begin(), request.end(), [](int n) { return n == 1; }));
    }
  }
};

struct Arrival {
  std::uint64_t time = 0;  // ps
  Direction direction = kRead;
  std::uint64_t address = 0;
  std::uint32_t bytes = 0;
};

struct Outcome {
  std::map<std::uint32_t, std::uint64_t> taken;
  std::map<std::uint32_t, std::uint64_t> done;
  std::uint64_t runs = 0;
  Recorder recorder;
};

std::vector<Arrival> traffic(std::uint32_t count, std::uint32_t largest, std::uint64_t gap,
                             std::uint64_t span) {
  std::mt19937_64 random(11);
  std::vector<Arrival> result;
  std::uint64_t now = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    now += gap == 0 ? 0 : random() % (2 * gap);
    const auto bytes = static_cast<std::uint32_t>(1 + random() % largest);
    result.push_back({now, random() % 3 == 0 ? kWrite : kRead, random() % (span - bytes), bytes});
  }
  return result;
}

void note(Outcome& outcome, Channels& channels, std::uint64_t now) {
  for (const Channels::Event& event : channels.run(now)) {
    const bool fresh =
        (event.done ? outcome.done : outcome.taken).emplace(event.request, now).second;
    EXPECT_TRUE(fresh) << "request " << event.request;
  }
  ++outcome.runs;
}

/// Arrivals as they come, whether or not those before were taken. With a `step` every multiple of
/// it is looked at, else only what next() asks for.
void play(Outcome& outcome, const Config& config, const std::vector<Arrival>& arrivals,
          std::uint64_t step) {
  Channels channels(config, outcome.recorder);
  const auto until = [&](std::uint64_t end) {
    while (channels.next() <= end)
      note(outcome, channels, channels.next());
  };
  std::uint64_t look = 0;
  for (const Arrival& arrival : arrivals) {
    for (; step != 0 && look < arrival.time; look += step) {
      until(look);
      channels.settle(look);
    }
    until(arrival.time);
    const std::uint32_t request = channels.open(arrival.direction, arrival.address, arrival.bytes);
    if (channels.arrive(request, arrival.time)) outcome.taken.emplace(request, arrival.time);
  }
  for (; step != 0 && outcome.done.size() != arrivals.size(); look += step) {
    until(look);
    channels.settle(look);
  }
  until(Channels::kNever - 1);
  EXPECT_EQ(channels.next(), Channels::kNever);
}

class HbmChannels : public testing::Test {
 protected:
  Config config_ = [] {
    Config config;
    config.stacks = 1;
    config.pseudo_channels = 4;
    config.capacity = 1_GiB;
    return config;
  }();

  /// The same times with and without looks in between, and every byte takes effect once.
  void expect_same(const std::vector<Arrival>& arrivals) {
    Outcome seldom;
    Outcome often;
    play(seldom, config_, arrivals, 0);
    play(often, config_, arrivals, 777);
    EXPECT_EQ(seldom.done.size(), arrivals.size());
    EXPECT_EQ(seldom.taken, often.taken);
    EXPECT_EQ(seldom.done, often.done);
    std::vector<std::uint32_t> sizes;
    for (const Arrival& arrival : arrivals)
      sizes.push_back(arrival.bytes);
    seldom.recorder.expect_all(sizes);
    often.recorder.expect_all(sizes);
    for (const auto& [request, time] : seldom.done) {
      EXPECT_GE(seldom.taken.at(request), arrivals[request].time);
      EXPECT_GT(time, seldom.taken.at(request));
    }
  }
};

TEST_F(HbmChannels, LooksInBetweenChangeNothing) {
  expect_same(traffic(2000, 1024, 20'000, config_.capacity.count));
}
TEST_F(HbmChannels, LooksInBetweenChangeNothingWithShortPorts) {
  config_.front_queue = 1;
  expect_same(traffic(2000, 1024, 10'000, config_.capacity.count));
}
TEST_F(HbmChannels, LooksInBetweenChangeNothingWithoutAFrontQueue) {
  config_.front_queue = 0;
  expect_same(traffic(2000, 1024, 20'000, config_.capacity.count));
}
TEST_F(HbmChannels, LooksInBetweenChangeNothingWithSmallInterleaving) {
  config_.interleave = 32_B;
  config_.front_queue = 40;
  expect_same(traffic(1000, 1024, 20'000, config_.capacity.count));
}
TEST_F(HbmChannels, LooksInBetweenChangeNothingWithHalfCyclesAndReads) {
  config_.row_clock = RowClock::kHalf;
  config_.beats_per_ck = 4;
  config_.burst_length = 8;
  config_.data_bits = 32;
  config_.timing.act = half_ck(3);
  config_.front_queue = 0;
  expect_same(traffic(2000, 64, 4'000, config_.capacity.count));
}
TEST_F(HbmChannels, LooksInBetweenChangeNothingOnThreePseudoChannels) {
  config_.pseudo_channels = 3;
  config_.capacity = 768_MiB;
  config_.channel_hash = false;
  expect_same(traffic(1000, 300, 5'000, config_.capacity.count));
}

TEST_F(HbmChannels, WhatArrivesAfterAnotherWasTakenTakesEffectAfterItOnTheSameBytes) {
  std::vector<Arrival> arrivals = traffic(3000, 200, 3'000, 4096);
  Outcome outcome;
  play(outcome, config_, arrivals, 0);
  // For every byte the requests that touched it, in the order of their effects.
  std::map<std::uint64_t, std::vector<std::uint32_t>> touched;
  for (const auto& [request, offset, bytes] : outcome.recorder.effects) {
    for (std::uint32_t i = 0; i < bytes; ++i)
      touched[arrivals[request].address + offset + i].push_back(request);
  }
  for (const auto& [address, requests] : touched) {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      for (std::size_t k = i + 1; k < requests.size(); ++k) {
        if (outcome.taken.at(requests[k]) > arrivals[requests[i]].time) continue;
        ASSERT_TRUE(requests[k] > requests[i] || (arrivals[requests[k]].direction == kRead &&
                                                  arrivals[requests[i]].direction == kRead))
            << "byte " << address << ": " << requests[i] << " before " << requests[k];
      }
    }
  }
}

TEST_F(HbmChannels, APortHoldsAsMuchAsItsFrontQueueSays) {
  config_.pseudo_channels = 1;
  config_.front_queue = 2;
  Recorder recorder;
  Channels channels(config_, recorder);
  std::vector<bool> taken;
  for (std::uint64_t i = 0; i < 5; ++i)
    taken.push_back(channels.arrive(channels.open(kRead, i * 1024, 1024), 0));
  EXPECT_EQ(taken, (std::vector<bool>{true, true, false, false, false}));
  EXPECT_EQ(channels.controller(0).waiting(), 64U);
  EXPECT_LE(channels.next(), 40'000U);  // a port empties by one burst a CK at most
}

TEST_F(HbmChannels, ARequestOfOneBytePerAtomCountsAsOne) {
  config_.pseudo_channels = 1;
  Recorder recorder;
  Channels channels(config_, recorder);
  channels.arrive(channels.open(kRead, 31, 2), 0);
  EXPECT_EQ(channels.controller(0).waiting(), 2U);
  channels.arrive(channels.open(kRead, 32, 32), 0);
  EXPECT_EQ(channels.controller(0).waiting(), 3U);
}

TEST(HbmSortedRing, KeepsOrderAndArrivalOfEquals) {
  struct Item {
    int key = 0;
    int arrival = 0;
    bool operator<(const Item& other) const { return key < other.key; }
  };
  std::mt19937 random(1);
  std::vector<Item> expected;
  SortedRing<Item> ring;
  for (int i = 0; i < 1000; ++i) {
    if (!expected.empty() && random() % 3 == 0) {
      const Item item = ring.pop();
      EXPECT_EQ(item.key, expected.front().key);
      EXPECT_EQ(item.arrival, expected.front().arrival);
      expected.erase(expected.begin());
      continue;
    }
    const Item item{i + static_cast<int>(random() % 10), i};
    ring.push(item);
    expected.push_back(item);
    std::stable_sort(expected.begin(), expected.end());
    EXPECT_EQ(ring.size(), expected.size());
  }
}

TEST(HbmRemaining, KnowsTheLeast) {
  Remaining remaining;
  EXPECT_TRUE(remaining.empty());
  remaining.add(100);  // more than there are buckets: a lower bound
  EXPECT_EQ(remaining.least(), 64U);
  remaining.add(2);
  EXPECT_EQ(remaining.least(), 2U);
  remaining.step(2);
  EXPECT_EQ(remaining.least(), 1U);
  remaining.step(1);
  for (std::uint32_t left = 100; left > 63; --left) {
    EXPECT_EQ(remaining.least(), 64U);
    remaining.step(left);
  }
  EXPECT_EQ(remaining.least(), 63U);
}

}  // namespace
}  // namespace aipu::hbm
