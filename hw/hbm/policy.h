// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema_rule.h"

namespace aipu::hbm {

/// Which request of a bank is next. Over the banks the earliest legal command goes, the older
/// request on a tie.
enum class Scheduler : std::uint8_t {
  kFifo,       ///< the oldest
  kFrFcfs,     ///< the oldest that hits the open row, else the oldest
  kFrFcfsGrp,  ///< among the hits one of the direction last served, else as kFrFcfs
  kGrpFrFcfs,  ///< a queue a direction: kFrFcfs in that of the direction last served, else the
               ///< other
  kWatermark   ///< reads first; writes drain from above write_high to write_low, or without reads
};

/// When a row is closed.
enum class Page : std::uint8_t {
  kOpen,           ///< when another row is wanted
  kClosed,         ///< with every column command
  kOpenAdaptive,   ///< with the last hit queued, when another row is wanted
  kClosedAdaptive  ///< with the last hit queued
};

/// How the cells are kept alive.
enum class Refresh : std::uint8_t { kNone, kAllBank, kPerBank };

/// What a request needs to leave the front queue.
enum class Admission : std::uint8_t {
  kOwn,  ///< a free entry in the queue of its direction
  kBoth  ///< a free entry in both
};

enum class Ecc : std::uint8_t {
  kSideband,  ///< check bits have pins of their own: no traffic
  kInline     ///< check bits are data: traffic of their own
};

/// Which edges of CK start row commands.
enum class RowClock : std::uint8_t { kFull, kHalf };

inline EnumNames<Scheduler> scheduler_names() {
  return {{"fifo", Scheduler::kFifo},
          {"fr_fcfs", Scheduler::kFrFcfs},
          {"fr_fcfs_grp", Scheduler::kFrFcfsGrp},
          {"grp_fr_fcfs", Scheduler::kGrpFrFcfs},
          {"watermark", Scheduler::kWatermark}};
}
inline EnumNames<Page> page_names() {
  return {{"open", Page::kOpen},
          {"closed", Page::kClosed},
          {"open_adaptive", Page::kOpenAdaptive},
          {"closed_adaptive", Page::kClosedAdaptive}};
}
inline EnumNames<Refresh> refresh_names() {
  return {
      {"none", Refresh::kNone}, {"all_bank", Refresh::kAllBank}, {"per_bank", Refresh::kPerBank}};
}

}  // namespace aipu::hbm
