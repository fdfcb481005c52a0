// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw/hbm/cycle_timings.h"

namespace aipu::hbm {

/// What a cycle of the data bus was: data, or why there were none.
enum class Cause : std::uint32_t {
  kBusy,        ///< data, padding of partial atoms included
  kIdle,        ///< no request in the queue
  kLatency,     ///< the column latency of the first request after an idle time
  kTurnaround,  ///< read to write or write to read
  kBankGroup,   ///< tCCD_L of one bank group, tCCD_R between stack ids
  kRefresh,     ///< the rows needed were being refreshed
  kActWindow,   ///< tRRD, tFAW
  kRowMiss,     ///< precharge and activate (tRP, tRAS, tRC, tRCD)
};
constexpr std::size_t kCauses = 8;
const char* to_string(Cause cause);

using BusShares = std::array<Ck, kCauses>;
constexpr std::size_t index(Cause cause) {
  return static_cast<std::size_t>(cause);
}

/// Splits the time of one data bus over the causes, exactly: read(now) always adds up to `now`.
class BusAccount {
 public:
  /// Why one run of data began no earlier than it did, as data-bus times, in the order in which
  /// they are charged: each takes what the ones before left of the gap. The rest is kRowMiss.
  struct Levels {
    Ck idle;
    Ck latency;
    Ck turnaround;
    Ck bank_group;
    Ck refresh;
    Ck act_window;  ///< a length, not a time
  };

  Ck data_end() const { return data_end_; }

  /// The queue received its first request.
  void became_busy(Ck now) {
    waiting_since_ = now;
    waiting_ = true;
  }
  /// The queue has issued its last request.
  void became_empty() { waiting_ = false; }
  Ck waiting_since() const { return waiting_since_; }

  /// A run of data [begin, end), of which `busy` cycles are data; issued at `now` <= begin.
  void run(Ck now, Ck begin, Ck end, Ck busy, const Levels& levels);

  /// Shares of the time up to `now`; `latency` is that of a column command.
  BusShares read(Ck now, Ck latency) const;

 private:
  struct Segment {
    Ck end;
    BusShares shares;
  };
  void commit(Ck now);

  BusShares total_{};
  std::vector<Segment> pending_;  // runs whose data may lie in the future, in order
  std::size_t first_ = 0;
  Ck committed_ = 0;
  Ck data_end_ = 0;
  Ck waiting_since_ = 0;
  bool waiting_ = false;
};

}  // namespace aipu::hbm
