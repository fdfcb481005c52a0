// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "hw/directcom/topology.h"
#include "tlm/directcom/network.h"

namespace aipu::fabric {

/// What a report says of the network and what was asked of it.
struct Setup {
  std::string topology;  ///< as the user wrote it
  std::uint32_t nodes = 1;
  std::uint32_t lanes = 1;
  std::size_t switches = 0;
  std::vector<std::string> masked;  ///< links
  std::string traffic;              ///< as the user wrote it, or the file of flows
  std::string classes;              ///< "shared" or "split"; empty where there is one
  std::uint32_t packet_flits = 1;
  directcom::Network::Config network;

  double cycle_ns() const;  ///< of the link clock
};

/// Its part of an object.
void add_json(nlohmann::ordered_json& out, const Setup& setup);
/// Two lines.
void print(std::ostream& out, const Setup& setup);

/// A line, where flits are corrupted.
void print_repeats(std::ostream& out, const Setup& setup, std::uint64_t repeats);

}  // namespace aipu::fabric
