// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/energy.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu::hbm {
namespace {

constexpr double kPicojoulesPerFemtojoule = 1e-3;
constexpr double kPicojoulesPerMicrowattSecond = 1e6;

double picojoules(Femtojoules energy) {
  return static_cast<double>(energy.count) * kPicojoulesPerFemtojoule;
}

double clock_hertz(const Config& c) {
  return static_cast<double>(c.data_rate.count) / c.beats_per_ck;
}

double kibibytes(Bytes bytes) {
  return static_cast<double>(bytes.count) / static_cast<double>((1_KiB).count);
}

}  // namespace

EnergyReport& EnergyReport::operator+=(const EnergyReport& other) {
  activate += other.activate;
  read += other.read;
  write += other.write;
  io += other.io;
  refresh += other.refresh;
  background_active += other.background_active;
  background_idle += other.background_idle;
  background_power_down += other.background_power_down;
  seconds = std::max(seconds, other.seconds);
  bits += other.bits;
  return *this;
}

double rows_per_refresh(const Config& config) {
  const Delay refi = config.timing.refi;
  const double interval = refi.half_ck != 0
                              ? static_cast<double>(refi.half_ck) / 2 / clock_hertz(config)
                              : static_cast<double>(refi.ps) * 1e-12;
  const double retention = static_cast<double>(config.energy.retention.count) * 1e-12;
  return static_cast<double>(rows(config)) * interval / retention;
}

EnergyReport energy(const Config& config, const Activity& activity) {
  const Tick awake_active = activity.active - activity.active_power_down;
  const Tick asleep_closed = activity.power_down - activity.active_power_down;
  const Tick idle = activity.elapsed - activity.active - asleep_closed;
  AIPU_ASSERT(
      activity.active_power_down >= 0 && awake_active >= 0 && asleep_closed >= 0 && idle >= 0,
      "active {}, powered down {}, both {} of {} ticks", activity.active, activity.power_down,
      activity.active_power_down, activity.elapsed);
  const EnergyConfig& e = config.energy;
  const auto count = [&activity](auto... commands) {
    return (std::uint64_t{0} + ... + activity.commands[commands]);
  };
  const auto bits_per_access = std::uint64_t{config.data_bits} * config.burst_length;
  const std::uint64_t read_bits = count(kRd, kRda) * bits_per_access;
  const std::uint64_t write_bits = count(kWr, kWra) * bits_per_access;
  const std::uint64_t refreshes =
      count(kRefpb, kRfmpb) + count(kRefab, kRfmab) * bank_count(config);

  EnergyReport report;
  report.bits = read_bits + write_bits;
  report.activate =
      static_cast<double>(count(kAct)) * picojoules(e.activate) * kibibytes(config.row);
  report.read = static_cast<double>(read_bits) * picojoules(e.read);
  report.write = static_cast<double>(write_bits) * picojoules(e.write);
  report.io = static_cast<double>(report.bits) * picojoules(e.io);
  report.refresh = static_cast<double>(refreshes) * rows_per_refresh(config) *
                   picojoules(e.refresh_row) * kibibytes(config.row);

  const double tick = 1 / (clock_hertz(config) * static_cast<double>(ticks_per_ck(config)));
  const auto background = [tick](Microwatts power, Tick time) {
    return static_cast<double>(power.count) * static_cast<double>(time) * tick *
           kPicojoulesPerMicrowattSecond;
  };
  report.seconds = static_cast<double>(activity.elapsed) * tick;
  report.background_active = background(e.background_active, awake_active);
  report.background_idle = background(e.background_idle, idle);
  report.background_power_down = background(e.active_power_down, activity.active_power_down) +
                                 background(e.idle_power_down, asleep_closed);
  return report;
}

}  // namespace aipu::hbm
