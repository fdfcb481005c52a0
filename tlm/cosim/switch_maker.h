// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "hw/directcom/switch_kind.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::cosim {

/// Makes the switches of one fabric, each as its kind says.
class SwitchMaker {
 public:
  /// What a run with RTL needs to know of its surroundings.
  struct Run {
    std::string replay;  ///< command line that runs the same again; empty: not known
    /// Gets the text of a Mismatch, after which the switch does nothing more; null: it is thrown.
    std::function<void(const std::string&)> on_mismatch;
  };

  /// That a switch may have (lookahead.h).
  using Lookahead =
      std::function<std::uint64_t(const directcom::Routes& routes, std::uint32_t index)>;

  SwitchMaker(std::vector<directcom::SwitchKind> kinds, Lookahead lookahead, Run run);

  /// The model of switch `index`; `config`, `seed` as make_switch_core(). ConfigError where the RTL
  /// cannot be that switch.
  std::unique_ptr<directcom::SwitchModel> make(const directcom::SwitchConfig& config,
                                               const directcom::Routes& routes, std::uint32_t index,
                                               std::uint64_t seed) const;

 private:
  std::unique_ptr<directcom::SwitchModel> make_lockstep(const directcom::SwitchConfig& config,
                                                        const directcom::Routes& routes,
                                                        std::uint32_t index,
                                                        std::uint64_t seed) const;

  std::vector<directcom::SwitchKind> kinds_;
  Lookahead lookahead_;
  Run run_;
};

}  // namespace aipu::cosim
