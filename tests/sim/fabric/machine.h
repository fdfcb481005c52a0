// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "hw/directcom/routes.h"
#include "hw/directcom/topology.h"
#include "tlm/directcom/network.h"

namespace aipu::fabric {

/// A topology with its routes and the settings of a network.
struct Machine {
  explicit Machine(directcom::Topology t, std::uint32_t pipeline = 4,
                   std::vector<std::uint32_t> link_cycles = {1})
      : topology(std::move(t)), routes(topology) {
    config.plane.pipeline = Cycles(pipeline);
    config.link_cycles = std::move(link_cycles);
  }
  directcom::Topology topology;
  directcom::Routes routes;
  directcom::Network::Config config;
};

}  // namespace aipu::fabric
