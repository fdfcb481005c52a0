// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "hw/hbm/cycle_timings.h"
#include "tests/tlm/hbm/subsystem_fixture.h"

namespace aipu::hbm {
namespace {

using test::Driver;

class HbmTiming : public test::HbmSubsystemTest {
 protected:
  /// Mean bytes per second of `bytes` requests of 1 KiB from each of several streams.
  double stream(std::size_t streams, std::size_t requests) {
    for (std::size_t s = 0; s < streams; ++s) {
      Driver& source = driver(test::Ending::kCompleted, 256);
      for (std::size_t i = 0; i < requests; ++i) {
        source.read((s * ((1_GiB).count / streams) + i * 1024) % (1_GiB).count, 1024);
      }
    }
    run(ns(10'000'000));
    double last = 0;
    for (const auto& source : drivers_) {
      EXPECT_EQ(source->completed(), requests);
      for (const auto& request : source->requests)
        last = std::max(last, request.done.to_seconds());
    }
    return static_cast<double>(streams * requests) * 1024 / last;
  }
  /// Completion times of a fixed random mix.
  void fill(Driver& source, std::uint32_t seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 400; ++i) {
      const std::uint64_t at = random() % (1U << 29U);
      const std::size_t bytes = 1 + random() % 1024;
      if (random() % 3 == 0) {
        source.write(at, std::vector<std::uint8_t>(bytes));
      } else {
        source.read(at, bytes);
      }
    }
  }
};

TEST_F(HbmTiming, OneAccessTakesTheFormula) {
  Driver& source = driver();
  source.read(4096, 32).at = ns(100);
  run(ns(10'000));
  const CycleTimings t = cycle_timings(config_);
  const Clock clock(command_clock(config_));
  const auto edge = static_cast<Ck>(clock.edge_at(100'000));
  const Ck done = edge + t.act_to_col[kRead] + t.latency[kRead] + t.burst;
  const std::uint64_t fixed = (config_.controller_latency + config_.phy_latency).count;
  EXPECT_EQ(source.requests[0].done.value(),
            clock.edge_ps(static_cast<std::uint64_t>(done)) + fixed);
}

TEST_F(HbmTiming, ManyStreamsReachThePeak) {
  const double rate = stream(32, 2000);
  const auto peak = static_cast<double>(peak_bytes_per_second(config_));
  EXPECT_GT(rate, 0.92 * peak);
  EXPECT_LE(rate, peak);
  expect_accounts();
  EXPECT_EQ(hbm_->stats().bytes_read.value(), 32U * 2000U * 1024U);
  EXPECT_EQ(hbm_->stats().atoms.value(), 32U * 2000U * 32U);
  EXPECT_EQ(hbm_->stats().row_hits.value() + hbm_->stats().row_misses.value(), 32U * 2000U);
  EXPECT_NEAR(static_cast<double>(share("busy")), 32.0 * 2000 * 1024 / (peak / 64) * 1e12, 1e6);
}

TEST_F(HbmTiming, HalfTheDataRateReachesHalfTheBandwidth) {
  config_.data_rate = BitsPerSecond(1'800'000'000U);
  const double rate = stream(32, 2000);
  EXPECT_NEAR(rate / static_cast<double>(peak_bytes_per_second(config_)), 0.985, 0.015);
}

TEST_F(HbmTiming, PartsOfOneRequestRunInParallel) {
  Driver& source = driver();
  source.read(0, 1024).at = ns(100);
  source.read(512 + 65536, 1024).at = ns(2000);
  run(ns(10'000));
  const double whole = (source.requests[0].done - ns(100)).to_seconds();
  const double split = (source.requests[1].done - ns(2000)).to_seconds();
  EXPECT_LT(split, whole);
}

TEST_F(HbmTiming, PhantomStorageAndRepetitionChangeNoTime) {
  fill(driver(), 1);
  Storage phantom(config_.capacity, 64_KiB);
  Subsystem twin("twin", config_, phantom);
  drivers_.push_back(std::make_unique<Driver>("other"));
  drivers_.back()->out.bind(twin.mem_in);
  fill(*drivers_.back(), 1);
  run(ns(1'000'000));
  for (std::size_t i = 0; i < 400; ++i) {
    EXPECT_EQ(drivers_[0]->requests[i].done, drivers_[1]->requests[i].done);
  }
  EXPECT_EQ(drivers_[0]->order, drivers_[1]->order);
  EXPECT_EQ(hbm_->stats().activates.value(), twin.stats().activates.value());
}

TEST_F(HbmTiming, AccountsAddUpInTheMiddleOfTraffic) {
  fill(driver(), 1);
  fill(driver(), 2);
  for (int i = 0; i < 50; ++i) {
    sc_core::sc_start(sc_core::sc_time(13'777, sc_core::SC_PS));
    expect_accounts();
  }
}

}  // namespace
}  // namespace aipu::hbm
