// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "hw/base/schema.h"
#include "hw/base/units.h"
#include "hw/hbm/command.h"
#include "hw/hbm/energy_config.h"
#include "hw/hbm/policy.h"
#include "hw/hbm/timings.h"

namespace aipu::hbm {

/// What an integrator may choose about the HBM of one AIPU. Defaults describe the reference chip.
struct Config {
  // The device.
  std::uint32_t stacks = 4;
  std::uint32_t pseudo_channels = 16;
  std::uint32_t data_bits = 64;
  std::uint32_t burst_length = 4;
  BitsPerSecond data_rate = BitsPerSecond(3'600'000'000U);
  std::uint32_t beats_per_ck = 2;
  RowClock row_clock = RowClock::kFull;
  Bytes capacity = 64_GiB;
  std::uint32_t stack_ids = 2;
  std::uint32_t bank_groups = 4;
  std::uint32_t banks = 4;
  Bytes row = 1_KiB;
  Timings timing;

  // Where a byte lives.
  Bytes interleave = 1_KiB;
  bool channel_hash = true;
  bool bank_hash = true;
  std::string address_map;
  std::string address_xor;

  // The controller of a pseudo-channel.
  Scheduler scheduler = Scheduler::kWatermark;
  Page page = Page::kOpen;
  bool protect_hits = true;
  std::uint32_t front_queue = 32;
  std::uint32_t read_queue = 192;
  std::uint32_t write_queue = 64;
  std::uint32_t open_buffer = 0;
  Admission admission = Admission::kOwn;
  std::uint32_t write_high = 48;
  std::uint32_t write_low = 16;
  Picoseconds starvation = 10_us;
  Refresh refresh = Refresh::kPerBank;
  std::uint32_t refresh_postpone = 8;
  std::uint32_t refresh_pull_in = 8;
  bool refresh_yields = true;
  std::uint32_t temperature = 55;
  std::uint32_t rfm_threshold = 0;
  std::uint32_t rfm_limit = 0;
  std::uint32_t rfm_decrement = 0;
  Picoseconds power_down = 0_ps;
  Ecc ecc = Ecc::kSideband;
  std::uint32_t ecc_cache = 16;
  Picoseconds controller_latency = 8_ns;
  Picoseconds phy_latency = 6_ns;

  EnergyConfig energy;
};

/// Derived, never keys.
constexpr std::uint32_t channel_count(const Config& c) {
  return c.stacks * c.pseudo_channels;
}
constexpr Bytes atom(const Config& c) {
  return Bytes(std::uint64_t{c.data_bits} * c.burst_length / 8);
}
constexpr Hertz command_clock(const Config& c) {
  return Hertz(c.data_rate.count / c.beats_per_ck);
}
constexpr Tick beats_per_ck(const Config& c) {
  return c.beats_per_ck;
}
/// Steps of the controller's time per CK cycle: row commands may start at half cycles.
constexpr Tick ticks_per_ck(const Config& c) {
  return c.row_clock == RowClock::kHalf ? 2 : 1;
}
/// Rows of equal index in all bank groups: consecutive atoms rotate over them.
constexpr Bytes row_set(const Config& c) {
  return c.row * c.bank_groups;
}
/// Groups of banks that open together: one bank of every bank group, for every bank and stack id.
constexpr std::uint32_t bank_sets(const Config& c) {
  return c.banks * c.stack_ids;
}
/// Banks of one pseudo-channel. Bank `set * bank_groups + group` is Location{set, group}.
constexpr std::uint32_t bank_count(const Config& c) {
  return bank_sets(c) * c.bank_groups;
}
constexpr Bytes channel_capacity(const Config& c) {
  return c.capacity / channel_count(c);
}
constexpr std::uint64_t rows(const Config& c) {
  return channel_capacity(c).count / (row_set(c).count * bank_sets(c));
}
/// Bytes per second of all data pins.
constexpr std::uint64_t peak_bytes_per_second(const Config& c) {
  return c.data_rate.count / 8 * c.data_bits * channel_count(c);
}

/// Refreshes come so many times as often as tREFI says: warm cells leak faster. The usual derating
/// of the JEDEC standards: twice above 85 degrees Celsius, four times above 95.
constexpr std::uint32_t refresh_divisor(const Config& c) {
  return c.temperature > 95 ? 4 : c.temperature > 85 ? 2 : 1;
}

/// The only list of these keys, with every rule that a device and its controller must keep.
Schema<Config> schema();

}  // namespace aipu::hbm
