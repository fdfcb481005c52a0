// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/replay.h"

#include <gtest/gtest.h>
#include <numeric>
#include <ostream>

#include "hw/config/load.h"
#include "sim/memory/figures.h"
#include "sim/memory/policy.h"
#include "sim/memory/tlm_replay.h"

namespace aipu::memory {
namespace {

/// Requests from a list.
class ListSource : public Source {
 public:
  explicit ListSource(std::vector<Request> requests) : requests_(std::move(requests)) {}
  void next(std::vector<Request>& batch, std::size_t most) override {
    batch.clear();
    for (; batch.size() < most && at_ < requests_.size(); ++at_)
      batch.push_back(requests_[at_]);
  }

 private:
  std::vector<Request> requests_;
  std::size_t at_ = 0;
};

Workload mixed_blocks() {
  Workload workload;
  workload.pattern = Pattern::kBlock;
  workload.block = 256_B;
  workload.reads = 2;
  workload.reads_of = 3;
  workload.load = 400;
  workload.requests = 5000;
  return workload;
}

TEST(ReplayTest, OneReadOfAClosedRow) {
  const hbm::Config device = config::load_hbm("HBM2-2000-PC");
  ListSource source({{100, 0x40, hbm::kRead}});
  const Replay result = replay(device, source);
  // A CK to the scheduler, the activate of two, tRCDRD, RL, a burst of two.
  EXPECT_EQ(result.latency[hbm::kRead].min(), 1 + 15 + 14 + 2);
  EXPECT_EQ(result.since_arrival[hbm::kRead], 1 + 15 + 14 + 2);
  EXPECT_EQ(result.begin, 100);
  EXPECT_EQ(result.end, 132);
}

TEST(ReplayTest, LatenciesHaveTheFixedOnes) {
  const hbm::Config device =
      config::load_hbm("HBM2-2000-PC", {"controller_latency=8 ns", "phy_latency=6 ns"});
  ListSource source({{0, 0, hbm::kRead}});
  const Replay result = replay(device, source);
  EXPECT_DOUBLE_EQ(Figures(device, result).latency(hbm::kRead), 32 + 14);
}

TEST(ReplayTest, HalfCyclesAreTicks) {
  const hbm::Config device = config::load_hbm("HBM3-6400-PC-native");
  ListSource source({{10, 0, hbm::kRead}});
  const Replay result = replay(device, source);
  const Figures figures(device, result);
  EXPECT_EQ(result.begin, 20);
  EXPECT_DOUBLE_EQ(figures.total_ck(), figures.latency(hbm::kRead) / 0.625);
}

class AccountTest : public testing::TestWithParam<const char*> {};

TEST_P(AccountTest, PartsAddUpToTheWhole) {
  const hbm::Config device = config::load_hbm(GetParam());
  SyntheticSource source(mixed_blocks(), device);
  const Replay result = replay(device, source);
  const Figures figures(device, result);
  const auto sum = [](const Figures::Parts& parts) {
    return std::accumulate(parts.begin(), parts.end(), 0.0,
                           [](double total, const auto& part) { return total + part.second; });
  };
  EXPECT_NEAR(sum(figures.bus_parts()), figures.total_ck() * channel_count(device), 1e-6);
  for (const hbm::Direction d : {hbm::kRead, hbm::kWrite}) {
    EXPECT_NEAR(sum(figures.latency_parts(d)), figures.latency(d), 1e-6);
    for (const auto& [name, ns] : figures.latency_parts(d))
      EXPECT_GE(ns, -1e-9) << name;
  }
  for (const auto& [name, ck] : figures.bus_parts())
    EXPECT_GE(ck, 0) << name;
  const auto& banks = result.bank_accesses;
  EXPECT_EQ(banks.size(), std::size_t{bank_count(device)} * channel_count(device));
  EXPECT_EQ(std::accumulate(banks.begin(), banks.end(), std::uint64_t{0}), 5000U);
  EXPECT_EQ(result.requests(), 5000U);
}

INSTANTIATE_TEST_SUITE_P(Memory, AccountTest,
                         testing::Values("HBM2-2000-PC", "HBM3-6400-PC-native", "HBM2E-3600",
                                         "HBM3-6400"));

// Through TLM: the same numbers. One simulation each, so one test each.

struct TlmCase {
  const char* device;
  const char* policy;
  Pattern pattern;
  std::uint32_t load;
};

std::ostream& operator<<(std::ostream& out, const TlmCase& one) {
  return out << one.device << " " << one.policy << " "
             << pattern_names()[static_cast<std::size_t>(one.pattern)] << " " << one.load;
}

class TlmReplayTest : public testing::TestWithParam<TlmCase> {};

TEST_P(TlmReplayTest, GivesTheSameNumbers) {
  const TlmCase& one = GetParam();
  const hbm::Config device = config::load_hbm(one.device, find_policy(one.policy).overrides);
  Workload workload = mixed_blocks();
  workload.pattern = one.pattern;
  workload.load = one.load;
  workload.streams = {{0, hbm::kRead}, {0x8000000, hbm::kWrite}, {0x8001000, hbm::kRead}};
  SyntheticSource first(workload, device), second(workload, device);
  const Replay direct = replay(device, first);
  const Replay tlm = replay_through_tlm(device, second);
  EXPECT_EQ(tlm.begin, direct.begin);
  EXPECT_EQ(tlm.end, direct.end);
  EXPECT_EQ(tlm.paced, direct.paced);
  for (const hbm::Direction d : {hbm::kRead, hbm::kWrite}) {
    EXPECT_EQ(tlm.latency[d].count(), direct.latency[d].count());
    EXPECT_EQ(tlm.latency[d].mean(), direct.latency[d].mean());
    EXPECT_EQ(tlm.latency[d].percentile(99), direct.latency[d].percentile(99));
    EXPECT_EQ(tlm.latency[d].max(), direct.latency[d].max());
    EXPECT_EQ(tlm.since_arrival[d], direct.since_arrival[d]);
  }
  EXPECT_EQ(tlm.counts.commands, direct.counts.commands);
  EXPECT_EQ(tlm.shares, direct.shares);
  EXPECT_EQ(tlm.bank_accesses, direct.bank_accesses);
}

INSTANTIATE_TEST_SUITE_P(
    Memory, TlmReplayTest,
    testing::Values(TlmCase{"HBM2-2000-PC", "frfcfs", Pattern::kRandom, 0},
                    TlmCase{"HBM2-2000-PC", "frfcfs", Pattern::kBlock, 300},
                    TlmCase{"HBM2-2000-PC", "wm", Pattern::kStreams, 0},
                    TlmCase{"HBM3-6400-PC", "refpb_post", Pattern::kBlock, 700},
                    TlmCase{"HBM3-6400-PC", "grp", Pattern::kRandom, 200},
                    TlmCase{"HBM3-6400-PC-native", "wm", Pattern::kRandom, 0},
                    TlmCase{"HBM3-6400-PC-native", "closedadaptive", Pattern::kSequential, 900}));

}  // namespace
}  // namespace aipu::memory
