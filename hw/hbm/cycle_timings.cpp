// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/cycle_timings.h"

#include <algorithm>

namespace aipu::hbm {

Ck to_ck(const Config& config, Picoseconds time) {
  // In kilohertz the product stays far below 2^64 for every time and rate the schema allows.
  const std::uint64_t khz = command_clock(config).count / 1000;
  return static_cast<Ck>(ceil_div(time.count * khz, 1'000'000'000U));
}

CycleTimings cycle_timings(const Config& config) {
  const Timings& t = config.timing;
  const auto ck = [&config](Picoseconds time) { return to_ck(config, time); };
  const auto whole = [](Cycles cycles) { return static_cast<Ck>(cycles.count); };
  const Ck burst = std::max<Ck>(1, config.burst_length / 2);
  const Ck rl = ck(t.rl);
  const Ck wl = ck(t.wl);
  const Ck last_act = whole(t.act) - 1;
  const Ck same = std::max(burst, whole(t.ccd_s));
  const Ck same_group = std::max(same, whole(t.ccd_l));
  const Ck turn = std::max(same, rl + burst + whole(t.rtw_gap) - wl);

  CycleTimings r{};
  r.latency = {rl, wl};
  r.act_to_col = {ck(t.rcd_rd) + last_act, ck(t.rcd_wr) + last_act};
  r.col_to_pre = {ck(t.rtp), wl + burst + ck(t.wr)};
  r.col_to_col = {{{same, turn}, {std::max(same, wl + burst + ck(t.wtr_s)), same}}};
  r.col_to_col_group = {
      {{same_group, turn}, {std::max(same_group, wl + burst + ck(t.wtr_l)), same_group}}};
  r.col_to_col_stack_id = std::max(same, whole(t.ccd_r));
  r.burst = burst;
  r.spacing = std::max(
      same, static_cast<Ck>(ceil_div(static_cast<std::uint64_t>(same_group), config.bank_groups)));
  r.pre_to_act = std::max<Ck>(1, ck(t.rp) - last_act);
  r.pre_to_ref = ck(t.rp);
  r.act_to_pre = ck(t.ras) + last_act;
  r.act_to_act = ck(t.rc);
  r.act_slots = whole(t.act);
  r.act_to_act_any = std::max(ck(t.rrd_s), r.act_slots);
  r.act_to_act_group = std::max(ck(t.rrd_l), r.act_slots);
  r.four_acts = ck(t.faw);
  r.ref_all_to_act = std::max<Ck>(1, ck(t.rfc_ab) - last_act);
  r.ref_bank_to_act = std::max<Ck>(1, ck(t.rfc_pb) - last_act);
  r.ref_to_ref = std::max<Ck>(1, ck(t.rrefd));
  r.refi = std::max<Ck>(1, ck(t.refi));
  return r;
}

}  // namespace aipu::hbm
