// SPDX-License-Identifier: Apache-2.0
// Random devices and policies under random traffic: the independent checker finds nothing, every
// access is answered once, and neither the accounts nor the pace of advance() matter.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

#include "hw/base/error.h"
#include "hw/hbm/command_checker.h"
#include "tests/tlm/hbm/controller_driver.h"

namespace aipu::hbm {
namespace {

using test::Driver;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  template <typename T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + below(static_cast<std::uint32_t>(values.size())));
  }

 private:
  std::mt19937_64 random_;
};

void roll_device(Dice& dice, Config& c) {
  c.stack_ids = dice.one_of({1U, 2U, 4U});
  c.bank_groups = dice.one_of({1U, 2U, 4U});
  c.banks = dice.one_of({1U, 2U, 4U});
  c.capacity = c.row * c.bank_groups * c.banks * c.stack_ids * 1024;
  c.interleave = 32_B;
  if (dice.chance(50)) c.row_clock = RowClock::kHalf;
  c.timing.act = dice.one_of({ck(1), ck(2), half_ck(3)});
  const auto vary = [&dice](Delay& delay, std::uint32_t spread) {
    delay.half_ck += 2 * dice.below(spread);
  };
  Timings& t = c.timing;
  for (Delay* delay : {&t.rcd_rd, &t.rcd_wr, &t.rl, &t.wl, &t.rtp, &t.wr, &t.faw, &t.rtw, &t.ppd,
                       &t.xp, &t.pd, &t.ccd_r, &t.rrefd})
    vary(*delay, 12);
  vary(t.rc, 30);
  vary(t.rrd_l, 4);
  vary(t.ccd_l, 4);
  vary(t.wtr_l, 6);
  t.refi_pb = ck(0);  // follows the number of banks
  t.rfm_ab = t.rfc_ab;
  t.rfm_pb = t.rfc_pb;
}

void roll_policy(Dice& dice, Config& c) {
  c.scheduler = dice.one_of({Scheduler::kFifo, Scheduler::kFrFcfs, Scheduler::kFrFcfsGrp,
                             Scheduler::kGrpFrFcfs, Scheduler::kWatermark});
  c.page = dice.one_of({Page::kOpen, Page::kClosed, Page::kOpenAdaptive, Page::kClosedAdaptive});
  c.protect_hits = dice.chance(70);
  c.read_queue = 1 + dice.below(40);
  c.write_queue = 2 + dice.below(40);
  c.write_high = 1 + dice.below(c.write_queue);
  c.write_low = dice.below(c.write_high);
  c.open_buffer = dice.chance(30) ? 1 + dice.below(16) : 0;
  c.admission = dice.one_of({Admission::kOwn, Admission::kBoth});
  c.starvation = dice.chance(50) ? 0_ps : 500_ns;
  c.refresh = dice.one_of({Refresh::kNone, Refresh::kAllBank, Refresh::kPerBank});
  c.refresh_postpone = dice.below(9);
  c.refresh_pull_in = dice.below(9);
  c.temperature = dice.one_of({25U, 90U, 100U});
  c.power_down = dice.chance(30) ? Picoseconds(1000 * (20 + dice.below(300))) : 0_ps;
  if (dice.chance(30)) {
    c.rfm_threshold = 4 + dice.below(40);
    c.rfm_limit = c.rfm_threshold * (1 + dice.below(4));
    c.rfm_decrement = dice.below(c.rfm_threshold + 1);
  }
}

Config roll_config(Dice& dice) {
  while (true) {
    Config c = config::load_hbm(dice.one_of({"HBM2-2000-PC", "HBM3-6400-PC"}));
    roll_device(dice, c);
    roll_policy(dice, c);
    try {
      schema().check(c);
      return c;
    } catch (const ConfigError&) {  // an impossible mixture: roll again
    }
  }
}

struct Offer {
  Tick at;
  Direction direction;
  std::uint32_t bank;
  std::uint32_t row;
  std::uint32_t column;
};

std::vector<Offer> roll_traffic(Dice& dice, const Config& c) {
  std::vector<Offer> traffic;
  Tick at = 0;
  const std::uint32_t writes = dice.below(101);
  const std::uint32_t rows = 1 + dice.below(6);
  const std::uint32_t spread = dice.one_of({1U, 8U, 60U});
  const std::uint32_t banks = dice.chance(50) ? bank_count(c) : 1 + dice.below(bank_count(c));
  for (int i = 0; i < 1500; ++i) {
    at += dice.below(spread);
    if (dice.chance(1)) at += dice.below(12'000);
    traffic.push_back({at, dice.chance(writes) ? kWrite : kRead, dice.below(banks),
                       dice.below(rows), dice.below(8)});
  }
  return traffic;
}

void run_whole(Driver& driver, const std::vector<Offer>& traffic) {
  for (const Offer& o : traffic)
    driver.offer(o.direction, o.at, o.bank, o.row, o.column);
  driver.drain();
}

/// Only what has arrived is offered, and time goes in steps of any size.
void run_in_steps(Dice& dice, Driver& driver, const std::vector<Offer>& traffic) {
  std::size_t next = 0;
  for (Tick now = 0; next < traffic.size() || !driver.controller.empty();
       now += 1 + dice.below(dice.chance(20) ? 700 : 9)) {
    for (; next < traffic.size() && traffic[next].at <= now; ++next) {
      const Offer& o = traffic[next];
      if (dice.chance(50)) driver.advance(o.at - 1);
      driver.offer(o.direction, o.at, o.bank, o.row, o.column);
    }
    driver.advance(now);
  }
}

class HbmControllerRandom : public ::testing::TestWithParam<int> {};

TEST_P(HbmControllerRandom, EveryRuleHoldsAndEveryAccessIsAnsweredOnce) {
  for (std::uint64_t round = 0; round < 25; ++round) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 1000 + round;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Dice dice(seed);
    const Config config = roll_config(dice);
    const auto traffic = roll_traffic(dice, config);
    Driver driver(config);
    run_whole(driver, traffic);

    std::vector<int> answers(traffic.size(), 0);
    for (const Issue& issue : driver.issued)
      ++answers.at(issue.id);
    EXPECT_EQ(answers, std::vector<int>(traffic.size(), 1));

    const Tick end = driver.last_done();
    driver.advance(end);
    const auto violations = check_commands(config, driver.log, end);
    EXPECT_TRUE(violations.empty())
        << violations.size() << " of " << driver.log.size() << "; " << to_text(violations.front());

    const BusShares shares = driver.controller.shares(end);
    EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), Tick{0}), end);
    const auto table = constraints(config);
    EXPECT_EQ(shares[index(Cause::kBusy)], static_cast<Tick>(traffic.size()) * table.burst);
    const ControllerCounts counts = driver.controller.counts(end);
    Tick waited = 0;
    for (const LatencySplit& s : counts.latency) {
      for (const Tick part : {s.queue, s.bank, s.bus, s.refresh, s.data}) {
        EXPECT_GE(part, 0);
        waited += part;
      }
    }
    Tick latency = 0;
    for (const Issue& issue : driver.issued)
      latency += issue.done - issue.accepted;
    EXPECT_EQ(waited, latency);
    if (HasFailure()) return;
  }
}

TEST_P(HbmControllerRandom, ThePaceOfAdvanceDoesNotMatter) {
  for (std::uint64_t round = 0; round < 8; ++round) {
    const std::uint64_t seed = static_cast<std::uint64_t>(GetParam()) * 1000 + 500 + round;
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Dice dice(seed);
    const Config config = roll_config(dice);
    const auto traffic = roll_traffic(dice, config);
    Driver whole(config);
    run_whole(whole, traffic);
    Driver steps(config);
    run_in_steps(dice, steps, traffic);
    ASSERT_EQ(whole.issued.size(), steps.issued.size());
    for (std::size_t i = 0; i < whole.issued.size(); ++i) {
      ASSERT_EQ(whole.issued[i].id, steps.issued[i].id) << i;
      ASSERT_EQ(whole.issued[i].column, steps.issued[i].column) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, HbmControllerRandom, ::testing::Range(1, 17));

}  // namespace
}  // namespace aipu::hbm
