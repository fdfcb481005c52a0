// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/config/board.h"
#include "sim/cosim/switch_maker.h"

namespace aipu::platform {

/// Makes the switches of a board as `simulation.switch_models` says. ConfigError where it names
/// what is not there.
cosim::SwitchMaker switch_maker(const config::Board& config, const cosim::SwitchMaker::Run& run);

/// ConfigError where `simulation.switch_models` asks for what is not there or cannot be: what
/// making the board would say, before anything is made.
void check_switches(const config::Board& config);

}  // namespace aipu::platform
