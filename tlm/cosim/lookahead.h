// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"

namespace aipu::cosim {

/// The lookahead that switch `index` may have (VerilatedSwitch): what its neighbours announce in a
/// link cycle is felt one latency of their link later, so it is the shortest of its links, whose
/// cycles `cycles_of(tier)` says. 1 where the link of an output can be taken at once (SwitchModel::
/// delay): links that repeat flits, copies of multicast packets.
std::uint64_t lookahead_of(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                           std::uint32_t index,
                           const std::function<std::uint64_t(std::uint32_t tier)>& cycles_of);

/// On a board, where AIPUs send with the latency and the clock of their own interface.
std::uint64_t lookahead_of(const directcom::SwitchConfig& config, const directcom::Routes& routes,
                           std::uint32_t index, const directcom::Config& aipu);

}  // namespace aipu::cosim
