// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace aipu::profile {

/// What of a run is recorded. Totals are exact whatever the limit; it bounds what is kept of single
/// commands, slices and marks, and with it the memory of a profile (about 100 bytes each).
struct Request {
  static constexpr std::uint64_t kUsualLimit = 500'000;

  bool on = false;                    ///< profile.json and commands.csv
  bool trace = false;                 ///< trace.pftrace.gz as well
  std::string cores = "*";            ///< glob of names as "aipu0.core17" or "aipu0.control"
  std::uint64_t limit = kUsualLimit;  ///< records in all
};

}  // namespace aipu::profile
