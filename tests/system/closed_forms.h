// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/workload/job.h"
#include "sim/workload/placement.h"

namespace aipu::test {

/// What the passes of a job cost one AIPU, from the shape of the model alone.
struct Expected {
  std::uint64_t flops = 0;        ///< of tensor engines: 2 M N K of every product
  std::uint64_t hbm_read = 0;     ///< bytes
  std::uint64_t hbm_written = 0;  ///< bytes
};

/// The same for one AIPU of `cores` compute cores; its control core reads `entries` launch entries.
Expected expected_of(const workload::Job& job, const workload::Placement& place,
                     std::uint32_t cores, std::uint64_t entries);

}  // namespace aipu::test
