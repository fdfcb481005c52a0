// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/cli/arguments.h"
#include "tlm/cosim/wave_pins.h"

namespace aipu::cli {

/// --waves FILE, --wave-from TIME, --wave-to TIME: of verbs that run RTL switches.
std::vector<Option> wave_options();

/// The window that these options (under their names) ask for, in ticks of `tick_ps`; times are
/// simulated time, as `1500 ns` or `2 us`. UsageError for other times or an empty window, IoError
/// where the file cannot be made.
cosim::WaveWindow read_wave_window(const Arguments& arguments, const std::string& from,
                                   const std::string& to, std::uint64_t tick_ps);

}  // namespace aipu::cli
