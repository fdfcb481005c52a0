// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/base/schema.h"
#include "hw/hbm/delay.h"

namespace aipu::hbm {

/// Timings of a DRAM device, named as in the JEDEC standards without their t: `rcd_rd` is tRCDRD.
/// Each is a time or CK cycles. Times come from the array and stay when the data rate changes;
/// cycles come from the prefetch architecture.
/// Defaults: HBM2E, from the HBM2 values of public simulator presets that cite JESD235D
/// (hw/docs/hbm.md).
struct Timings {
  Delay rl = Picoseconds(13'750);
  Delay wl = 5_ns;
  Delay rcd_rd = 14_ns;
  Delay rcd_wr = 10_ns;
  Delay rp = 14_ns;
  Delay ras = Picoseconds(33'750);
  Delay rc = 48_ns;
  Delay ccd_s = ck(2);
  Delay ccd_l = ck(4);
  Delay ccd_r = ck(3);
  Delay rrd_s = 4_ns;
  Delay rrd_l = 4_ns;
  Delay faw = 16_ns;
  Delay wtr_s = 6_ns;
  Delay wtr_l = 8_ns;
  Delay wr = 16_ns;
  Delay rtp = 5_ns;
  Delay rtw = ck(0);
  Delay ppd = ck(0);
  Delay rfc_ab = 350_ns;
  Delay rfc_pb = 160_ns;
  Delay rrefd = 8_ns;
  Delay refi = 3900_ns;
  Delay refi_pb = ck(0);
  Delay rfm_ab = 350_ns;
  Delay rfm_pb = 160_ns;
  Delay xp = 8_ns;
  Delay pd = 8_ns;
  Delay act = ck(2);
};

/// One key of the timing group: the only list of them.
struct TimingKey {
  const char* name;
  Delay Timings::*member;
  const char* description;
};

inline constexpr TimingKey kTimingKeys[] = {
    {"rl", &Timings::rl, "read command to first data"},
    {"wl", &Timings::wl, "write command to first data"},
    {"rcd_rd", &Timings::rcd_rd, "activate to read"},
    {"rcd_wr", &Timings::rcd_wr, "activate to write"},
    {"rp", &Timings::rp, "precharge to activate"},
    {"ras", &Timings::ras, "activate to precharge"},
    {"rc", &Timings::rc, "activate to activate of one bank"},
    {"ccd_s", &Timings::ccd_s, "column to column, other bank group"},
    {"ccd_l", &Timings::ccd_l, "column to column, same bank group"},
    {"ccd_r", &Timings::ccd_r, "column to column, other stack id"},
    {"rrd_s", &Timings::rrd_s, "activate to activate, other bank group"},
    {"rrd_l", &Timings::rrd_l, "activate to activate, same bank group"},
    {"faw", &Timings::faw, "window that holds at most four activates"},
    {"wtr_s", &Timings::wtr_s, "end of write data to read, other bank group"},
    {"wtr_l", &Timings::wtr_l, "end of write data to read, same bank group"},
    {"wr", &Timings::wr, "end of write data to precharge"},
    {"rtp", &Timings::rtp, "read to precharge"},
    {"rtw", &Timings::rtw, "read to write command; at least rl + burst + 2 CK - wl is kept"},
    {"ppd", &Timings::ppd, "precharge to precharge of another bank"},
    {"rfc_ab", &Timings::rfc_ab, "length of an all-bank refresh"},
    {"rfc_pb", &Timings::rfc_pb, "length of a per-bank refresh"},
    {"rrefd", &Timings::rrefd, "per-bank refresh to refresh or activate of another bank"},
    {"refi", &Timings::refi, "average time between refreshes of a bank"},
    {"refi_pb", &Timings::refi_pb, "between per-bank refreshes; 0 CK: refi / number of banks"},
    {"rfm_ab", &Timings::rfm_ab, "length of an all-bank refresh management command"},
    {"rfm_pb", &Timings::rfm_pb, "length of a per-bank refresh management command"},
    {"xp", &Timings::xp, "power-down exit to the next command"},
    {"pd", &Timings::pd, "least time in power-down, and between power-downs"},
    {"act", &Timings::act, "length of an activate on the row command bus"},
};

inline Schema<Timings> timings_schema() {
  Schema<Timings> schema("timing", "timings of the DRAM device, as times or CK cycles");
  for (const TimingKey& key : kTimingKeys)
    schema.field(key.name, key.member, any(), key.description);
  return schema;
}

}  // namespace aipu::hbm
