// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "hw/config/board.h"
#include "sim/cli/arguments.h"
#include "sim/platform/platform.h"
#include "sim/profile/request.h"
#include "sim/report/run_folder.h"

namespace aipu::cli {

/// The options of every verb that runs firmware on a platform and has a run folder.
std::vector<Option> profile_options();
/// Whether any of them is given: --trace and the others imply --profile.
bool profile_wanted(const Arguments& arguments);
/// What they ask for. Throws ConfigError where they name no core of the board.
profile::Request profile_request(const Arguments& arguments, const config::Board& board);
/// After the run: profile.json, commands.csv and, where asked for, trace.pftrace.gz. Does nothing
/// where no profile was asked for.
void write_profile(platform::Platform& platform, const profile::Request& request,
                   const std::string& command, const report::RunFolder& folder);

}  // namespace aipu::cli
