// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "hw/hbm/command.h"

namespace aipu::hbm {

/// What a tick of the data bus was: data, or why there were none. In the order in which the time
/// before a burst is charged: each cause up to when it alone would have let the data go.
enum class Cause : std::uint32_t {
  kIdle,        ///< nothing queued
  kLatency,     ///< the column latency of the first request after an idle time
  kPowerDown,   ///< leaving power-down (tXP)
  kTurnaround,  ///< read to write (tRTW) or write to read (tWTR)
  kBankGroup,   ///< tCCDL of one bank group, tCCDR between stack ids
  kRefresh,     ///< the bank, or all, were to be refreshed
  kActWindow,   ///< tRRD, tFAW
  kWriteDrain,  ///< rows to be opened for the first burst of a drain or after it
  kRowMiss,     ///< precharge and activate (tRP, tRAS, tRC, tRCD), row command bus
  kBusy         ///< data, padding of partial bursts included
};
constexpr std::size_t kCauses = 10;
const char* to_string(Cause cause);

using BusShares = std::array<Tick, kCauses>;
constexpr std::size_t index(Cause cause) {
  return static_cast<std::size_t>(cause);
}

/// Splits the time of one data bus over the causes, exactly: read(now) always adds up to `now`.
class BusAccount {
 public:
  /// Data-bus times up to which each cause held a burst back; of kActWindow a length. The causes
  /// from kWriteDrain on share the rest by `drained`.
  struct Levels {
    std::array<Tick, index(Cause::kActWindow) + 1> until{};
    bool drained = false;
  };

  Tick data_end() const { return data_end_; }

  /// The queue received its first request.
  void became_busy(Tick now) {
    waiting_since_ = now;
    waiting_ = true;
  }
  /// The queue has issued its last request.
  void became_empty() { waiting_ = false; }
  Tick waiting_since() const { return waiting_since_; }

  /// A burst that follows the last without a gap.
  void follow(Tick burst) {
    segments_.back().shares[index(Cause::kBusy)] += burst;
    segments_.back().end += burst;
    data_end_ += burst;
  }
  /// Whether a burst that begins then follows the last without a gap.
  bool follows(Tick begin) const { return begin == data_end_ && !segments_.empty(); }
  /// Data [begin, begin + burst), of a command sent at `now` <= begin.
  void burst(Tick now, Tick begin, Tick burst, const Levels& levels);

  /// Shares of the time up to `now`; `latency` is that of a column command.
  BusShares read(Tick now, Tick latency) const;

 private:
  /// A gap and the data after it.
  struct Segment {
    Tick end;
    BusShares shares;
  };
  void commit(Tick now);

  BusShares total_{};
  std::vector<Segment> segments_;  // whose data may lie in the future, in order
  Tick committed_ = 0;
  Tick data_end_ = 0;
  Tick waiting_since_ = 0;
  bool waiting_ = false;
};

}  // namespace aipu::hbm
