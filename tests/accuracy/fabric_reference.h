// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "sim/fabric/load_run.h"
#include "tests/support/reference_data.h"

namespace aipu::test {

/// A line of the published network measurements.
struct FabricRow : CsvRow {
  bool saturation() const { return text("mode") == "saturation"; }
  /// `key` of the column "extra", "" without it.
  std::string extra(const std::string& key) const;
  /// For the name of a test: experiment, flits, load, class.
  std::string name() const;
};

std::ostream& operator<<(std::ostream& out, const FabricRow& row);

/// The lines of a file whose experiment begins so, with their columns; none without the file.
std::vector<FabricRow> fabric_rows(const std::string& file, const std::string& experiment);

/// The machine of a row, as this model can be built: same topology, packets and path choice, the
/// row's buffers for every virtual output queue, and its latency at zero load.
struct FabricMachine {
  directcom::Topology topology;
  directcom::Network::Config config;
  fabric::Senders senders;
  /// Cycles that the row's latencies have at zero load and these links and pipelines cannot give.
  std::uint32_t constant = 0;
};
FabricMachine fabric_machine(const FabricRow& row);

/// Head of a packet over `hops` switches on idle links, tail of `flits` after it, in cycles.
std::uint64_t zero_load(const FabricMachine& machine, std::uint32_t hops, std::uint32_t flits);

/// The classes of traffic of a row, `loads` its offered loads; each is a DirectCom class of its own
/// when `split`.
std::vector<fabric::FlowClass> fabric_traffic(const FabricRow& row, bool split = false);

/// How long to measure; results of all seeds are added up.
struct FabricRun {
  std::uint32_t seeds = 3;
  fabric::Windows windows;
};
/// So many packets for each seed and three times the warm-up it needs; for a saturated network that
/// of `kSaturated`.
FabricRun fabric_run(const FabricRow& row);

/// What this model measures, in the units of the rows.
struct FabricOutcome {
  double accepted = 0;
  double worst_node = 0;
  double best_node = 0;
  double mean = 0;
  double p50 = 0;
  double p99 = 0;
  /// Standard deviation of the mean latency, from the differences between seeds.
  double mean_noise = 0;
};
/// Of class `index` of the row's traffic.
FabricOutcome run_fabric(const FabricRow& row, const FabricMachine& machine,
                         const std::vector<fabric::FlowClass>& traffic, const FabricRun& run,
                         std::size_t index = 0);

}  // namespace aipu::test
