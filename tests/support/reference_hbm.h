// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/hbm/config.h"

namespace aipu::test {

// The pseudo-channels of the measured reference data (its README, "Device timings used" and
// "Controller settings"), in CK. Both follow the rules of HBM2: whole cycles, an activate of two.

inline hbm::Config reference_device() {
  hbm::Config c;
  c.stacks = 1;
  c.pseudo_channels = 1;
  c.capacity = 512_MiB;
  c.stack_ids = 1;
  c.bank_groups = 4;
  c.banks = 4;
  c.row = 1_KiB;
  c.row_clock = hbm::RowClock::kFull;
  c.refresh = hbm::Refresh::kAllBank;
  c.refresh_postpone = 0;
  c.refresh_pull_in = 0;
  c.timing.act = hbm::ck(2);
  c.timing.ccd_s = hbm::ck(2);
  c.timing.ccd_l = hbm::ck(4);
  c.timing.ppd = hbm::ck(0);
  return c;
}

inline hbm::Config reference_hbm2_2000() {
  using hbm::ck;
  hbm::Config c = reference_device();
  c.data_bits = 64;
  c.burst_length = 4;
  c.beats_per_ck = 2;
  c.data_rate = 2_Gbps;
  hbm::Timings& t = c.timing;
  t.rl = ck(14), t.wl = ck(5);
  t.rcd_rd = ck(14), t.rcd_wr = ck(12), t.rp = ck(14), t.ras = ck(34), t.rc = ck(48);
  t.rrd_s = ck(4), t.rrd_l = ck(6), t.faw = ck(16);
  t.wtr_s = ck(6), t.wtr_l = ck(8), t.wr = ck(16), t.rtp = ck(5), t.rtw = ck(13);
  t.rfc_ab = ck(260), t.refi = ck(3900);
  t.rfc_pb = ck(160), t.refi_pb = ck(244), t.rrefd = ck(8);
  return c;
}

inline hbm::Config reference_hbm3_6400() {
  using hbm::ck;
  hbm::Config c = reference_device();
  c.data_bits = 32;
  c.burst_length = 8;
  c.beats_per_ck = 4;
  c.data_rate = BitsPerSecond(6'400'000'000U);
  hbm::Timings& t = c.timing;
  t.rl = ck(20), t.wl = ck(10);
  t.rcd_rd = ck(31), t.rcd_wr = ck(15), t.rp = ck(26), t.ras = ck(45), t.rc = ck(72);
  t.rrd_s = ck(4), t.rrd_l = ck(5), t.faw = ck(24);
  t.wtr_s = ck(7), t.wtr_l = ck(10), t.wr = ck(33), t.rtp = ck(9), t.rtw = ck(20);
  t.rfc_ab = ck(560), t.refi = ck(6240);
  t.rfc_pb = ck(320), t.refi_pb = ck(390), t.rrefd = ck(13);
  return c;
}

}  // namespace aipu::test
