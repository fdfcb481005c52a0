// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/case.h"
#include "sim/platform/platform.h"
#include "sim/report/snapshot.h"

namespace aipu::kernel {

/// A count of the run beside what it must be.
struct Check {
  std::string what;
  std::uint64_t expected = 0, counted = 0;
  bool holds() const { return expected == counted; }
};

/// What came of a case.
struct Result {
  platform::Ending ending;
  std::uint64_t ps = 0;                  ///< first measured launch to last counter, all AIPUs
  std::map<std::string, double> bounds;  ///< seconds by resource
  std::vector<Check> checks;             ///< whole run, launches that prepare included
  std::optional<double> error;           ///< none where no bytes exist
  std::map<std::string, double> busy;    ///< share of the measured time by engine, mean
  double hart = 0;                       ///< share of it that the busiest hart executed
  std::uint64_t hbm_bytes = 0;           ///< in the measured time
  double seconds() const { return static_cast<double>(ps) * 1e-12; }
  /// The resource with the largest bound, and that bound over the time.
  std::string bound_by() const;
  double share() const;
  bool good() const;
};

/// Called with the platform before anything is loaded, and after the run. Either may be empty.
struct Hooks {
  std::function<void(platform::Platform&)> before, after;
};

/// Runs a case: one per process. `board` has as many AIPUs as the case takes.
Result run(Case& one, const config::Board& board, const platform::FirmwareImage& firmware,
           const platform::Listener& listener = {}, const Hooks& hooks = {});

}  // namespace aipu::kernel
