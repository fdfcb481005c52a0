// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "hw/hbm/config.h"
#include "sim/cli/arguments.h"

namespace aipu::cli {

/// `hbm --calibrate`: measures a pseudo-channel of the device and prints the calibration of the
/// fast memory, or writes it to --output, as a whole or not at all.
ExitCode calibrate(const Arguments& arguments, const hbm::Config& device);

}  // namespace aipu::cli
