// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "tests/tlm/hbm/subsystem_fixture.h"

namespace aipu::hbm {
namespace {

using test::StockInitiator;

/// What a request costs the kernel: wake-ups of the model, and its calls back to the initiator.
class HbmCost : public test::HbmSubsystemTest {
 protected:
  void add(std::size_t requests, std::size_t bytes, bool random, std::uint64_t gap_ns,
           std::size_t outstanding = 32) {
    StockInitiator& source = initiator(test::Ending::kCompleted, outstanding);
    std::mt19937_64 numbers(3);
    for (std::size_t i = 0; i < requests; ++i) {
      const std::uint64_t block = random ? numbers() : i;
      source.read(block * bytes % config_.capacity.count, bytes).at = ns(gap_ns * i);
    }
  }
  double events_per_request() {
    run(ns(10'000'000));
    std::uint64_t calls = 0;
    std::uint64_t requests = 0;
    for (const auto& checker : checkers_) {
      calls += checker->backward_calls();
      requests += checker->requests();
    }
    const auto per_request = [requests](std::uint64_t count) {
      return static_cast<double>(count) / static_cast<double>(requests);
    };
    RecordProperty("wake_ups_per_request", std::to_string(per_request(hbm_->wake_ups())));
    RecordProperty("calls_per_request", std::to_string(per_request(calls)));
    return per_request(calls + hbm_->wake_ups());
  }
  double wake_ups() {
    events_per_request();
    return static_cast<double>(hbm_->wake_ups()) / static_cast<double>(checkers_[0]->requests());
  }
};

TEST_F(HbmCost, SequentialBurstsOfOnePseudoChannel) {
  use_one_channel(32);
  add(5000, 32, false, 0);
  EXPECT_LE(events_per_request(), 2.2);
}
TEST_F(HbmCost, RandomBurstsOfOnePseudoChannel) {
  use_one_channel(32);
  add(5000, 32, true, 0);
  EXPECT_LE(events_per_request(), 3.0);
}
TEST_F(HbmCost, KilobytesOfOnePseudoChannel) {
  use_one_channel(32);
  add(2000, 1024, false, 0);
  EXPECT_LE(events_per_request(), 3.0);
}
TEST_F(HbmCost, KilobytesOverAllPseudoChannels) {
  for (int i = 0; i < 8; ++i)
    add(1000, 1024, true, 0);
  EXPECT_LE(events_per_request(), 3.0);
}
TEST_F(HbmCost, RareBursts) {
  use_one_channel(32);
  config_.refresh = Refresh::kNone;
  add(1000, 32, true, 200);
  EXPECT_LE(events_per_request(), 3.0);
}
TEST_F(HbmCost, RareKilobytes) {
  config_.refresh = Refresh::kNone;
  add(1000, 1024, true, 200);
  EXPECT_LE(events_per_request(), 3.0);
}
// One that a refresh delays is looked at once more.
TEST_F(HbmCost, RareBurstsBetweenRefreshes) {
  use_one_channel(32);
  add(1000, 32, true, 200);
  EXPECT_LE(events_per_request(), 3.3);
}
// A withheld END_REQ is one more call, at a time of its own, that is looked for.
TEST_F(HbmCost, SequentialBurstsThatWaitForTheScheduler) {
  use_one_channel(0);
  add(5000, 32, false, 0, 64);
  EXPECT_LE(wake_ups(), 2.2);
}
TEST_F(HbmCost, RandomBurstsThatWaitForTheScheduler) {
  use_one_channel(0);
  add(5000, 32, true, 0, 64);
  EXPECT_LE(wake_ups(), 4.0);
}
TEST_F(HbmCost, KilobytesThatWaitForAPort) {
  use_one_channel(1);
  add(2000, 1024, false, 0, 64);
  EXPECT_LE(wake_ups(), 3.2);
}

TEST_F(HbmCost, AnIdleModelNeverWakesUp) {
  initiator();
  run(ns(1'000'000));
  EXPECT_EQ(hbm_->wake_ups(), 0U);
}

}  // namespace
}  // namespace aipu::hbm
