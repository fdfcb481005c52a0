// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/cli/arguments.h"

namespace aipu::cli {

/// The options of `hc1000 fabric --collective`, those of the machine included.
std::vector<Option> collective_options();

/// Runs the collective that `--collective` names on the board, by firmware, and prints what came of
/// it. kCheckFailed where the data differ from the host's.
ExitCode run_collective(const Arguments& arguments);

}  // namespace aipu::cli
