// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "tlm/directcom/switch_model.h"

namespace aipu::cosim {

/// Whether this build's router has the cycles of SwitchCore, so that lockstep makes sense. False
/// for a user's own, built with AIPU_RTL_TIMING=any (hw/docs/rtl.md, "Another router").
bool built_router_has_twin();

/// The router of this build as a SwitchModel: VerilatedSwitch, or ForeignSwitch where it has no
/// twin, which needs no lookahead. ConfigError where it cannot be what is asked for.
std::unique_ptr<directcom::SwitchModel> make_built_router(const directcom::SwitchConfig& config,
                                                          const directcom::Routes& routes,
                                                          std::uint32_t index, std::uint64_t seed,
                                                          std::uint64_t lookahead = 1);

}  // namespace aipu::cosim
