// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "hw/directcom/switch_kind.h"
#include "tlm/cosim/wave_pins.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::cosim {

/// Makes the switches of one fabric, each as its kind says.
class SwitchMaker {
 public:
  /// What a run with RTL needs to know of its surroundings.
  struct Run {
    std::string command;  ///< that runs the same again, for messages
    /// Gets the text of a Mismatch, after which the switch does nothing more; null: it is thrown.
    std::function<void(const std::string&)> on_mismatch;
    /// Of the files that a mismatch in lockstep leaves (FailureReport), the switch's name behind
    /// it; empty: none.
    std::string failure_prefix;
    /// Of every RTL switch; where there are several, each file has its switch's name.
    std::optional<WaveWindow> waves;
    /// What is put between adapter and model, to see that faults are found; null: nothing.
    std::function<std::unique_ptr<SwitchPins>(std::unique_ptr<SwitchPins>)> disturb = nullptr;
  };
  /// That a switch may have (tlm/cosim/lookahead.h).
  using Lookahead =
      std::function<std::uint64_t(const directcom::Routes& routes, std::uint32_t index)>;

  SwitchMaker(std::vector<directcom::SwitchKind> kinds, Lookahead lookahead, Run run);

  /// The model of switch `index`; `config`, `seed` as make_switch_core(). ConfigError where the RTL
  /// cannot be that switch.
  std::unique_ptr<directcom::SwitchModel> make(const directcom::SwitchConfig& config,
                                               const directcom::Routes& routes, std::uint32_t index,
                                               std::uint64_t seed) const;
  /// Makes all that are not kTlm and throws them away: says now what making them would say. Leaves
  /// no files.
  void check(const directcom::SwitchConfig& config, const directcom::Routes& routes) const;

 private:
  std::vector<directcom::SwitchKind> kinds_;
  Lookahead lookahead_;
  Run run_;
};

/// `f.fst` of one among several switches: `f.leaf0.fst`.
std::string with_name(const std::string& path, const std::string& switch_name);

/// Picoseconds of a tick of a switch, for waves: the nearest whole number.
std::uint64_t tick_ps(const directcom::SwitchConfig& config);

}  // namespace aipu::cosim
