// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <gtest/gtest.h>
#include <random>

#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

constexpr std::uint64_t kTargets = 1U << 20U;  ///< sources below, destinations above
constexpr std::uint64_t kSize = 16U << 20U;

Fabric::Options with_multicast(std::uint32_t aipus) {
  Fabric::Options options;
  options.aipus = aipus;
  options.size = options.real = Bytes(kSize);
  options.config.multicast_flits = 1536;
  options.plane.multicast_flits = 512;
  return options;
}

/// Random puts to one AIPU or to all others, with the memory that they must leave.
class MixedTraffic {
 public:
  MixedTraffic(Fabric& fabric, std::uint32_t aipus, std::uint32_t seed)
      : fabric_(fabric),
        aipus_(aipus),
        random_(seed),
        written_(aipus),
        remote_(aipus),
        own_(aipus) {
    for (std::uint32_t a = 0; a < aipus; ++a) {
      Storage& storage = fabric[a].memory.storage();
      for (std::uint64_t i = 0; i < kTargets; ++i)
        *storage.at(i) = static_cast<std::uint8_t>(random_());
      expected_.emplace_back(storage.at(0), storage.at(0) + kSize);
    }
  }

  void send(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t from = below(aipus_);
      const Request r = request(from);
      while (fabric_[from].queues[0]->free_slots() == 0)
        sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));
      fabric_.push(from, r);
    }
  }

  void check() const {
    for (std::uint32_t a = 0; a < aipus_; ++a) {
      Node& node = fabric_[a];
      EXPECT_TRUE(std::equal(expected_[a].begin(), expected_[a].end(), node.memory.storage().at(0)))
          << "AIPU " << a;
      EXPECT_EQ(node.memory.written(), written_[a]) << "every byte exactly once";
      EXPECT_EQ(node.sink.signals.size(), remote_[a]);
      EXPECT_EQ(node.counters[0]->value(1), own_[a]);
      EXPECT_TRUE(node.sink.faults.empty());
      EXPECT_EQ(node.interface.waiting_for(), "");
    }
    for (const auto& plane : fabric_.planes)
      EXPECT_EQ(plane->waiting_for(), "");
  }
  std::uint64_t copied() const { return copied_; }

 private:
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }

  Request request(std::uint32_t from) {
    Request r;
    const bool all = below(3) != 0;
    const std::uint32_t one = below(aipus_);
    r.opcode = below(8) == 0 ? dc::kOpNotify : dc::kOpPut;
    r.traffic_class = below(4);
    const std::uint32_t longest[] = {60, 600, 6'000, 60'000};
    r.bytes = 1 + below(longest[below(4)]);
    r.rows = r.bytes < 600 ? 1 + below(9) : 1;
    r.source_stride = r.bytes + below(100);
    r.destination_stride = r.bytes + below(100);
    if (below(6) == 0) r.pace = 1 + below(255);
    r.source = Gaddr::hbm(random_() % (kTargets - std::uint64_t{r.rows} * r.source_stride));
    r.destination = Gaddr::hbm(free_at_, all ? std::uint32_t{Gaddr::kModule} : one);
    ++own_[from];
    for (std::uint32_t to = 0; to < aipus_; ++to) {
      if (all ? to != from : to == one) expect(r, from, to);
    }
    if (all) ++copied_;
    free_at_ += std::uint64_t{r.rows} * r.destination_stride + 64;
    EXPECT_LT(free_at_, kSize);
    return r;
  }

  void expect(const Request& r, std::uint32_t from, std::uint32_t to) {
    ++remote_[to];
    if (r.opcode == dc::kOpNotify) return;
    written_[to] += std::uint64_t{r.rows} * r.bytes;
    for (std::uint32_t row = 0; row < r.rows; ++row) {
      const auto begin = static_cast<std::ptrdiff_t>(r.source.offset() + row * r.source_stride);
      const auto end = static_cast<std::ptrdiff_t>(free_at_ + row * r.destination_stride);
      std::copy_n(expected_[from].begin() + begin, r.bytes, expected_[to].begin() + end);
    }
  }

  Fabric& fabric_;
  const std::uint32_t aipus_;
  std::mt19937 random_;
  std::uint64_t free_at_ = kTargets;
  std::uint64_t copied_ = 0;
  std::vector<std::vector<std::uint8_t>> expected_;
  std::vector<std::uint64_t> written_;
  std::vector<std::uint32_t> remote_, own_;
};

void check(const Fabric::Options& options, std::uint32_t seed) {
  Fabric fabric(options);
  MixedTraffic traffic(fabric, options.aipus, seed);
  fabric.start();
  traffic.send(500);
  fabric.run();
  traffic.check();
  EXPECT_GT(traffic.copied(), 200U);
}

TEST(MulticastTest, EveryMemberGetsEveryByteOnceBesideOtherTraffic) {
  check(with_multicast(5), 1);
}

TEST(MulticastTest, NothingHangsWithTheSmallestBuffers) {
  Fabric::Options options = with_multicast(6);
  options.config.multicast_flits = options.plane.multicast_flits = 33;
  options.config.receive_flits = options.plane.voq_flits = 33;
  options.plane.out_flits = 33;
  options.config.messages = 2;
  options.config.eager = options.config.pull_chunk = 512_B;
  options.config.pull_window = 1_KiB;
  check(options, 2);
}

TEST(MulticastTest, NorWithoutSpeedupOnOneLaneThatRepeatsFlits) {
  Fabric::Options options = with_multicast(4);
  options.config.lanes = 1;
  options.plane.speedup = 1;
  options.plane.flit_errors = 1'000'000;
  check(options, 3);
}

TEST(MulticastTest, NorWithTrains) {
  Fabric::Options options = with_trains(with_multicast(4), 2_KiB);
  options.config.multicast_flits = options.plane.multicast_flits =
      2 * options.config.max_packet_flits();
  check(options, 4);
}

TEST(MulticastTest, ItIsAnIllegalDestinationWhereTheFabricMakesNoCopies) {
  Fabric fabric({});
  fabric.start();
  Request r;
  r.destination = Gaddr::hbm(0x4000, Gaddr::kModule);
  fabric.push(0, r);
  fabric.run();
  ASSERT_EQ(fabric[0].sink.faults.size(), 1U);
  EXPECT_EQ(fabric[0].sink.faults[0].rule, abi::kRuleBadDestination);
  EXPECT_EQ(fabric[0].counters[0]->value(1), 0U);
}

TEST(MulticastTest, AnAddressThatOneMemberRefusesFailsTheMessageOnceAllHaveAnswered) {
  Fabric::Options options = with_multicast(4);
  Fabric fabric(options);
  fabric.start();
  Request r;
  r.destination = Gaddr::hbm(kSize - 100, Gaddr::kModule);
  r.bytes = 4096;
  fabric.push(0, r);
  r.destination = Gaddr::hbm(kTargets, Gaddr::kModule);
  fabric.push(0, r);
  fabric.run();
  ASSERT_EQ(fabric[0].sink.faults.size(), 1U);
  EXPECT_EQ(fabric[0].sink.faults[0].rule, abi::kRuleBadAddress);
  for (std::uint32_t a = 1; a < 4; ++a)
    EXPECT_EQ(fabric[a].sink.signals.size(), 1U) << "only the good one adds";
  for (std::uint32_t a = 0; a < 4; ++a)
    EXPECT_EQ(fabric[a].interface.waiting_for(), "");
}

TEST(MulticastTest, ACopyTakesNoLongerThanAPacketToOne) {
  Fabric::Options options = with_multicast(4);
  options.config.lanes = 1;
  Fabric fabric(options);
  fabric.start();
  Request r;
  r.opcode = dc::kOpNotify;
  r.destination = Gaddr::hbm(0, Gaddr::kModule);
  fabric.push(0, r);
  fabric.run();
  const auto up = [](std::uint64_t time, std::uint64_t grid) { return align_up(time, grid); };
  const std::uint64_t lane = up(1000 + 120'000, 1280);
  const std::uint64_t effect = up(lane + (98 + 4 + 98) * 1280 + 120'000, 1000);
  for (std::uint32_t a = 1; a < 4; ++a)
    EXPECT_EQ(fabric[a].sink.signals.at(0).time, effect);
}

/// Share of the payload peak at which one put, or one of every AIPU, reaches all others.
double share(std::uint32_t aipus, bool all_send, std::uint32_t bytes) {
  Fabric::Options options = with_multicast(aipus);
  Fabric fabric(options);
  fabric.start();
  Request r;
  r.bytes = bytes;
  for (std::uint32_t a = 0; a < (all_send ? aipus : 1U); ++a) {
    r.destination = Gaddr::hbm(kTargets + std::uint64_t{a} * bytes, Gaddr::kModule);
    fabric.push(a, r);
  }
  fabric.run();
  std::uint64_t last = 0;
  for (std::uint32_t a = 0; a < aipus; ++a)
    for (const Sink::Signal& s : fabric[a].sink.signals)
      last = std::max(last, s.time);
  const double alpha = 0.497e-6;
  const double peak = 50e9 * 512 / 528;
  const double into_one = bytes * (all_send ? aipus - 1.0 : 1.0);
  const double bound = alpha + into_one / peak;
  const double share = bound / (static_cast<double>(last) * 1e-12);
  ::testing::Test::RecordProperty("share_of_bound", std::to_string(share));
  std::printf("%u AIPUs, %s: %.3f of a + n/B\n", aipus, all_send ? "all to all others" : "one",
              share);
  return share;
}

TEST(MulticastTest, ABroadcastKeepsToItsBound) {
  EXPECT_GT(share(16, false, 512 * 1024), 0.95);
}

TEST(MulticastTest, AnAllGatherKeepsToItsBound) {
  EXPECT_GT(share(16, true, 64 * 1024), 0.9);
}

}  // namespace
}  // namespace aipu::directcom::test
