// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/directcom/routes.h"
#include "tlm/directcom/network.h"

namespace aipu::fabric {

/// Cycles from the creation of a packet of one flit to its arrival, through switches that nobody
/// else uses: the links of the shortest way that the routes allow over any lane, and a pipeline for
/// each switch. No mask makes it longer.
std::uint64_t zero_load(const directcom::Routes& routes, const directcom::Network::Config& config,
                        std::uint32_t source, std::uint32_t destination);

/// The longest of all pairs whose source is node 0.
std::uint64_t longest_zero_load(const directcom::Routes& routes,
                                const directcom::Network::Config& config);

}  // namespace aipu::fabric
