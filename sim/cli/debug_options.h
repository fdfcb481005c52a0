// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/cli/arguments.h"
#include "sim/debug/options.h"

namespace aipu::cli {

/// The options of every verb that runs firmware under a debugger.
std::vector<Option> debug_options();
/// What was asked for. Throws UsageError for --break-on-fault without --gdb.
debug::Options read_debug_options(const Arguments& arguments);

}  // namespace aipu::cli
