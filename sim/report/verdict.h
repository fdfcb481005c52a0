// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>

#include "sim/report/run_record.h"

namespace aipu::report {

/// What a reader wants to know first, in words and tables of text.
void print_verdict(std::ostream& out, const RunRecord& run);

}  // namespace aipu::report
