// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/bus_account.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu::hbm {

const char* to_string(Cause cause) {
  static constexpr std::array<const char*, kCauses> kNames = {
      "idle",    "latency",         "power_down",  "turnaround", "bank_group",
      "refresh", "activate_window", "write_drain", "row_miss",   "busy"};
  return kNames[index(cause)];
}

void BusAccount::burst(Tick now, Tick begin, Tick burst, const Levels& levels) {
  AIPU_ASSERT(begin >= data_end_, "data from {} over data to {}", begin, data_end_);
  Segment segment{begin + burst, {}};
  Tick at = data_end_;
  for (std::size_t cause = 0; cause < levels.until.size() && at < begin; ++cause) {
    const bool length = cause == index(Cause::kActWindow);
    const Tick to = std::clamp(length ? at + levels.until[cause] : levels.until[cause], at, begin);
    segment.shares[cause] = to - at;
    at = to;
  }
  segment.shares[index(levels.drained ? Cause::kWriteDrain : Cause::kRowMiss)] = begin - at;
  segment.shares[index(Cause::kBusy)] = burst;
  data_end_ = segment.end;
  commit(now);
  segments_.push_back(segment);
}

// A command reaches at most its latency into the future, so few segments are ever kept.
void BusAccount::commit(Tick now) {
  std::size_t past = 0;
  for (; past < segments_.size() && segments_[past].end <= now; ++past) {
    for (std::size_t i = 0; i < kCauses; ++i)
      total_[i] += segments_[past].shares[i];
    committed_ = segments_[past].end;
  }
  segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(past));
}

BusShares BusAccount::read(Tick now, Tick latency) const {
  BusShares result = total_;
  Tick at = committed_;
  for (const Segment& segment : segments_) {
    for (std::size_t cause = 0; cause < kCauses; ++cause) {
      const Tick part = std::clamp<Tick>(now - at, 0, segment.shares[cause]);
      result[cause] += part;
      at += part;
    }
  }
  const auto up_to = [&](Cause cause, Tick level) {
    const Tick to = std::clamp(level, at, std::max(at, now));
    result[index(cause)] += to - at;
    at = to;
  };
  up_to(Cause::kIdle, waiting_ ? waiting_since_ : now);
  up_to(Cause::kLatency, waiting_since_ + latency);
  up_to(Cause::kRowMiss, now);
  return result;
}

}  // namespace aipu::hbm
