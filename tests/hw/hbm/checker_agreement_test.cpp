// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <tuple>

#include "hw/hbm/checker_rules.h"
#include "hw/hbm/constraints.h"
#include "tests/support/reference_hbm.h"

namespace aipu::hbm {
namespace {

// Two derivations of the same rules, written apart: what the scheduler keeps must be exactly what
// the checker asks for.

using Key = std::tuple<Command, Command, int>;  // earlier, later, reach

std::string text(const Key& key) {
  static constexpr const char* kReaches[] = {"bank", "group", "other stack id", "channel"};
  return std::string(kCommandNames[std::get<0>(key)]) + " to " + kCommandNames[std::get<1>(key)] +
         ", " + kReaches[std::get<2>(key)];
}

/// Longest start-to-start distance of each pair.
std::map<Key, Tick> scheduled(const Config& config) {
  std::map<Key, Tick> distances;
  for (const Constraint& pair : constraints(config).pairs) {
    Tick& distance = distances[{pair.from, pair.to, static_cast<int>(pair.scope)}];
    distance = std::max(distance, pair.distance);
  }
  return distances;
}

std::map<Key, Tick> checked(const Config& config) {
  std::map<Key, Tick> distances;
  const CheckedDevice device = checked_device(config);
  const auto late = [&device](Command command) { return command == kAct ? device.act - 1 : 0; };
  for (const CheckedPair& pair : device.pairs) {
    for (std::uint8_t f = 0; f < kCommands; ++f) {
      for (std::uint8_t t = 0; t < kCommands; ++t) {
        const auto from = static_cast<Command>(f);
        const auto to = static_cast<Command>(t);
        if (!has(pair.from, from) || !has(pair.to, to)) continue;
        const Tick start = pair.distance + late(from) - (from == kPdx ? 0 : late(to));
        Tick& distance = distances[{from, to, static_cast<int>(pair.reach)}];
        distance = std::max(distance, start);
      }
    }
  }
  return distances;
}

/// Pairs that a scheduler never meets: it precharges only open banks, and a bank in refresh or with
/// automatic precharge is closed, as is every bank after PREAB.
bool never_met(const Key& key) {
  const CommandSet closed = set_of(kPreab, kRefab, kRfmab);
  const CommandSet bank_closed = set_of(kRefpb, kRfmpb, kRda, kWra);
  const Command from = std::get<0>(key);
  const Command to = std::get<1>(key);
  if (to == kPreab) return has(closed, from);
  return to == kPre && has(closed | bank_closed, from);
}

std::vector<Config> devices() {
  std::vector<Config> all = {Config{}, test::reference_hbm2_2000(), test::reference_hbm3_6400()};
  Config half = test::reference_hbm3_6400();
  half.stack_ids = 4;
  half.capacity = 2_GiB;
  half.row_clock = RowClock::kHalf;
  half.timing.act = half_ck(3);
  half.timing.ppd = ck(2);
  half.timing.ccd_r = ck(3);
  all.push_back(half);
  return all;
}

TEST(CheckerAgreement, TheSchedulerKeepsWhatTheCheckerAsksFor) {
  for (const Config& config : devices()) {
    schema().check(config);
    const auto kept = scheduled(config);
    for (const auto& [key, distance] : checked(config)) {
      if (distance <= 1 || never_met(key)) continue;  // the command bus keeps a distance of 1
      const auto found = kept.find(key);
      ASSERT_NE(found, kept.end()) << text(key);
      EXPECT_EQ(found->second, distance) << text(key);
    }
  }
}

TEST(CheckerAgreement, TheCheckerAsksForAllThatTheSchedulerKeeps) {
  for (const Config& config : devices()) {
    const auto asked = checked(config);
    for (const auto& [key, distance] : scheduled(config)) {
      const auto found = asked.find(key);
      ASSERT_NE(found, asked.end()) << text(key);
      EXPECT_EQ(found->second, distance) << text(key);
    }
  }
}

TEST(CheckerAgreement, WindowDataAndRefreshAreTheSame) {
  for (Config config : devices()) {
    for (const std::uint32_t temperature : {55U, 90U, 105U}) {
      config.temperature = temperature;
      const ConstraintTable table = constraints(config);
      const CheckedDevice device = checked_device(config);
      EXPECT_EQ(device.ck, table.ticks_per_ck);
      EXPECT_EQ(device.act, table.length[kAct]);
      EXPECT_EQ(device.rl, table.latency[kRead]);
      EXPECT_EQ(device.wl, table.latency[kWrite]);
      EXPECT_EQ(device.burst, table.burst);
      EXPECT_EQ(device.refi, table.refi);
      EXPECT_EQ(device.refi_pb, table.refi_pb);
      ASSERT_EQ(table.windows.size(), 1U);
      EXPECT_EQ(device.faw, table.windows[0].span);
    }
  }
}

}  // namespace
}  // namespace aipu::hbm
