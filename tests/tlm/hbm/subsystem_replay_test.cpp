// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "tests/tlm/hbm/subsystem_fixture.h"

namespace aipu::hbm {
namespace {

using test::StockInitiator;

/// Single bursts through TLM against the same bursts offered to a Controller.
class HbmReplay : public test::HbmSubsystemTest {
 protected:
  struct Burst {
    Tick arrival = 0;
    Direction direction = kRead;
    std::uint64_t address = 0;
  };

  void use_reference_rules() {
    use_one_channel(0);
    config_.capacity = 512_MiB;
    config_.channel_hash = false;
    config_.scheduler = Scheduler::kFrFcfs;
    config_.admission = Admission::kBoth;
    config_.refresh = Refresh::kAllBank;
    config_.refresh_postpone = 0;
    config_.refresh_pull_in = 0;
    config_.data_rate = BitsPerSecond(2'000'000'000U);
  }

  /// Every `writes`-th is a write; `gap` CK apart on the average, 0: all at once; one stream of
  /// `run` bursts at a time.
  std::vector<Burst> bursts(std::size_t count, std::uint32_t writes, std::uint32_t gap,
                            std::uint32_t run) const {
    std::mt19937 random(7);
    std::vector<Burst> result;
    Tick now = 0;
    std::uint64_t address = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (gap != 0) now += static_cast<Tick>(random() % (2 * gap)) * ticks_per_ck(config_);
      address = i % run == 0 ? random() % (config_.capacity.count / 32) * 32 : address + 32;
      const bool write = writes != 0 && random() % writes == 0;
      result.push_back({now, write ? kWrite : kRead, address % config_.capacity.count});
    }
    return result;
  }

  std::vector<Issue> direct(const std::vector<Burst>& trace) const {
    const AddressMap map(config_);
    Controller controller(config_);
    for (std::uint32_t i = 0; i < trace.size(); ++i) {
      const Location at = map.locate(trace[i].address);
      controller.offer(
          {trace[i].direction, at.set * config_.bank_groups + at.group, at.row, at.column, i},
          trace[i].arrival);
    }
    std::vector<Issue> issued;
    controller.drain(issued);
    std::vector<Issue> result(trace.size());
    for (const Issue& issue : issued)
      result[issue.id] = issue;
    return result;
  }

  sc_core::sc_time time(Tick tick) const {
    const Clock ticks(
        Hertz(command_clock(config_).count * static_cast<std::uint64_t>(ticks_per_ck(config_))));
    return sc_core::sc_time::from_value(ticks.edge_ps(static_cast<std::uint64_t>(tick)));
  }

  /// Both ways give the same completion of every burst; with `exact` the same acceptance too.
  void expect_same(const std::vector<Burst>& trace, bool heed_end_delay) {
    StockInitiator& source = initiator(test::Ending::kCompleted, trace.size());
    source.heed_end_delay = heed_end_delay;
    for (const Burst& burst : trace) {
      auto& request = burst.direction == kWrite
                          ? source.write(burst.address, std::vector<std::uint8_t>(32))
                          : source.read(burst.address, 32);
      request.at = time(burst.arrival);
    }
    run(ns(10'000'000));
    const std::vector<Issue> expected = direct(trace);
    const Tick ck = ticks_per_ck(config_);
    std::size_t waited = 0;
    for (std::size_t i = 0; i < trace.size(); ++i) {
      const auto& request = source.requests[i];
      ASSERT_EQ(request.done, time(expected[i].done)) << "burst " << i;
      waited += expected[i].waited ? 1 : 0;
      if (config_.front_queue != 0) continue;
      ASSERT_EQ(request.accepted, time(expected[i].accepted)) << "burst " << i;
      ASSERT_EQ(request.end_delay, time(expected[i].waited ? ck : 0)) << "burst " << i;
    }
    waited_ = waited;
    expect_accounts();
  }

  std::size_t waited_ = 0;
};

TEST_F(HbmReplay, SequentialReadsAtSaturation) {
  use_reference_rules();
  expect_same(bursts(3000, 0, 0, 3000), false);
  EXPECT_GT(waited_, 2000U);
}
TEST_F(HbmReplay, RandomReadsAtSaturation) {
  use_reference_rules();
  expect_same(bursts(3000, 0, 0, 1), false);
  EXPECT_GT(waited_, 2000U);
}
TEST_F(HbmReplay, RandomReadsAndWritesAtSaturation) {
  use_reference_rules();
  expect_same(bursts(3000, 3, 0, 1), false);
}
TEST_F(HbmReplay, AnInitiatorThatHeedsTheDelayOfEndRequest) {
  use_reference_rules();
  expect_same(bursts(3000, 3, 0, 1), true);
}
TEST_F(HbmReplay, BlocksOfReadsAndWritesNearSaturation) {
  use_reference_rules();
  expect_same(bursts(3000, 3, 3, 32), false);
}
TEST_F(HbmReplay, RareReads) {
  use_reference_rules();
  expect_same(bursts(500, 0, 200, 1), false);
  EXPECT_EQ(waited_, 0U);
}
TEST_F(HbmReplay, QueuesOfTheirOwnForReadsAndWrites) {
  use_reference_rules();
  config_.scheduler = Scheduler::kWatermark;
  config_.admission = Admission::kOwn;
  config_.refresh = Refresh::kPerBank;
  expect_same(bursts(3000, 3, 0, 8), false);
}
TEST_F(HbmReplay, HalfCyclesOfTheRowBus) {
  use_reference_rules();
  config_.row_clock = RowClock::kHalf;
  config_.beats_per_ck = 4;
  config_.burst_length = 8;
  config_.data_bits = 32;
  config_.data_rate = BitsPerSecond(6'400'000'000U);
  config_.timing.act = half_ck(3);
  expect_same(bursts(3000, 4, 0, 4), false);
}
TEST_F(HbmReplay, APeriodThatIsNoWholeNumberOfPicoseconds) {
  use_reference_rules();
  config_.data_rate = BitsPerSecond(3'600'000'000U);
  expect_same(bursts(3000, 4, 3, 2), false);
}
TEST_F(HbmReplay, AFrontQueueThatIsNeverFull) {
  use_reference_rules();
  config_.front_queue = 128;
  expect_same(bursts(3000, 3, 0, 2), false);
}
TEST_F(HbmReplay, AFrontQueueThatIsFull) {
  use_reference_rules();
  config_.front_queue = 2;
  expect_same(bursts(3000, 3, 0, 2), false);
  EXPECT_GT(checkers_[0]->withheld(), 1000U);
}

}  // namespace
}  // namespace aipu::hbm
