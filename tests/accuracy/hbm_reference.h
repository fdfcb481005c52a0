// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "sim/memory/replay.h"
#include "sim/memory/source.h"
#include "tests/support/reference_data.h"

namespace aipu::test {

/// A line of results*.csv of the published measurements.
struct ReferenceRow : CsvRow {
  /// For the name of a test.
  std::string name() const;
};

std::ostream& operator<<(std::ostream& out, const ReferenceRow& row);

/// The lines of a file with their columns; none when it is not there.
std::vector<ReferenceRow> reference_rows(const std::string& file);
/// Those of one simulator, with or without one of its policies.
std::vector<ReferenceRow> reference_rows(const std::string& file, const std::string& simulator,
                                         const std::string& policy = "");
/// The generator's inputs, by name of the trace: the public ones and those for speed.
std::map<std::string, memory::Workload> reference_workloads();

/// What this model makes of a row's trace on a device under a policy, in the units of the row.
struct Outcome {
  hbm::Config device;
  memory::Replay replay;

  double cycles() const;
  double gbytes_per_s() const;
  double from_arrival_ns() const;
  double nanoseconds(double ticks) const;
};
Outcome run_reference(const std::string& device, const std::string& policy,
                      const std::string& trace, hbm::CommandSink* sink = nullptr,
                      std::uint64_t requests = 0);

}  // namespace aipu::test
