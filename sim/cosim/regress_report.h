// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/cosim/regress.h"

namespace aipu::cosim {

/// A row for each configuration and pattern, the totals, and every run that was not equal with its
/// replay command. No host time: the same plan gives the same bytes.
std::string table_of(const Regression& regression);
/// One JSON object.
std::string json_of(const Regression& regression);
/// JUnit XML: a suite for each configuration, a case for each seed; differences are failures, lost
/// processes errors.
std::string junit_of(const Regression& regression);
/// One page that needs nothing else.
std::string html_of(const Regression& regression);

}  // namespace aipu::cosim
