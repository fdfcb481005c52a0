// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "hw/config/board.h"
#include "tlm/hbm/calibration.h"

namespace aipu::platform {

/// The calibration that `simulation.calibration` names; none where the board is to measure its own.
/// Throws IoError for a file that cannot be read, ConfigError for what is wrong in it.
std::optional<hbm::Calibration> given_calibration(const config::Simulation& simulation);

}  // namespace aipu::platform
