// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/report/run_record.h"

namespace aipu::report {

/// The text of summary.json: equal for equal runs, byte for byte.
std::string summary_json(const RunRecord& run);

}  // namespace aipu::report
