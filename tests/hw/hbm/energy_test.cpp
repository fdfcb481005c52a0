// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/energy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "tests/support/reference_hbm.h"

namespace aipu::hbm {
namespace {

/// Round figures, and 1 GHz: a tick is a nanosecond.
Config priced() {
  Config c = test::reference_hbm2_2000();
  c.energy.activate = Femtojoules(1'000'000);
  c.energy.read = Femtojoules(2'000);
  c.energy.write = Femtojoules(3'000);
  c.energy.io = Femtojoules(500);
  c.energy.refresh_row = Femtojoules(700'000);
  c.energy.background_active = Microwatts(30'000);
  c.energy.background_idle = Microwatts(20'000);
  c.energy.active_power_down = Microwatts(12'000);
  c.energy.idle_power_down = Microwatts(10'000);
  schema().check(c);
  return c;
}

TEST(HbmEnergy, ACommandCostsItsRowOrItsBits) {
  const Config c = priced();
  const auto of = [&c](Command command) {
    Activity a;
    a.commands[command] = 3;
    return energy(c, a);
  };
  EXPECT_DOUBLE_EQ(of(kAct).activate, 3 * 1000.0);
  EXPECT_DOUBLE_EQ(of(kAct).total(), 3 * 1000.0);
  constexpr double kBits = 3 * 256;  // of three accesses
  for (const Command read : {kRd, kRda}) {
    EXPECT_DOUBLE_EQ(of(read).read, kBits * 2);
    EXPECT_DOUBLE_EQ(of(read).io, kBits * 0.5);
    EXPECT_DOUBLE_EQ(of(read).total(), kBits * 2.5);
    EXPECT_DOUBLE_EQ(of(read).per_bit(), 2.5);
  }
  for (const Command write : {kWr, kWra}) {
    EXPECT_DOUBLE_EQ(of(write).write, kBits * 3);
    EXPECT_DOUBLE_EQ(of(write).per_bit(), 3.5);
  }
  for (const Command free : {kPre, kPreab, kPde, kPdx})
    EXPECT_EQ(of(free).total(), 0) << kCommandNames[free];
}

TEST(HbmEnergy, ARefreshCostsTheRowsItVisits) {
  Config c = priced();
  EXPECT_DOUBLE_EQ(rows_per_refresh(c), 32768 * 3900e-9 / 32e-3);
  const auto of = [&c](Command command) {
    Activity a;
    a.commands[command] = 1;
    return energy(c, a).refresh;
  };
  const double bank = 32768 * 3900e-9 / 32e-3 * 700;
  EXPECT_DOUBLE_EQ(of(kRefpb), bank);
  EXPECT_DOUBLE_EQ(of(kRfmpb), bank);
  EXPECT_DOUBLE_EQ(of(kRefab), 16 * bank);
  EXPECT_DOUBLE_EQ(of(kRfmab), 16 * bank);
  c.timing.refi = 3900_ns;
  EXPECT_DOUBLE_EQ(of(kRefpb), bank);
  c.temperature = 90;  // more refreshes, of as many rows
  EXPECT_DOUBLE_EQ(of(kRefpb), bank);
  c.row = 2_KiB;  // half as many rows of twice the size
  EXPECT_DOUBLE_EQ(of(kRefpb), bank);
}

TEST(HbmEnergy, RefreshingAWholeRetentionVisitsEveryRowOnce) {
  const Config c = priced();
  Activity a;
  a.elapsed = 32'000'000;  // 32 ms
  a.commands[kRefab] = 1;
  const double intervals = 32e-3 / 3900e-9;
  const double every_row = 16.0 * static_cast<double>(rows(c)) * 700;
  EXPECT_NEAR(energy(c, a).refresh * intervals, every_row, 1e-6 * every_row);
}

TEST(HbmEnergy, TheBackgroundIsPowerTimesTime) {
  Config c = priced();
  Activity a;
  a.elapsed = 1000;
  a.active = 600;  // 550 of them with the clock on
  a.power_down = 300;
  a.active_power_down = 50;
  const EnergyReport report = energy(c, a);
  EXPECT_DOUBLE_EQ(report.background_active, 550 * 30.0);  // ns x mW = pJ
  EXPECT_DOUBLE_EQ(report.background_power_down, 50 * 12.0 + 250 * 10.0);
  EXPECT_DOUBLE_EQ(report.background_idle, 150 * 20.0);
  EXPECT_DOUBLE_EQ(report.seconds, 1e-6);
  EXPECT_DOUBLE_EQ(report.power(), report.total() * 1e-12 / 1e-6);
  c.row_clock = RowClock::kHalf;
  EXPECT_DOUBLE_EQ(energy(c, a).total(), report.total() / 2);
  EXPECT_DOUBLE_EQ(energy(c, a).power(), report.power());
}

TEST(HbmEnergy, NothingDoneInNoTimeIsNothing) {
  const EnergyReport report = energy(priced(), {});
  EXPECT_EQ(report.total(), 0);
  EXPECT_EQ(report.power(), 0);
  EXPECT_EQ(report.per_bit(), 0);
}

TEST(HbmEnergy, PseudoChannelsAddUp) {
  const Config c = priced();
  Activity a;
  a.elapsed = a.active = 1000;
  a.commands[kAct] = 5;
  a.commands[kRd] = 70;
  a.commands[kWr] = 30;
  a.commands[kRefpb] = 2;
  const EnergyReport one = energy(c, a);
  EnergyReport both = one;
  both += one;
  EXPECT_DOUBLE_EQ(both.total(), 2 * one.total());
  EXPECT_DOUBLE_EQ(both.power(), 2 * one.power());
  EXPECT_DOUBLE_EQ(both.per_bit(), one.per_bit());
}

/// A row opened for each `accesses`, data bus busy all the time, rows open, refreshes on time.
EnergyReport streamed(const Config& c, std::uint64_t accesses) {
  Activity a;
  a.commands[kRefpb] = 16 * 100;
  a.elapsed = a.active = 100 * 3900;
  a.commands[kRd] = 100 * 3900 / 2;
  a.commands[kAct] = a.commands[kRd] / accesses;
  return energy(c, a);
}

TEST(HbmEnergy, TheDefaultsGiveThePublishedCostOfABit) {
  const Config c = test::reference_hbm2_2000();
  // O'Connor et al., MICRO 2017, table 3: 1.51 + 1.17 + 0.80 pJ/bit of data, 909 pJ an activate.
  const EnergyReport stream = streamed(c, 32);
  const auto bits = static_cast<double>(stream.bits);
  EXPECT_NEAR((stream.read + stream.io) / bits, 3.48, 1e-9);
  EXPECT_NEAR(stream.activate / bits, 909.0 / 8192, 1e-3);
  // Opening a row for every access costs more than moving its data.
  const EnergyReport random = streamed(c, 1);
  EXPECT_NEAR(random.activate / bits, 909.0 / 256, 1e-9);
  EXPECT_GT(random.activate, random.read + random.io);
}

TEST(HbmEnergy, KeysHaveUnitsAndRanges) {
  Config c;
  schema().check(c);
  EXPECT_EQ(to_text(c.energy.activate), "909 pJ");
  EXPECT_EQ(to_text(c.energy.read), "2.68 pJ");
  EXPECT_EQ(to_text(c.energy.idle_power_down), "16.8 mW");
  c.energy.io = Femtojoules(2'000'000);
  EXPECT_THROW(schema().check(c), ConfigError);
}

TEST(HbmEnergyDeathTest, TimesThatCannotBeAreRefused) {
  Activity a;
  a.elapsed = 100;
  a.active = 60;
  a.power_down = 50;
  EXPECT_DEATH(energy(priced(), a), "active 60, powered down 50, both 0 of 100 ticks");
  a.active_power_down = 51;
  EXPECT_DEATH(energy(priced(), a), "both 51 of 100 ticks");
}

}  // namespace
}  // namespace aipu::hbm
