// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sim/profile/result.h"

namespace aipu::profile {

inline constexpr const char* kProfileFile = "profile.json";
inline constexpr const char* kCommandsFile = "commands.csv";

/// The totals of a profile as JSON (hw/docs/profiling.md has the schema). `command`: what made it.
std::string profile_json(const Result& result, const std::string& command);
/// Reads what profile_json() wrote: all but the single records. Throws UserError for anything else;
/// `name` stands for the file in messages.
Result parse_profile(const std::string& text, const std::string& name);

/// One line for each command that was kept, in order of issue, under a line of column names.
std::string commands_csv(const Result& result);

}  // namespace aipu::profile
