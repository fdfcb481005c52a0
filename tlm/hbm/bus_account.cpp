// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/bus_account.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu::hbm {

namespace {

// The order in which the parts of a segment lie in time; data come last.
constexpr std::array<Cause, kCauses> kOrder = {
    Cause::kIdle,    Cause::kLatency,   Cause::kTurnaround, Cause::kBankGroup,
    Cause::kRefresh, Cause::kActWindow, Cause::kRowMiss,    Cause::kBusy};

}  // namespace

const char* to_string(Cause cause) {
  static constexpr std::array<const char*, kCauses> kNames = {
      "busy",       "idle",    "latency",         "turnaround",
      "bank_group", "refresh", "activate_window", "row_miss"};
  return kNames[index(cause)];
}

void BusAccount::run(Ck now, Ck begin, Ck end, Ck busy, const Levels& levels) {
  AIPU_ASSERT(begin >= data_end_, "data from {} over data to {}", begin, data_end_);
  Segment segment{end, {}};
  Ck at = data_end_;
  const auto up_to = [&](Cause cause, Ck level) {
    const Ck to = std::clamp(level, at, begin);
    segment.shares[index(cause)] += to - at;
    at = to;
  };
  if (at < begin) {
    up_to(Cause::kIdle, levels.idle);
    up_to(Cause::kLatency, levels.latency);
    up_to(Cause::kTurnaround, levels.turnaround);
    up_to(Cause::kBankGroup, levels.bank_group);
    up_to(Cause::kRefresh, levels.refresh);
    up_to(Cause::kActWindow, at + levels.act_window);
    up_to(Cause::kRowMiss, begin);
  }
  segment.shares[index(Cause::kBankGroup)] += end - begin - busy;
  segment.shares[index(Cause::kBusy)] += busy;
  data_end_ = end;
  commit(now);
  pending_.push_back(segment);
}

void BusAccount::commit(Ck now) {
  for (; first_ < pending_.size() && pending_[first_].end <= now; ++first_) {
    for (std::size_t i = 0; i < kCauses; ++i)
      total_[i] += pending_[first_].shares[i];
    committed_ = pending_[first_].end;
  }
  if (first_ == pending_.size()) {
    pending_.clear();
    first_ = 0;
  } else if (first_ >= 256) {
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

BusShares BusAccount::read(Ck now, Ck latency) const {
  BusShares result = total_;
  Ck at = committed_;
  for (std::size_t i = first_; i < pending_.size(); ++i) {
    for (const Cause cause : kOrder) {
      const Ck part = std::clamp<Ck>(now - at, 0, pending_[i].shares[index(cause)]);
      result[index(cause)] += part;
      at += part;
    }
  }
  const auto up_to = [&](Cause cause, Ck level) {
    const Ck to = std::clamp(level, at, std::max(at, now));
    result[index(cause)] += to - at;
    at = to;
  };
  up_to(Cause::kIdle, waiting_ ? waiting_since_ : now);
  up_to(Cause::kLatency, waiting_since_ + latency);
  up_to(Cause::kRowMiss, now);
  return result;
}

}  // namespace aipu::hbm
