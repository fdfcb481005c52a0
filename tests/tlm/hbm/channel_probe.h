// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <vector>

#include "tlm/hbm/controller.h"

namespace aipu::test {

/// A pseudo-channel by itself: one stack, one channel, refresh off unless asked for.
inline hbm::Config channel_config(hbm::Refresh refresh = hbm::Refresh::kNone) {
  hbm::Config config;
  config.stacks = 1;
  config.pseudo_channels = 1;
  config.capacity = 1_GiB;
  config.refresh = refresh;
  return config;
}

/// Drives a Controller and keeps what it issued.
class ChannelProbe {
 public:
  explicit ChannelProbe(const hbm::Config& config) : controller(config) {}

  /// Queues an access at `now`; its id counts from zero.
  std::uint32_t add(hbm::Direction direction, std::uint32_t set, std::uint32_t row,
                    std::uint32_t unit, std::uint32_t atoms, hbm::Ck now = 0) {
    controller.enqueue({direction, set, row, unit, atoms, next_}, now, issued);
    return next_++;
  }
  /// Runs until nothing is queued.
  void finish() {
    while (!controller.empty())
      controller.advance(controller.next_issue(), issued);
  }
  hbm::Issue of(std::uint32_t id) const {
    for (const hbm::Issue& issue : issued) {
      if (issue.id == id) return issue;
    }
    return {id, -1, -1};
  }
  hbm::Ck last() const { return issued.back().done; }
  /// Keeps the queues full of what `next(i)` gives until `count` accesses have issued.
  void saturate(std::uint64_t count, const std::function<hbm::Access(std::uint64_t)>& next) {
    hbm::Ck now = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      hbm::Access access = next(i);
      access.id = next_++;
      while (!controller.has_room(access.direction)) {
        now = std::max(now, controller.next_issue());
        controller.advance(now, issued);
      }
      controller.enqueue(access, now, issued);
    }
    finish();
  }
  /// Share of the elapsed time that the data bus carried data.
  double efficiency() const {
    const hbm::BusShares shares = controller.shares(last());
    return static_cast<double>(shares[hbm::index(hbm::Cause::kBusy)]) / static_cast<double>(last());
  }

  hbm::Controller controller;
  std::vector<hbm::Issue> issued;

 private:
  std::uint32_t next_ = 0;
};

}  // namespace aipu::test
