// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/cosim/random_run.h"

namespace aipu::cosim {

/// Which random runs a regression makes, and how.
struct RegressPlan {
  std::vector<std::uint32_t> ports{4, 5, 16};
  std::vector<std::uint32_t> speedups{1, 2};
  std::uint64_t from = 1;  ///< first seed
  std::uint64_t seeds = 1;
  std::uint64_t cycles = 2'000;  ///< of sending, of every run
  unsigned workers = 1;
  std::chrono::seconds limit{0};  ///< no run is started later; 0: any
  /// One bit of a flit of the first run is flipped: it must be found and told.
  bool self_test = false;
};

/// One run of a regression: a seed of a configuration.
struct RegressRun {
  enum class Outcome { kEqual, kDifferent, kLost, kSkipped };
  std::uint32_t ports = 0;
  std::uint32_t speedup = 0;
  std::uint64_t seed = 0;
  Pattern pattern = Pattern::kUniform;
  std::string replay;  ///< command line of this run alone
  Outcome outcome = Outcome::kSkipped;
  RandomRun::Result result;  ///< where equal
  std::string what;          ///< why not equal
  std::string evidence;      ///< files of the run made again with waves, a line each
};

/// A configuration, one pattern of it, or all: sums.
struct RegressSum {
  std::uint64_t seeds = 0;  ///< runs that were made
  std::uint64_t different = 0;
  std::uint64_t lost = 0;
  std::uint64_t skipped = 0;
  RandomRun::Result result;

  void add(const RegressRun& run);
};

struct Regression {
  RegressPlan plan;
  std::vector<RegressRun> runs;  ///< by ports, speed-up, seed; the same for any number of workers
  RegressSum sum() const;
};

/// Makes a failing run again to show more of it: returns the files it wrote, a line each.
using Again = std::function<std::string(const RandomRun&)>;

/// Every run in a process of its own. Failing ones are made again, the first few, with `again`.
Regression regress(const RegressPlan& plan, const Again& again = {});

}  // namespace aipu::cosim
