// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hw/hbm/config.h"
#include "sim/cli/arguments.h"
#include "sim/memory/source.h"

namespace aipu::cli {

/// The options of `hbm` that say what is asked of the memory.
std::vector<Option> request_options();

/// Refuses options that the one that says what is to be done has no use for.
void check_mode(const Arguments& arguments);

/// The device that --device, --policy and --set describe.
hbm::Config read_device(const Arguments& arguments);

/// What --trace or --source and its options describe; refuses options that do not go together.
/// Ends with UserError where the user interrupts.
std::unique_ptr<memory::Source> read_source(const Arguments& arguments, const hbm::Config& device);

/// Its name in reports: the trace without folder and ending, or the kind of source.
std::string source_name(const Arguments& arguments);

}  // namespace aipu::cli
