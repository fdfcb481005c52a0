// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/checker_rules.h"

#include <algorithm>
#include <initializer_list>

namespace aipu::hbm {
namespace {

constexpr CommandSet kReads = set_of(kRd, kRda);
constexpr CommandSet kWrites = set_of(kWr, kWra);
constexpr CommandSet kBankRefreshes = set_of(kRefpb, kRfmpb);
constexpr CommandSet kAllRefreshes = set_of(kRefab, kRfmab);
constexpr CommandSet kPrecharges = set_of(kPre, kPreab);
/// Commands that raise word lines of one bank.
constexpr CommandSet kRaises = kBankRefreshes | set_of(kAct);

constexpr CommandSet kOfBank = kRaises | set_of(kPre);
constexpr CommandSet kOfAll = kAllRefreshes | set_of(kPreab);
constexpr CommandSet kEntry = set_of(kPde);
constexpr CommandSet kExit = set_of(kPdx);
constexpr CommandSet kOthers = (1U << kCommands) - 1U - kEntry - kExit;

constexpr std::uint64_t kPicosecondsPerSecond = 1'000'000'000'000;

/// Converts what the data sheet gives into ticks, rounded up.
class Ruler {
 public:
  explicit Ruler(const Config& config)
      : config_(config), ck_(config.row_clock == RowClock::kHalf ? 2 : 1) {}

  Tick ck() const { return ck_; }

  Tick operator()(Delay delay) const {
    if (delay.half_ck != 0) {
      const auto halves = static_cast<Tick>(delay.half_ck);
      return ck_ == 2 ? halves : (halves + 1) / 2;
    }
    // ps x Hz stays below 2^64: the schema allows 1000 us and 10 GHz. A time covers whole CK.
    const std::uint64_t clock = config_.data_rate.count / config_.beats_per_ck;
    const std::uint64_t cycles = delay.ps * clock / kPicosecondsPerSecond;
    const bool exact = delay.ps * clock % kPicosecondsPerSecond == 0;
    return static_cast<Tick>(cycles + (exact ? 0 : 1)) * ck_;
  }

 private:
  const Config& config_;
  Tick ck_;
};

using Pairs = std::vector<CheckedPair>;

void append(Pairs& pairs, std::initializer_list<CheckedPair> more) {
  for (const CheckedPair& pair : more) {
    if (pair.distance > 0) pairs.push_back(pair);
  }
}

/// Rows: what an open row needs before it is used, closed and opened again. An automatic precharge
/// begins tRTP after its read, or tWR after the data of its write; tRC >= tRAS + tRP (schema) holds
/// it back where the row is younger.
void add_rows(Pairs& pairs, const Ruler& in, const Timings& t, Tick write_data) {
  const Tick recovered = write_data + in(t.wr);
  append(pairs, {
                    {set_of(kAct), kReads, Reach::kSameBank, in(t.rcd_rd), "tRCDRD"},
                    {set_of(kAct), kWrites, Reach::kSameBank, in(t.rcd_wr), "tRCDWR"},
                    {set_of(kAct), set_of(kPre), Reach::kSameBank, in(t.ras), "tRAS"},
                    {set_of(kAct), set_of(kPreab), Reach::kChannel, in(t.ras), "tRAS"},
                    {set_of(kAct), kRaises, Reach::kSameBank, in(t.rc), "tRC"},
                    {set_of(kAct), kAllRefreshes, Reach::kChannel, in(t.rc), "tRC"},
                    {kReads, set_of(kPre), Reach::kSameBank, in(t.rtp), "tRTP"},
                    {kReads, set_of(kPreab), Reach::kChannel, in(t.rtp), "tRTP"},
                    {kWrites, set_of(kPre), Reach::kSameBank, recovered, "tWR"},
                    {kWrites, set_of(kPreab), Reach::kChannel, recovered, "tWR"},
                    {set_of(kWr), set_of(kRda), Reach::kSameBank, recovered - in(t.rtp), "tWR"},
                });
  const Tick read_closed = in(t.rtp) + in(t.rp);
  const Tick write_closed = recovered + in(t.rp);
  append(pairs, {
                    {set_of(kPre), kRaises, Reach::kSameBank, in(t.rp), "tRP"},
                    {set_of(kPre), kAllRefreshes, Reach::kChannel, in(t.rp), "tRP"},
                    {set_of(kPreab), kRaises | kAllRefreshes, Reach::kChannel, in(t.rp), "tRP"},
                    {set_of(kRda), kRaises, Reach::kSameBank, read_closed, "tRTP+tRP"},
                    {set_of(kRda), kAllRefreshes, Reach::kChannel, read_closed, "tRTP+tRP"},
                    {set_of(kWra), kRaises, Reach::kSameBank, write_closed, "tWR+tRP"},
                    {set_of(kWra), kAllRefreshes, Reach::kChannel, write_closed, "tWR+tRP"},
                    {kPrecharges, kPrecharges, Reach::kChannel, in(t.ppd), "tPPD"},
                });
}

/// Columns: the internal buses of bank groups and stack ids, and the turns of the data bus.
void add_columns(Pairs& pairs, const Ruler& in, const Timings& t, Tick burst, Tick write_data) {
  // The first write data stay two CK clear of the last read data.
  const Tick turn = std::max(in(t.rtw), in(t.rl) + burst + 2 * in.ck() - in(t.wl));
  for (const CommandSet same : {kReads, kWrites}) {
    append(pairs, {
                      {same, same, Reach::kSameGroup, in(t.ccd_l), "tCCDL"},
                      {same, same, Reach::kOtherStack, in(t.ccd_r), "tCCDR"},
                      {same, same, Reach::kChannel, in(t.ccd_s), "tCCDS"},
                  });
  }
  append(pairs, {
                    {kReads, kWrites, Reach::kChannel, turn, "tRTW"},
                    {kWrites, kReads, Reach::kSameGroup, write_data + in(t.wtr_l), "tWTRL"},
                    {kWrites, kReads, Reach::kChannel, write_data + in(t.wtr_s), "tWTRS"},
                });
}

/// What loads the supply: activates and refreshes.
void add_arrays(Pairs& pairs, const Ruler& in, const Timings& t) {
  append(pairs, {
                    {set_of(kAct), kRaises, Reach::kSameGroup, in(t.rrd_l), "tRRDL"},
                    {set_of(kAct), kRaises, Reach::kChannel, in(t.rrd_s), "tRRDS"},
                    {kBankRefreshes, kRaises, Reach::kChannel, in(t.rrefd), "tRREFD"},
                });
  append(pairs, {
                    {set_of(kRefpb), kOfBank, Reach::kSameBank, in(t.rfc_pb), "tRFCpb"},
                    {set_of(kRefpb), kOfAll, Reach::kChannel, in(t.rfc_pb), "tRFCpb"},
                    {set_of(kRfmpb), kOfBank, Reach::kSameBank, in(t.rfm_pb), "tRFMpb"},
                    {set_of(kRfmpb), kOfAll, Reach::kChannel, in(t.rfm_pb), "tRFMpb"},
                    {set_of(kRefab), kOfBank | kOfAll, Reach::kChannel, in(t.rfc_ab), "tRFCab"},
                    {set_of(kRfmab), kOfBank | kOfAll, Reach::kChannel, in(t.rfm_ab), "tRFMab"},
                });
}

/// Power-down begins when all commands have done what needs the clock: a CK after row commands,
/// read data and write recovery.
void add_power_down(Pairs& pairs, const Ruler& in, const Timings& t, Tick burst, Tick write_data) {
  const Tick read = in(t.rl) + burst + in.ck();
  const Tick write = write_data + in(t.wr) + in.ck();
  append(pairs, {
                    {kExit, kOthers, Reach::kChannel, in(t.xp), "tXP"},
                    {kEntry, kExit, Reach::kChannel, in(t.pd), "tPD"},
                    {kExit, kEntry, Reach::kChannel, in(t.pd), "tCKE"},
                    {kReads, kEntry, Reach::kChannel, read, "tRDPDE"},
                    {kWrites, kEntry, Reach::kChannel, write, "tWRPDE"},
                    {set_of(kAct), kEntry, Reach::kChannel, in.ck(), "tACTPDE"},
                    {kPrecharges, kEntry, Reach::kChannel, in.ck(), "tPRPDE"},
                    {kBankRefreshes | kAllRefreshes, kEntry, Reach::kChannel, in.ck(), "tREFPDE"},
                });
}

}  // namespace

CheckedDevice checked_device(const Config& config) {
  const Ruler in(config);
  const Timings& t = config.timing;
  CheckedDevice device;
  device.ck = in.ck();
  device.act = in(t.act);
  device.rl = in(t.rl);
  device.wl = in(t.wl);
  device.burst = std::max<Tick>(
      1, static_cast<Tick>(config.burst_length) * in.ck() / static_cast<Tick>(config.beats_per_ck));
  device.faw = in(t.faw);
  const auto banks = static_cast<Tick>(bank_count(config));
  const auto often = static_cast<Tick>(refresh_divisor(config));
  device.refi = std::max<Tick>(1, in(t.refi) / often);
  const Tick given = in(t.refi_pb) / often;
  device.refi_pb = given > 0 ? given : (device.refi + banks - 1) / banks;

  const Tick write_data = device.wl + device.burst;  // write command to the end of its data
  add_rows(device.pairs, in, t, write_data);
  add_columns(device.pairs, in, t, device.burst, write_data);
  add_arrays(device.pairs, in, t);
  add_power_down(device.pairs, in, t, device.burst, write_data);
  return device;
}

}  // namespace aipu::hbm
