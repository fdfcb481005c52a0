// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "hw/hbm/constraints.h"
#include "tests/tlm/hbm/subsystem_fixture.h"

namespace aipu::hbm {
namespace {

using test::StockInitiator;

class HbmTiming : public test::HbmSubsystemTest {
 protected:
  /// Mean bytes per second of `bytes` requests of 1 KiB from each of several streams.
  double stream(std::size_t streams, std::size_t requests) {
    for (std::size_t s = 0; s < streams; ++s) {
      StockInitiator& source = initiator(test::Ending::kCompleted, 256);
      for (std::size_t i = 0; i < requests; ++i) {
        source.read((s * ((1_GiB).count / streams) + i * 1024) % (1_GiB).count, 1024);
      }
    }
    run(ns(10'000'000));
    double last = 0;
    for (const auto& source : initiators_) {
      EXPECT_EQ(source->completed(), requests);
      for (const auto& request : source->requests)
        last = std::max(last, request.done.to_seconds());
    }
    return static_cast<double>(streams * requests) * 1024 / last;
  }
  /// A fixed random mix.
  static void fill(StockInitiator& source, std::uint32_t seed) {
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
  /// Distance of the tightest rule between two commands of one bank.
  Tick distance(Command from, Command to) const {
    Tick longest = 0;
    for (const Constraint& rule : constraints(config_).pairs) {
      if (rule.from == from && rule.to == to && rule.scope == Scope::kBank) {
        longest = std::max(longest, rule.distance);
      }
    }
    return longest;
  }
};

TEST_F(HbmTiming, OneBurstOfAClosedRowTakesTheFormula) {
  config_.refresh = Refresh::kNone;
  StockInitiator& source = initiator();
  source.read(4096, 32).at = ns(100);
  source.write(8 * 4096, std::vector<std::uint8_t>(32)).at = ns(400);
  run(ns(10'000));
  const ConstraintTable table = constraints(config_);
  const Clock clock(command_clock(config_));
  const std::uint64_t fixed = (config_.controller_latency + config_.phy_latency).count;
  const auto expected = [&](std::uint64_t arrival, Direction direction) {
    const Tick opening = distance(kAct, direction == kRead ? kRd : kWr);
    const Tick ticks = static_cast<Tick>(clock.edge_at(arrival)) + 1 + opening +
                       table.latency[direction] + table.burst;
    return clock.edge_ps(static_cast<std::uint64_t>(ticks)) + fixed;
  };
  EXPECT_EQ(source.requests[0].done.value(), expected(100'000, kRead));
  EXPECT_EQ(source.requests[1].done.value(), expected(400'000, kWrite));
}

TEST_F(HbmTiming, ABlockingAccessTakesWhatTheLargestUnloadedAccessTakes) {
  config_.interleave = 32_B;  // one burst: the formula is exact
  config_.refresh = Refresh::kNone;
  StockInitiator& source = initiator();
  source.read(0, 32);
  run(ns(10'000));
  tlm::tlm_generic_payload payload;
  std::vector<std::uint8_t> data(32);
  payload.set_read();
  payload.set_data_ptr(data.data());
  payload.set_data_length(32);
  payload.set_streaming_width(32);
  sc_core::sc_time delay = ns(5);
  source.out->b_transport(payload, delay);
  EXPECT_EQ(delay - ns(5), source.requests[0].done);
}

TEST_F(HbmTiming, ABlockingAccessOfAGranuleIsNearTheUnloadedOne) {
  config_.refresh = Refresh::kNone;
  StockInitiator& source = initiator();
  source.read(0, 1024);
  run(ns(10'000));
  tlm::tlm_generic_payload payload;
  std::vector<std::uint8_t> data(1024);
  payload.set_read();
  payload.set_data_ptr(data.data());
  payload.set_data_length(1024);
  payload.set_streaming_width(1024);
  sc_core::sc_time delay;
  source.out->b_transport(payload, delay);
  // The four banks of a granule open one after the other, which the formula leaves out.
  const sc_core::sc_time real = source.requests[0].done;
  EXPECT_LE(delay, real);
  EXPECT_GT(delay, 0.9 * real);
}

TEST_F(HbmTiming, ManyStreamsReachThePeak) {
  config_.read_queue = 128;  // rows of the next requests open behind the data of this one
  const double rate = stream(32, 2000);
  const auto peak = static_cast<double>(peak_bytes_per_second(config_));
  EXPECT_GT(rate, 0.92 * peak);
  EXPECT_LE(rate, peak);
  expect_accounts();
  const Memory::Stats& stats = hbm_->stats();
  EXPECT_EQ(stats.bytes_read.value(), 32U * 2000U * 1024U);
  EXPECT_EQ(stats.atoms.value(), 32U * 2000U * 32U);
  EXPECT_EQ(stats.row_hits.value() + stats.row_misses.value(), 32U * 2000U * 32U);
  EXPECT_NEAR(static_cast<double>(share("busy")), 32.0 * 2000 * 1024 / (peak / 64) * 1e12, 1e6);
}

TEST_F(HbmTiming, HalfTheDataRateReachesHalfTheBandwidth) {
  config_.data_rate = BitsPerSecond(1'800'000'000U);
  config_.read_queue = 128;
  const double rate = stream(32, 2000);
  EXPECT_NEAR(rate / static_cast<double>(peak_bytes_per_second(config_)), 0.97, 0.03);
}

TEST_F(HbmTiming, PartsOfOneRequestRunInParallel) {
  config_.refresh = Refresh::kNone;
  StockInitiator& source = initiator();
  source.read(0, 1024).at = ns(100);
  source.read(512 + 65536, 1024).at = ns(2000);
  run(ns(10'000));
  const double whole = (source.requests[0].done - ns(100)).to_seconds();
  const double split = (source.requests[1].done - ns(2000)).to_seconds();
  EXPECT_LT(split, whole);
}

TEST_F(HbmTiming, PhantomStorageAndLooksInBetweenChangeNoTime) {
  fill(initiator(), 1);
  Storage phantom(config_.capacity, 64_KiB);
  Subsystem twin("twin", config_, phantom);
  fill(initiator_of(twin), 1);
  const auto ended = [this] { return initiators_[1]->completed() == 400; };
  int looks = 0;
  while (!ended() && looks < 1000) {  // else SystemC warns that nothing happens
    sc_core::sc_start(sc_core::sc_time(13'777, sc_core::SC_PS));
    twin.stats();  // advances every controller
    ++looks;
  }
  EXPECT_GT(looks, 50);
  if (sc_core::sc_pending_activity()) run(ns(1'000'000));
  for (std::size_t i = 0; i < 400; ++i) {
    EXPECT_EQ(initiators_[0]->requests[i].done, initiators_[1]->requests[i].done);
    EXPECT_EQ(initiators_[0]->requests[i].accepted, initiators_[1]->requests[i].accepted);
  }
  EXPECT_EQ(initiators_[0]->order, initiators_[1]->order);
  for (std::uint32_t c = 0; c < channel_count(config_); ++c)
    EXPECT_EQ(hbm_->counts(c).commands, twin.counts(c).commands) << "pseudo-channel " << c;
}

TEST_F(HbmTiming, AccountsAddUpInTheMiddleOfTraffic) {
  fill(initiator(), 1);
  fill(initiator(), 2);
  all_must_end_ = false;
  for (int i = 0; i < 50; ++i) {
    sc_core::sc_start(sc_core::sc_time(13'777, sc_core::SC_PS));
    expect_accounts();
  }
}

}  // namespace
}  // namespace aipu::hbm
