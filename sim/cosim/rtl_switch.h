// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "tlm/cosim/lockstep_switch.h"
#include "tlm/cosim/wave_pins.h"

namespace aipu::cosim {

/// How an RTL switch is run beyond its configuration.
struct RtlSwitch {
  std::uint64_t seed = 1;
  std::string command;      ///< command line that runs the same again, for messages
  bool every_tick = false;  ///< LockstepSwitch::Run
  bool assertions = false;  ///< of rtl/sva
  std::uint64_t lookahead = 1;
  std::string failure_prefix;  ///< in lockstep: of the files of FailureReport; empty: none
  std::uint64_t tick_ps = 1'000;
  std::optional<WaveWindow> waves;
  /// What is put between the adapter and the logged model; null: nothing.
  std::function<std::unique_ptr<SwitchPins>(std::unique_ptr<SwitchPins>)> disturb;

  /// The router of this build alone: VerilatedSwitch, or ForeignSwitch where it has no twin.
  /// ConfigError as those.
  std::unique_ptr<directcom::SwitchModel> make_rtl(const directcom::SwitchConfig& config,
                                                   const directcom::Routes& routes,
                                                   std::uint32_t index) const;
  struct Lockstep {
    std::unique_ptr<LockstepSwitch> both;
    VerilatedSwitch* rtl = nullptr;  ///< inside of it
  };
  /// In lockstep with SwitchCore: every mismatch says and writes what it can.
  Lockstep make_lockstep(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                         std::uint32_t index) const;
};

}  // namespace aipu::cosim
