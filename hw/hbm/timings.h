// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::hbm {

/// Timings of a DRAM device. Those that come from the array are times, so that another data rate
/// leaves them alone; those that come from the prefetch architecture are CK cycles.
/// Defaults: HBM2E, from the HBM2 values of public simulator presets that cite JESD235D
/// (hw/docs/hbm.md).
struct Timings {
  Picoseconds rl = Picoseconds(13'750);
  Picoseconds wl = 5_ns;
  Picoseconds rcd_rd = 14_ns;
  Picoseconds rcd_wr = 10_ns;
  Picoseconds rp = 14_ns;
  Picoseconds ras = Picoseconds(33'750);
  Picoseconds rc = 48_ns;
  Picoseconds rrd_s = 4_ns;
  Picoseconds rrd_l = 4_ns;
  Picoseconds faw = 16_ns;
  Picoseconds wtr_s = 6_ns;
  Picoseconds wtr_l = 8_ns;
  Picoseconds wr = 16_ns;
  Picoseconds rtp = 5_ns;
  Picoseconds rfc_ab = 350_ns;
  Picoseconds rfc_pb = 160_ns;
  Picoseconds rrefd = 8_ns;
  Picoseconds refi = 3900_ns;
  Cycles ccd_s = 2_cycles;
  Cycles ccd_l = 4_cycles;
  Cycles ccd_r = 3_cycles;
  Cycles rtw_gap = 2_cycles;
  Cycles act = 2_cycles;
};

/// The only list of the timing keys.
inline Schema<Timings> timings_schema() {
  const auto time = [] { return between(0_ps, 100_us); };
  const auto ck = [](std::uint64_t low) { return between(Cycles(low), Cycles(64)); };
  return Schema<Timings>("timing", "timings of the DRAM device")
      .field("rl", &Timings::rl, time(), "read command to first data")
      .field("wl", &Timings::wl, time(), "write command to first data")
      .field("rcd_rd", &Timings::rcd_rd, time(), "activate to read")
      .field("rcd_wr", &Timings::rcd_wr, time(), "activate to write")
      .field("rp", &Timings::rp, time(), "precharge to activate")
      .field("ras", &Timings::ras, time(), "activate to precharge")
      .field("rc", &Timings::rc, time(), "activate to activate of one bank")
      .field("rrd_s", &Timings::rrd_s, time(), "activate to activate, other bank group")
      .field("rrd_l", &Timings::rrd_l, time(), "activate to activate, same bank group")
      .field("faw", &Timings::faw, time(), "window that holds at most four activates")
      .field("wtr_s", &Timings::wtr_s, time(), "end of write data to read, other bank group")
      .field("wtr_l", &Timings::wtr_l, time(), "end of write data to read, same bank group")
      .field("wr", &Timings::wr, time(), "end of write data to precharge")
      .field("rtp", &Timings::rtp, time(), "read to precharge")
      .field("rfc_ab", &Timings::rfc_ab, time(), "length of an all-bank refresh")
      .field("rfc_pb", &Timings::rfc_pb, time(), "length of a per-bank refresh")
      .field("rrefd", &Timings::rrefd, time(), "per-bank refresh to per-bank refresh")
      .field("refi", &Timings::refi, between(100_ns, 100_us),
             "average time between refreshes of a bank")
      .field("ccd_s", &Timings::ccd_s, ck(1), "column to column, other bank group")
      .field("ccd_l", &Timings::ccd_l, ck(1), "column to column, same bank group")
      .field("ccd_r", &Timings::ccd_r, ck(1), "column to column, other stack id")
      .field("rtw_gap", &Timings::rtw_gap, ck(0),
             "idle data-bus cycles from read data to write data")
      .field("act", &Timings::act, ck(1), "cycles of an activate on the row command bus")
      .require([](const Timings& t) { return t.rc >= t.ras; },
               "rc (activate to activate) must not be shorter than ras (activate to precharge)")
      .require([](const Timings& t) { return t.refi > t.rfc_ab && t.refi > t.rfc_pb; },
               "a refresh (rfc_ab, rfc_pb) must be shorter than the time between refreshes (refi)");
}

}  // namespace aipu::hbm
