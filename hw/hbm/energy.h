// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "hw/hbm/command.h"
#include "hw/hbm/config.h"

namespace aipu::hbm {

/// What one pseudo-channel did.
struct Activity {
  std::array<std::uint64_t, kCommands> commands{};  ///< sent, by kind
  Tick elapsed = 0;
  Tick active = 0;             ///< of it, with a row open
  Tick power_down = 0;         ///< of it, powered down
  Tick active_power_down = 0;  ///< of it, both
};

/// Energy of one or more pseudo-channels, in picojoules.
struct EnergyReport {
  double activate = 0;  ///< with the precharges
  double read = 0;      ///< between row and pins
  double write = 0;
  double io = 0;                 ///< of the pins, both directions
  double refresh = 0;            ///< with refresh management
  double background_active = 0;  ///< clock on
  double background_idle = 0;
  double background_power_down = 0;  ///< rows open or not

  double seconds = 0;      ///< elapsed
  std::uint64_t bits = 0;  ///< moved over the pins

  double total() const {
    return activate + read + write + io + refresh + background_active + background_idle +
           background_power_down;
  }
  /// Mean power in watts; 0 if no time has passed.
  double power() const { return seconds > 0 ? total() * 1e-12 / seconds : 0; }
  /// Picojoules of everything per bit moved; 0 if none was.
  double per_bit() const { return bits > 0 ? total() / static_cast<double>(bits) : 0; }

  /// Another pseudo-channel over the same time.
  EnergyReport& operator+=(const EnergyReport& other);
};

/// Energy per event times events plus power per state times time (hw/docs/hbm.md, "Energy").
/// The times must be possible: parts no longer than the whole.
EnergyReport energy(const Config& config, const Activity& activity);

/// Rows of a bank that one refresh of it visits: rows x tREFI / retention, at 85 degrees and below.
double rows_per_refresh(const Config& config);

}  // namespace aipu::hbm
