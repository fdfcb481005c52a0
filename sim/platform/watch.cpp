// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/watch.h"

#include "hw/program/launch.h"
#include "tlm/core/clock.h"

namespace aipu::platform {

Watch::Watch(CounterFile& counters, std::vector<workload::Mark> marks,
             std::function<void(const Reached&)> on_reached)
    : counters_(counters), marks_(std::move(marks)), on_reached_(std::move(on_reached)) {}

void Watch::next() {
  while (reached_.size() < marks_.size()) {
    const workload::Mark& mark = marks_[reached_.size()];
    if (!counters_.wait(*this, HC_COUNTER_PHASE, mark.phase)) return;
    if (!counters_.wait(*this, HC_COUNTER_GATHER, mark.gather)) return;
    reached_.push_back({mark.name, now_ps()});
    if (on_reached_) on_reached_(reached_.back());
  }
}

}  // namespace aipu::platform
