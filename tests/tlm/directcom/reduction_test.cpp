// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <gtest/gtest.h>
#include <random>

#include "hw/base/number_format.h"
#include "tests/tlm/directcom/fabric.h"

namespace aipu::directcom::test {
namespace {

constexpr std::uint64_t kTargets = 1U << 20U;  ///< numbers below, sums above
constexpr std::uint32_t kCopied = 8U << 20U;   ///< what is put beside them

Fabric::Options with_reduction(std::uint32_t aipus, std::uint32_t packets = 16) {
  Fabric::Options options;
  options.aipus = aipus;
  options.config.multicast_flits = 1536;
  options.config.reduction_packets = packets;
  options.plane.multicast_flits = 512;
  options.plane.reduction_entries = aipus * packets;
  return options;
}

/// Random gets of sums of all AIPUs, with what they must leave.
class Sums {
 public:
  Sums(Fabric& fabric, std::uint32_t aipus, std::uint32_t seed)
      : fabric_(fabric), aipus_(aipus), random_(seed), own_(aipus, 0) {
    for (std::uint32_t a = 0; a < aipus; ++a) {
      Storage& storage = fabric[a].memory.storage();
      for (std::uint64_t i = 0; i < kTargets; i += 4) {
        const float x = static_cast<float>(random_() % 20'001) / 7.0F - 1000.0F;
        store_number(i < kTargets / 2 ? DType::kF32 : DType::kBf16, x, storage.at(i));
        if (i >= kTargets / 2) store_number(DType::kBf16, -x, storage.at(i + 2));
      }
    }
  }

  void push(std::uint32_t from, const Request& r) {
    while (fabric_[from].queues[0]->free_slots() == 0)
      sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_NS));
    fabric_.push(from, r);
    ++own_[from];
  }

  void ask(std::uint32_t from, std::uint32_t longest) {
    const bool f32 = random_() % 2 == 0;
    Request r;
    r.opcode = dc::kOpGet;
    r.bytes = 4 * (1 + static_cast<std::uint32_t>(random_() % (longest / 4)));
    r.traffic_class = static_cast<std::uint32_t>(1 + random_() % 3) | (f32 ? 1U : 2U)
                                                                          << dc::kFlagsElementShift;
    const std::uint64_t at = random_() % ((kTargets / 2 - r.bytes) / 4) * 4;
    r.source = Gaddr::hbm(at + (f32 ? 0 : kTargets / 2), Gaddr::kModule);
    r.destination = Gaddr::hbm(free_at_);
    asked_.push_back({from, f32 ? DType::kF32 : DType::kBf16, r});
    free_at_ += r.bytes + 36;
    push(from, r);
  }

  /// Traffic of others that takes the same buffers: copies, and packets to one.
  void disturb(std::uint32_t from) {
    Request r;
    r.bytes = 3000;
    const bool one = random_() % 2 == 0;
    r.destination = Gaddr::hbm(kCopied + from * 4096,
                               one ? (from + 1) % aipus_ : std::uint32_t{Gaddr::kModule});
    push(from, r);
  }

  void check() {
    for (const Asked& a : asked_) {
      const std::uint32_t size = size_of(a.type);
      for (std::uint32_t at = 0; at < a.request.bytes; at += size) {
        const std::uint64_t from = a.request.source.offset() + at;
        float sum = load_number(a.type, fabric_[0].memory.storage().at(from));
        for (std::uint32_t m = 1; m < aipus_; ++m)
          sum += load_number(a.type, fabric_[m].memory.storage().at(from));
        std::uint8_t expected[4] = {};
        store_number(a.type, sum, expected);
        const std::uint8_t* found =
            fabric_[a.from].memory.storage().at(a.request.destination.offset() + at);
        ASSERT_EQ(std::memcmp(expected, found, size), 0) << "byte " << at << " of a sum";
      }
    }
    for (std::uint32_t a = 0; a < aipus_; ++a) {
      EXPECT_EQ(fabric_[a].counters[0]->value(1), own_[a]) << "every command done exactly once";
      EXPECT_TRUE(fabric_[a].sink.faults.empty());
      EXPECT_EQ(fabric_[a].interface.waiting_for(), "");
    }
    for (const auto& plane : fabric_.planes)
      EXPECT_EQ(plane->waiting_for(), "");
  }

 private:
  struct Asked {
    std::uint32_t from;
    DType type;
    Request request;
  };
  Fabric& fabric_;
  const std::uint32_t aipus_;
  std::mt19937 random_;
  std::vector<std::uint32_t> own_;
  std::uint64_t free_at_ = kTargets;
  std::vector<Asked> asked_;
};

void check(const Fabric::Options& options, std::uint32_t rounds, std::uint32_t seed) {
  Fabric fabric(options);
  Sums sums(fabric, options.aipus, seed);
  fabric.start();
  for (std::uint32_t i = 0; i < rounds * options.aipus; ++i) {
    sums.ask(i % options.aipus, i % 4 == 0 ? 20'000 : 800);
    if (i % 3 == 0) sums.disturb(i % options.aipus);
  }
  fabric.run();
  sums.check();
}

TEST(ReductionTest, SumsHaveTheBitsOfTheOrderOfAipus) {
  check(with_reduction(4), 30, 1);
}

TEST(ReductionTest, NothingHangsWithTheSmallestBuffers) {
  Fabric::Options options = with_reduction(5, 1);
  options.config.multicast_flits = options.plane.multicast_flits = 33;
  options.config.receive_flits = options.plane.voq_flits = 33;
  options.plane.out_flits = 33;
  options.config.messages = 2;
  options.config.gets = 1;
  options.config.replies = 1;
  options.config.eager = options.config.pull_chunk = 512_B;
  options.config.pull_window = 1_KiB;
  check(options, 20, 2);
}

TEST(ReductionTest, NorWithManyMembersAndReorderingMemory) {
  Fabric::Options options = with_reduction(16, 4);
  options.timing = {70_ns, 20_ns, true};
  options.plane.speedup = 1;
  check(options, 8, 3);
}

TEST(ReductionTest, AnAddressThatMembersRefuseFailsItOnce) {
  Fabric::Options options = with_reduction(3);
  Fabric fabric(options);
  fabric.start();
  Request r;
  r.opcode = dc::kOpGet;
  r.bytes = 4096;
  r.traffic_class |= 1U << dc::kFlagsElementShift;
  r.source = Gaddr::hbm(options.size.count - 1024, Gaddr::kModule);
  r.destination = Gaddr::hbm(kTargets);
  fabric.push(1, r);
  r.source = Gaddr::hbm(0, Gaddr::kModule);
  fabric.push(1, r);
  fabric.run();
  ASSERT_EQ(fabric[1].sink.faults.size(), 1U);
  EXPECT_EQ(fabric[1].sink.faults[0].rule, abi::kRuleBadAddress);
  EXPECT_EQ(fabric[1].sink.signals.size(), 1U) << "only the good one adds";
  for (std::uint32_t a = 0; a < 3; ++a)
    EXPECT_EQ(fabric[a].interface.waiting_for(), "");
}

TEST(ReductionTest, ItIsIllegalWhereTheSwitchesDoNotAdd) {
  Fabric::Options options = with_reduction(4);
  options.plane.reduction_entries = 0;
  Fabric fabric(options);
  fabric.start();
  Request r;
  r.opcode = dc::kOpGet;
  r.traffic_class |= 1U << dc::kFlagsElementShift;
  r.source = Gaddr::hbm(0, Gaddr::kModule);
  r.destination = Gaddr::hbm(kTargets);
  fabric.push(0, r);
  fabric.run();
  ASSERT_EQ(fabric[0].sink.faults.size(), 1U);
  EXPECT_EQ(fabric[0].sink.faults[0].rule, abi::kRuleBadDestination);
}

/// Reduce-scatter of n bytes by every AIPU's get of its slice: share of alpha + n/B.
TEST(ReductionTest, AReduceScatterInTheSwitchKeepsToItsBound) {
  Fabric::Options options = with_reduction(16, 8);
  Fabric fabric(options);
  fabric.start();
  constexpr std::uint32_t kSlice = 64 * 1024;
  Request r;
  r.opcode = dc::kOpGet;
  r.bytes = kSlice;
  r.traffic_class |= 1U << dc::kFlagsElementShift;
  for (std::uint32_t a = 0; a < 16; ++a) {
    r.source = Gaddr::hbm(a * kSlice, Gaddr::kModule);
    r.destination = Gaddr::hbm(kTargets + a * kSlice);
    fabric.push(a, r);
  }
  fabric.run();
  std::uint64_t last = 0;
  for (std::uint32_t a = 0; a < 16; ++a)
    last = std::max(last, fabric[a].sink.signals.at(0).time);
  const double bound = 0.497e-6 + 16.0 * kSlice / (50e9 * 512 / 528);
  const double share = bound / (static_cast<double>(last) * 1e-12);
  std::printf("16 AIPUs, sums of 1 MiB: %.3f of a + n/B\n", share);
  EXPECT_GT(share, 0.85);
}

}  // namespace
}  // namespace aipu::directcom::test
