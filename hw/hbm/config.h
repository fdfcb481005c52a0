// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"
#include "hw/hbm/timings.h"

namespace aipu::hbm {

/// How the cells are kept alive.
enum class Refresh : std::uint8_t { kNone, kAllBank, kPerBank };

/// What an integrator may choose about the HBM of one AIPU. Defaults describe the reference chip.
struct Config {
  std::uint32_t stacks = 4;
  std::uint32_t pseudo_channels = 16;
  std::uint32_t data_bits = 64;
  std::uint32_t burst_length = 4;
  BitsPerSecond data_rate = BitsPerSecond(3'600'000'000U);
  Bytes capacity = 64_GiB;
  std::uint32_t stack_ids = 2;
  std::uint32_t bank_groups = 4;
  std::uint32_t banks = 4;
  Bytes row = 1_KiB;

  Bytes interleave = 1_KiB;
  bool channel_hash = true;
  bool bank_hash = true;

  std::uint32_t read_queue = 32;
  std::uint32_t write_queue = 32;
  std::uint32_t write_high = 24;
  std::uint32_t write_low = 8;
  Picoseconds starvation = 10_us;
  Refresh refresh = Refresh::kPerBank;
  std::uint32_t refresh_postpone = 8;
  Picoseconds controller_latency = 8_ns;
  Picoseconds phy_latency = 6_ns;
  Timings timing;
};

/// Derived, never keys.
constexpr std::uint32_t channel_count(const Config& c) {
  return c.stacks * c.pseudo_channels;
}
constexpr Bytes atom(const Config& c) {
  return Bytes(std::uint64_t{c.data_bits} * c.burst_length / 8);
}
/// Double data rate: two bits per pin and cycle.
constexpr Hertz command_clock(const Config& c) {
  return Hertz(c.data_rate.count / 2);
}
/// Rows of equal index in all bank groups: consecutive atoms rotate over them.
constexpr Bytes row_set(const Config& c) {
  return c.row * c.bank_groups;
}
/// Groups of banks that open together: one bank of every bank group, for every bank and stack id.
constexpr std::uint32_t bank_sets(const Config& c) {
  return c.banks * c.stack_ids;
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

/// The only list of these keys.
inline Schema<Config> schema() {
  const EnumNames<Refresh> refresh{
      {"none", Refresh::kNone}, {"all_bank", Refresh::kAllBank}, {"per_bank", Refresh::kPerBank}};
  return Schema<Config>("hbm", "High-bandwidth memory of one AIPU")
      .field("stacks", &Config::stacks, between(1U, 16U), "HBM stacks")
      .field("pseudo_channels", &Config::pseudo_channels, between(1U, 64U),
             "independent pseudo-channels of a stack")
      .field("data_bits", &Config::data_bits, one_of(16U, 32U, 64U, 128U),
             "data pins of a pseudo-channel")
      .field("burst_length", &Config::burst_length, one_of(2U, 4U, 8U),
             "bits per pin and column access")
      .field("data_rate", &Config::data_rate,
             between(BitsPerSecond(200'000'000U), BitsPerSecond(20'000'000'000U)),
             "of one data pin")
      .field("capacity", &Config::capacity, between(1_MiB, 4096_GiB), "of all stacks together")
      .field("stack_ids", &Config::stack_ids, power_of_two(1U, 4U), "ranks of dies in a stack")
      .field("bank_groups", &Config::bank_groups, one_of(1U, 2U, 4U), "bank groups of a stack id")
      .field("banks", &Config::banks, power_of_two(1U, 16U), "banks of a bank group")
      .field("row", &Config::row, power_of_two(256_B, 8_KiB), "bytes of one open row")
      .field("interleave", &Config::interleave, power_of_two(32_B, 32_KiB),
             "consecutive bytes on one pseudo-channel; also the largest access of its controller")
      .field("channel_hash", &Config::channel_hash, any(),
             "XOR of higher address bits into the pseudo-channel")
      .field("bank_hash", &Config::bank_hash, any(), "XOR of row bits into the bank")
      .field("read_queue", &Config::read_queue, between(1U, 256U),
             "queued reads of a pseudo-channel")
      .field("write_queue", &Config::write_queue, between(1U, 256U),
             "queued writes of a pseudo-channel")
      .field("write_high", &Config::write_high, between(1U, 256U),
             "queued writes that start a drain")
      .field("write_low", &Config::write_low, between(0U, 255U), "queued writes that end a drain")
      .field("starvation", &Config::starvation, between(100_ns, 1000_us),
             "age from which a request is served before younger ones of its rows")
      .field("refresh", &Config::refresh, refresh, "refresh commands in use")
      .field("refresh_postpone", &Config::refresh_postpone, between(0U, 8U),
             "refresh commands that may be owed while requests wait")
      .field("controller_latency", &Config::controller_latency, between(0_ps, 1_us),
             "fixed, of request and response path")
      .field("phy_latency", &Config::phy_latency, between(0_ps, 1_us),
             "fixed, both directions together")
      .group("timing", &Config::timing, timings_schema())
      .require([](const Config& c) { return is_power_of_two(channel_count(c)) || !c.channel_hash; },
               "channel_hash needs a power of two of pseudo-channels (stacks x pseudo_channels)")
      .require(
          [](const Config& c) { return c.interleave >= atom(c) && c.interleave <= row_set(c); },
          "interleave must lie between one access (data_bits x burst_length) and one row of "
          "every bank group (row x bank_groups)")
      .require(
          [](const Config& c) {
            return rows(c) >= 1 && c.capacity.count % channel_count(c) == 0 &&
                   channel_capacity(c).count % (row_set(c).count * bank_sets(c)) == 0;
          },
          "capacity must be a whole number of rows in every bank")
      .require(
          [](const Config& c) {
            return c.write_low < c.write_high && c.write_high <= c.write_queue;
          },
          "write_low < write_high <= write_queue must hold");
}

}  // namespace aipu::hbm
