// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tlm/core/stats.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::cosim {

/// The account of an output as SwitchCore keeps it, written ahead of the cycles it is read for:
/// what lies behind the present waits in a list of its own.
class OutputAccount {
 public:
  using State = directcom::SwitchModel::State;

  std::uint64_t busy_until() const { return busy_until_; }
  /// A state other than busy begins when all that was granted has passed. `now`: no read() is for
  /// a cycle before it.
  void note(State state, std::uint64_t cycle, std::uint64_t now) {
    if (state_ == State::kBusy) {
      if (busy_until_ > cycle) return;
      if (busy_until_ < cycle) enter(State::kNoPacket, busy_until_, now);
    }
    if (state_ != state) enter(state, cycle, now);
  }
  void grant(std::uint64_t cycle, std::uint64_t until, std::uint64_t now) {
    note(State::kBusy, cycle, now);
    busy_until_ = until;
  }
  void delay(std::uint64_t cycles) { busy_until_ += cycles; }

  /// Cycles in every state up to `cycle`.
  std::vector<std::uint64_t> read(std::uint64_t cycle) const {
    TimeStack stack = past_;
    for (const Entry& entry : ahead_) {
      if (entry.cycle < cycle) stack.enter(entry.state, entry.cycle);
    }
    if (stack.state() == State::kBusy && busy_until_ < cycle)
      stack.enter(State::kNoPacket, busy_until_);
    return stack.read(cycle);
  }

 private:
  struct Entry {
    State state = State::kNoPacket;
    std::uint64_t cycle = 0;
  };
  void enter(State state, std::uint64_t cycle, std::uint64_t now) {
    state_ = state;
    if (!ahead_.empty()) {
      const auto is_past = [&](const Entry& entry) { return entry.cycle <= now; };
      const auto end = std::find_if_not(ahead_.begin(), ahead_.end(), is_past);
      std::for_each(ahead_.begin(), end, [&](const Entry& e) { past_.enter(e.state, e.cycle); });
      ahead_.erase(ahead_.begin(), end);
    }
    if (cycle <= now && ahead_.empty()) {
      past_.enter(state, cycle);
    } else {
      ahead_.push_back({state, cycle});
    }
  }

  TimeStack past_{State::kStates};
  State state_ = State::kNoPacket;  ///< the last one
  std::uint64_t busy_until_ = 0;
  std::vector<Entry> ahead_;
};

}  // namespace aipu::cosim
