// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/workload/lower.h"
#include "tlm/core/counter_file.h"

namespace aipu::platform {

/// When a mark of the program was reached (ps).
struct Reached {
  std::string name;
  std::uint64_t time = 0;
};

/// Follows the marks of one AIPU's program on the counters of its core 0, from outside the machine:
/// it costs no simulated time and changes nothing.
class Watch : public CounterWaiter {
 public:
  Watch(CounterFile& counters, std::vector<workload::Mark> marks,
        std::function<void(const Reached&)> on_reached);
  /// Arms for the first mark; once, before the simulation.
  void start() { next(); }
  const std::vector<Reached>& reached_marks() const { return reached_; }

 private:
  void reached() override { next(); }
  void next();

  CounterFile& counters_;
  const std::vector<workload::Mark> marks_;
  const std::function<void(const Reached&)> on_reached_;
  std::vector<Reached> reached_;
};

}  // namespace aipu::platform
