// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/config.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

#include "hw/hbm/address_map.h"
#include "hw/hbm/constraints.h"
#include "hw/hbm/ecc.h"

namespace aipu::hbm {
namespace {

constexpr std::uint32_t kMaxBanks = 64;  // of a pseudo-channel: HBM3 with four stack ids
constexpr Tick kLongestCk = 1 << 20;     // keeps every sum of timings far from overflow

void add_device(Schema<Config>& schema) {
  schema.field("stacks", &Config::stacks, between(1U, 16U), "HBM stacks")
      .field("pseudo_channels", &Config::pseudo_channels, between(1U, 64U),
             "independent pseudo-channels of a stack")
      .field("data_bits", &Config::data_bits, one_of(16U, 32U, 64U, 128U),
             "data pins of a pseudo-channel")
      .field("burst_length", &Config::burst_length, one_of(2U, 4U, 8U),
             "bits per pin and column access")
      .field("data_rate", &Config::data_rate,
             between(BitsPerSecond(200'000'000U), BitsPerSecond(20'000'000'000U)),
             "of one data pin")
      .field("beats_per_ck", &Config::beats_per_ck, one_of(2U, 4U),
             "bits per pin and cycle of the command clock CK: HBM2 2, HBM3 4")
      .field("row_clock", &Config::row_clock,
             EnumNames<RowClock>{{"full", RowClock::kFull}, {"half", RowClock::kHalf}},
             "row commands start at full cycles of CK (HBM2) or at half ones too (HBM3)")
      .field("capacity", &Config::capacity, between(64_KiB, 4096_GiB), "of all stacks together")
      .field("stack_ids", &Config::stack_ids, power_of_two(1U, 4U), "ranks of dies in a stack")
      .field("bank_groups", &Config::bank_groups, one_of(1U, 2U, 4U), "bank groups of a stack id")
      .field("banks", &Config::banks, power_of_two(1U, 16U), "banks of a bank group")
      .field("row", &Config::row, power_of_two(256_B, 8_KiB), "bytes of one open row")
      .group("timing", &Config::timing, timings_schema());
}

void add_address(Schema<Config>& schema) {
  schema
      .field("interleave", &Config::interleave, power_of_two(32_B, 32_KiB),
             "consecutive bytes on one pseudo-channel; also the largest access of its controller")
      .field("channel_hash", &Config::channel_hash, any(),
             "XOR of higher address bits into the pseudo-channel")
      .field("bank_hash", &Config::bank_hash, any(), "XOR of row bits into the bank")
      .field("address_map", &Config::address_map, any(),
             "fields of an address from the highest bit down, such as 'row:15 bank:2 column:5 "
             "group:2'; empty: as interleave says")
      .field("address_xor", &Config::address_xor, any(),
             "bits folded into others, such as 'bank0^row0^row4 group1^row1'; empty: as the two "
             "hashes say");
}

void add_controller(Schema<Config>& schema) {
  schema.field("scheduler", &Config::scheduler, scheduler_names(), "which request is next")
      .field("page", &Config::page, page_names(), "when a row is closed")
      .field("protect_hits", &Config::protect_hits, any(),
             "a row stays open while a hit is queued; false: an older request for another row "
             "closes it as soon as that is legal")
      .field("front_queue", &Config::front_queue, between(0U, 1024U),
             "requests of up to interleave that wait before the queues of a pseudo-channel; 0: a "
             "request is accepted when the queues have all of it")
      .field("read_queue", &Config::read_queue, between(1U, 256U),
             "reads of one burst that the scheduler sees")
      .field("write_queue", &Config::write_queue, between(1U, 256U),
             "writes of one burst that the scheduler sees")
      .field("open_buffer", &Config::open_buffer, between(0U, 256U),
             "requests that a row has been opened for, kept apart from the queues; 0: they stay "
             "in their queue until their column command")
      .field("admission", &Config::admission,
             EnumNames<Admission>{{"own", Admission::kOwn}, {"both", Admission::kBoth}},
             "a request enters when the queue of its direction has room, or when both have")
      .field("write_high", &Config::write_high, between(1U, 255U),
             "more queued writes than these start a drain")
      .field("write_low", &Config::write_low, between(0U, 254U), "queued writes that end a drain")
      .field("starvation", &Config::starvation, between(0_ps, 1000_us),
             "age from which a request goes before younger ones of its bank, and writes before "
             "reads; 0 ps: never")
      .field("refresh", &Config::refresh, refresh_names(), "refresh commands in use")
      .field("refresh_postpone", &Config::refresh_postpone, between(0U, 8U),
             "refreshes of a bank that may be owed while requests wait")
      .field("refresh_pull_in", &Config::refresh_pull_in, between(0U, 8U),
             "refreshes of a bank that may be done ahead while none wait")
      .field("refresh_yields", &Config::refresh_yields, any(),
             "a refresh ahead of its time gives way to row commands of requests")
      .field("temperature", &Config::temperature, between(0U, 125U),
             "of the dies in degrees Celsius: above 85 refreshes come twice as often, above 95 "
             "four times")
      .field("rfm_threshold", &Config::rfm_threshold, between(0U, 100000U),
             "activates of a bank that ask for refresh management (RAAIMT); 0: none")
      .field("rfm_limit", &Config::rfm_limit, between(0U, 800000U),
             "activates of a bank that force it (RAAMMT)")
      .field("rfm_decrement", &Config::rfm_decrement, between(0U, 800000U),
             "what a refresh takes off the activate counter (RAADEC)")
      .field("power_down", &Config::power_down, between(0_ps, 1000_us),
             "idle time after which a pseudo-channel powers down; 0 ps: never")
      .field("ecc", &Config::ecc,
             EnumNames<Ecc>{{"sideband", Ecc::kSideband}, {"inline", Ecc::kInline}},
             "check bits have pins of their own, or take room and traffic: one access for eight of "
             "data")
      .field("ecc_cache", &Config::ecc_cache, between(0U, 256U),
             "accesses of check bits that the controller of a pseudo-channel keeps (inline)")
      .field("controller_latency", &Config::controller_latency, between(0_ps, 1_us),
             "fixed, of request and response path")
      .field("phy_latency", &Config::phy_latency, between(0_ps, 1_us),
             "fixed, both directions together")
      .group("energy", &Config::energy, energy_schema());
}

void require_geometry(Schema<Config>& schema) {
  schema
      .require([](const Config& c) { return is_power_of_two(channel_count(c)) || !c.channel_hash; },
               "channel_hash needs a power of two of pseudo-channels (stacks x pseudo_channels)")
      .require(
          [](const Config& c) { return c.interleave >= atom(c) && c.interleave <= row_set(c); },
          "interleave must lie between one access (data_bits x burst_length) and one row of "
          "every bank group (row x bank_groups)")
      .require([](const Config& c) { return bank_count(c) <= kMaxBanks; },
               "stack_ids x bank_groups x banks must not exceed 64")
      .require(
          [](const Config& c) {
            return rows(c) >= 1 && c.capacity.count % channel_count(c) == 0 &&
                   channel_capacity(c).count % (row_set(c).count * bank_sets(c)) == 0;
          },
          "capacity must be a whole number of rows in every bank")
      .refuse(address_map_fault,
              "address_map and address_xor must give every access of the capacity a location of "
              "its own")
      .refuse(ecc_fault, "inline ECC must find rows above those of the data")
      .require(
          [](const Config& c) {
            return c.write_low < c.write_high && c.write_high <= c.write_queue;
          },
          "write_low < write_high <= write_queue must hold")
      .require(
          [](const Config& c) { return c.rfm_threshold == 0 || c.rfm_threshold <= c.rfm_limit; },
          "rfm_limit must not be below rfm_threshold");
}

/// Whether a sum of timings does not exceed another timing.
bool within(const Config& c, std::initializer_list<Delay> parts, Delay whole) {
  Tick sum = 0;
  for (const Delay part : parts)
    sum += to_ticks(c, part);
  return sum <= to_ticks(c, whole);
}

void require_timing(Schema<Config>& schema) {
  schema
      .require(
          [](const Config& c) {
            return std::all_of(
                std::begin(kTimingKeys), std::end(kTimingKeys), [&](const TimingKey& key) {
                  const Delay delay = c.timing.*key.member;
                  return delay.ps <= (1000_us).count && delay.half_ck <= 2 * kLongestCk;
                });
          },
          "timing: no delay may exceed 1000 us or 1048576 CK")
      .require(
          [](const Config& c) {
            const Timings& t = c.timing;
            const auto needed = {t.rl, t.wl, t.rcd_rd, t.rcd_wr, t.rp, t.ras, t.rc, t.refi, t.act};
            return std::all_of(needed.begin(), needed.end(),
                               [&](Delay delay) { return to_ticks(c, delay) > 0; });
          },
          "timing: rl, wl, rcd_rd, rcd_wr, rp, ras, rc, refi and act must not be 0")
      .require(
          [](const Config& c) {
            return within(c, {c.timing.ras, c.timing.rp}, c.timing.rc);
          },
          "timing: rc (activate to activate) must not be shorter than ras + rp")
      .require(
          [](const Config& c) {
            const Tick asleep = to_ticks(c, c.timing.pd) + to_ticks(c, c.timing.xp);
            return c.power_down.count == 0 || asleep < constraints(c).refi;
          },
          "timing: a power-down (pd, xp) must be shorter than the time between refreshes (refi)")
      .require([](const Config& c) { return within(c, {c.timing.rrd_s}, c.timing.rrd_l); },
               "timing: rrd_l (same bank group) must not be shorter than rrd_s")
      .require([](const Config& c) { return within(c, {c.timing.ccd_s}, c.timing.ccd_l); },
               "timing: ccd_l (same bank group) must not be shorter than ccd_s")
      .require([](const Config& c) { return within(c, {c.timing.wtr_s}, c.timing.wtr_l); },
               "timing: wtr_l (same bank group) must not be shorter than wtr_s")
      .require(
          [](const Config& c) {
            const Tick interval = constraints(c).refi;  // shorter when hot
            const Tick longest =
                std::max(to_ticks(c, c.timing.rfc_ab), to_ticks(c, c.timing.rfc_pb));
            return longest + to_ticks(c, c.timing.rp) < interval;
          },
          "timing: a refresh (rfc_ab, rfc_pb) with its precharge (rp) must be shorter than the "
          "time between refreshes (refi, less at a high temperature)")
      .require(
          [](const Config& c) {
            if (c.refresh != Refresh::kPerBank) return true;
            const Tick interval = constraints(c).refi_pb;
            const Tick round = interval * bank_count(c);
            return interval >
                       std::max(to_ticks(c, c.timing.rrefd), to_ticks(c, c.timing.faw) / 4) &&
                   round > to_ticks(c, c.timing.rfc_pb) + to_ticks(c, c.timing.rp) +
                               to_ticks(c, c.timing.rc);
          },
          "timing: refi / banks (or refi_pb) must be longer than rrefd and faw / 4, and leave a "
          "bank "
          "time to work between two refreshes (rfc_pb + rp + rc)");
}

}  // namespace

Schema<Config> schema() {
  Schema<Config> schema("hbm", "High-bandwidth memory of one AIPU");
  add_device(schema);
  add_address(schema);
  add_controller(schema);
  require_geometry(schema);
  require_timing(schema);
  return schema;
}

}  // namespace aipu::hbm
