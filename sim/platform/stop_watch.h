// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "hw/program/launch.h"
#include "tlm/core/counter_file.h"
#include "tlm/core/model.h"

namespace aipu::platform {

/// A point of a program: a core's counters have all reached these values.
struct Moment {
  std::uint32_t launch = 0, phase = 0, gather = 0;
};

/// Notes when a core reaches the moments of a list, one after the other.
class StopWatch : public CounterWaiter {
 public:
  using Heard = std::function<void(std::size_t moment)>;

  StopWatch(CounterFile& counters, std::vector<Moment> moments, Heard heard)
      : counters_(counters), moments_(std::move(moments)), heard_(std::move(heard)) {}
  void start() { next(); }
  /// In ps, of the moments reached so far.
  const std::vector<std::uint64_t>& times() const { return times_; }

 private:
  void reached() override { next(); }
  void next() {
    while (times_.size() < moments_.size()) {
      const Moment& m = moments_[times_.size()];
      if (!counters_.wait(*this, HC_COUNTER_LAUNCH, m.launch)) return;
      if (!counters_.wait(*this, HC_COUNTER_PHASE, m.phase)) return;
      if (!counters_.wait(*this, HC_COUNTER_GATHER, m.gather)) return;
      times_.push_back(now_ps());
      heard_(times_.size() - 1);
    }
  }

  CounterFile& counters_;
  const std::vector<Moment> moments_;
  const Heard heard_;
  std::vector<std::uint64_t> times_;
};

}  // namespace aipu::platform
