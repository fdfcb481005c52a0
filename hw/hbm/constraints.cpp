// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/constraints.h"

#include <algorithm>

namespace aipu::hbm {
namespace {

/// The timings in ticks, with the sums that the standards write out.
struct Ticks {
  Tick rl, wl, burst;
  Tick rcd_rd, rcd_wr, rp, ras, rc;
  Tick ccd_s, ccd_l, ccd_r, rrd_s, rrd_l, faw;
  Tick rtp, rtw, ppd, rrefd, rfc_ab, rfc_pb, rfm_ab, rfm_pb, xp, pd, ck;
  Tick write_end;     // write command to the end of its recovery
  Tick wtr_s, wtr_l;  // write command to read command
};

Ticks in_ticks(const Config& c) {
  const Timings& t = c.timing;
  const auto ticks = [&c](Delay delay) { return to_ticks(c, delay); };
  Ticks r{};
  r.ck = ticks_per_ck(c);
  r.rl = ticks(t.rl);
  r.wl = ticks(t.wl);
  r.burst = std::max<Tick>(1, c.burst_length * r.ck / beats_per_ck(c));
  r.rcd_rd = ticks(t.rcd_rd);
  r.rcd_wr = ticks(t.rcd_wr);
  r.rp = ticks(t.rp);
  r.ras = ticks(t.ras);
  r.rc = ticks(t.rc);
  r.ccd_s = std::max(r.burst, ticks(t.ccd_s));
  r.ccd_l = std::max(r.ccd_s, ticks(t.ccd_l));
  r.ccd_r = std::max(r.ccd_s, ticks(t.ccd_r));
  r.rrd_s = ticks(t.rrd_s);
  r.rrd_l = std::max(r.rrd_s, ticks(t.rrd_l));
  r.faw = ticks(t.faw);
  r.rtp = ticks(t.rtp);
  // Two CK keep the preamble of the write data off the read data (JESD235: RL + BL/2 + 2 - WL).
  r.rtw = std::max({r.burst, ticks(t.rtw), r.rl + r.burst + 2 * r.ck - r.wl});
  r.ppd = ticks(t.ppd);
  r.rrefd = ticks(t.rrefd);
  r.rfc_ab = ticks(t.rfc_ab);
  r.rfc_pb = ticks(t.rfc_pb);
  r.rfm_ab = ticks(t.rfm_ab);
  r.rfm_pb = ticks(t.rfm_pb);
  r.xp = ticks(t.xp);
  r.pd = ticks(t.pd);
  r.write_end = r.wl + r.burst + ticks(t.wr);
  r.wtr_s = r.wl + r.burst + ticks(t.wtr_s);
  r.wtr_l = r.wl + r.burst + ticks(t.wtr_l);
  return r;
}

/// A rule for every pair of two lists of commands, in the terms of the standards.
struct Rule {
  std::vector<Command> from;
  std::vector<Command> to;
  Scope scope;
  Tick distance;
  const char* name;
  Reason reason;
};

std::vector<Rule> bank_rules(const Ticks& t) {
  constexpr Scope kIn = Scope::kBank;
  constexpr Reason kWhy = Reason::kRow;
  return {
      {{kAct}, {kRd, kRda}, kIn, t.rcd_rd, "tRCDRD", kWhy},
      {{kAct}, {kWr, kWra}, kIn, t.rcd_wr, "tRCDWR", kWhy},
      {{kAct}, {kPre}, kIn, t.ras, "tRAS", kWhy},
      {{kAct}, {kAct, kRefpb, kRfmpb}, kIn, t.rc, "tRC", kWhy},
      {{kPre}, {kAct, kRefpb, kRfmpb}, kIn, t.rp, "tRP", kWhy},
      {{kRd}, {kPre}, kIn, t.rtp, "tRTP", kWhy},
      {{kWr}, {kPre}, kIn, t.write_end, "WL+BL+tWR", kWhy},
      {{kWr}, {kRda}, kIn, t.write_end - t.rtp, "WL+BL+tWR-tRTP", kWhy},
      {{kRda}, {kAct, kRefpb, kRfmpb}, kIn, t.rtp + t.rp, "tRTP+tRP", kWhy},
      {{kWra}, {kAct, kRefpb, kRfmpb}, kIn, t.write_end + t.rp, "WL+BL+tWR+tRP", kWhy},
      {{kRefpb}, {kAct, kRefpb, kRfmpb}, kIn, t.rfc_pb, "tRFCpb", Reason::kRefresh},
      {{kRfmpb}, {kAct, kRefpb, kRfmpb}, kIn, t.rfm_pb, "tRFMpb", Reason::kRefresh},
  };
}

std::vector<Rule> group_rules(const Ticks& t) {
  constexpr Scope kIn = Scope::kBankGroup;
  return {
      {{kRd, kRda}, {kRd, kRda}, kIn, t.ccd_l, "tCCDL", Reason::kBankGroup},
      {{kWr, kWra}, {kWr, kWra}, kIn, t.ccd_l, "tCCDL", Reason::kBankGroup},
      {{kWr, kWra}, {kRd, kRda}, kIn, t.wtr_l, "WL+BL+tWTRL", Reason::kTurnaround},
      {{kAct}, {kAct, kRefpb, kRfmpb}, kIn, t.rrd_l, "tRRDL", Reason::kActWindow},
  };
}

std::vector<Rule> column_rules(const Ticks& t) {
  return {
      {{kRd, kRda}, {kRd, kRda}, Scope::kChannel, t.ccd_s, "tCCDS", Reason::kBankGroup},
      {{kWr, kWra}, {kWr, kWra}, Scope::kChannel, t.ccd_s, "tCCDS", Reason::kBankGroup},
      {{kRd, kRda}, {kRd, kRda}, Scope::kOtherStackId, t.ccd_r, "tCCDR", Reason::kBankGroup},
      {{kWr, kWra}, {kWr, kWra}, Scope::kOtherStackId, t.ccd_r, "tCCDR", Reason::kBankGroup},
      {{kRd, kRda}, {kWr, kWra}, Scope::kChannel, t.rtw, "tRTW", Reason::kTurnaround},
      {{kWr, kWra}, {kRd, kRda}, Scope::kChannel, t.wtr_s, "WL+BL+tWTRS", Reason::kTurnaround},
  };
}

std::vector<Rule> row_rules(const Ticks& t) {
  constexpr Scope kIn = Scope::kChannel;
  constexpr Reason kRow = Reason::kRow;
  constexpr Reason kRefresh = Reason::kRefresh;
  return {
      {{kAct}, {kAct, kRefpb, kRfmpb}, kIn, t.rrd_s, "tRRDS", Reason::kActWindow},
      {{kPre}, {kPre, kPreab}, kIn, t.ppd, "tPPD", kRow},
      {{kAct}, {kPreab}, kIn, t.ras, "tRAS", kRow},
      {{kRd, kRda}, {kPreab}, kIn, t.rtp, "tRTP", kRow},
      {{kWr, kWra}, {kPreab}, kIn, t.write_end, "WL+BL+tWR", kRow},
      {{kAct}, {kRefab, kRfmab}, kIn, t.rc, "tRC", kRow},
      {{kPre, kPreab}, {kRefab, kRfmab}, kIn, t.rp, "tRP", kRow},
      {{kPreab}, {kAct, kRefpb, kRfmpb}, kIn, t.rp, "tRP", kRow},
      {{kRda}, {kRefab, kRfmab}, kIn, t.rtp + t.rp, "tRTP+tRP", kRow},
      {{kWra}, {kRefab, kRfmab}, kIn, t.write_end + t.rp, "WL+BL+tWR+tRP", kRow},
      {{kRefab}, {kAct, kRefab, kRefpb, kRfmab, kRfmpb}, kIn, t.rfc_ab, "tRFCab", kRefresh},
      {{kRfmab}, {kAct, kRefab, kRefpb, kRfmab, kRfmpb}, kIn, t.rfm_ab, "tRFMab", kRefresh},
      {{kRefpb, kRfmpb}, {kAct, kRefpb, kRfmpb}, kIn, t.rrefd, "tRREFD", Reason::kActWindow},
      {{kRefpb}, {kPreab, kRefab, kRfmab}, kIn, t.rfc_pb, "tRFCpb", kRefresh},
      {{kRfmpb}, {kPreab, kRefab, kRfmab}, kIn, t.rfm_pb, "tRFMpb", kRefresh},
  };
}

std::vector<Rule> power_rules(const Ticks& t) {
  constexpr Scope kIn = Scope::kChannel;
  constexpr Reason kWhy = Reason::kPowerDown;
  return {
      {{kPdx},
       {kAct, kPre, kRd, kWr, kRda, kWra, kRefpb, kRfmpb, kPreab, kRefab, kRfmab},
       kIn,
       t.xp,
       "tXP",
       kWhy},
      {{kPde}, {kPdx}, kIn, t.pd, "tPD", kWhy},
      {{kPdx}, {kPde}, kIn, t.pd, "tCKE", kWhy},
      {{kRd, kRda}, {kPde}, kIn, t.rl + t.burst + t.ck, "RL+BL+1", kWhy},
      {{kWr, kWra}, {kPde}, kIn, t.write_end + t.ck, "WL+BL+tWR+1", kWhy},
      {{kAct, kPre, kPreab, kRefpb, kRefab, kRfmpb, kRfmab}, {kPde}, kIn, t.ck, "1 CK", kWhy},
  };
}

}  // namespace

Tick to_ticks(const Config& config, Delay delay) {
  const auto per_ck = static_cast<std::uint64_t>(ticks_per_ck(config));
  if (delay.half_ck != 0) return static_cast<Tick>(ceil_div(delay.half_ck * per_ck, 2));
  // In kilohertz the product stays far below 2^64 for every time and rate the schema allows. A time
  // holds for whole CK: data sheets round up to the clock.
  const std::uint64_t khz = command_clock(config).count / 1000;
  return static_cast<Tick>(ceil_div(delay.ps * khz, 1'000'000'000U) * per_ck);
}

ConstraintTable constraints(const Config& config) {
  const Ticks t = in_ticks(config);
  ConstraintTable table;
  table.ticks_per_ck = t.ck;
  for (std::size_t c = 0; c < kCommands; ++c)
    table.length[c] = is_column(static_cast<Command>(c)) ? t.ck : 1;
  table.length[kAct] = std::max<Tick>(1, to_ticks(config, config.timing.act));
  table.offset[kAct] = table.length[kAct] - 1;
  for (const auto& rules :
       {bank_rules(t), group_rules(t), column_rules(t), row_rules(t), power_rules(t)}) {
    for (const Rule& rule : rules) {
      for (const Command from : rule.from) {
        for (const Command to : rule.to) {
          // Leaving power-down is over before the next command starts.
          const Tick early = rule.reason == Reason::kPowerDown ? 0 : table.offset[to];
          const Tick distance = rule.distance + table.offset[from] - early;
          if (rule.distance == 0 || distance <= 0) continue;
          table.pairs.push_back({from, to, rule.scope, distance, rule.name, rule.reason});
        }
      }
    }
  }
  table.windows.push_back({{kAct, kRefpb, kRfmpb}, 4, t.faw, "tFAW"});
  table.latency = {t.rl, t.wl};
  table.burst = t.burst;
  const Tick often = refresh_divisor(config);
  table.refi = std::max<Tick>(1, to_ticks(config, config.timing.refi) / often);
  const Tick per_bank = to_ticks(config, config.timing.refi_pb) / often;
  table.refi_pb =
      per_bank != 0 ? per_bank : (table.refi + bank_count(config) - 1) / bank_count(config);
  return table;
}

}  // namespace aipu::hbm
