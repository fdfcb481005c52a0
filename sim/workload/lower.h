// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/program/launch.h"
#include "sim/workload/placement.h"

namespace aipu::workload {

/// A point of the program that the host may watch: reached when the `phase` and `gather` counters
/// of core 0 have these values.
struct Mark {
  std::string name;  ///< "embed", "layer 3", "head"
  std::uint32_t phase = 0, gather = 0;
};

/// The program of one AIPU, ready for HBM offset 0, and what it should cost.
struct Program {
  hc_program_t header{};
  std::vector<hc_launch_t> entries;
  std::vector<Mark> marks;  ///< of the first time through every stretch
};

/// Lowers a job to the program of the AIPU that `placement` is of. `others` are the placements of
/// all.
Program lower(const Job& job, const Machine& machine, const std::vector<Placement>& placements,
              std::uint32_t aipu);

}  // namespace aipu::workload
