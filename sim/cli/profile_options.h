// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/platform/platform.h"
#include "sim/profile/request.h"
#include "sim/report/run_folder.h"

namespace aipu::cli {

/// The options of every verb that runs firmware on a platform and has a run folder.
std::vector<Option> profile_options();
/// What they ask for. --trace and the other options imply --profile.
profile::Request profile_request(const Arguments& arguments);
/// After the run: profile.json, commands.csv and, where asked for, trace.pftrace.gz. Does nothing
/// where no profile was asked for.
void write_profile(platform::Platform& platform, const profile::Request& request,
                   const std::string& command, const report::RunFolder& folder);

}  // namespace aipu::cli
