// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fabric/flow_file.h"
#include "sim/fabric/links.h"
#include "sim/fabric/load_run.h"
#include "tlm/directcom/network.h"

namespace aipu::fabric {

/// Times in cycles of the link clock.
struct FlowTimes {
  std::uint64_t start = 0;  ///< the first cycle at or after start_ns
  std::uint64_t taken = 0;  ///< from there until its last tail has arrived
  std::uint64_t ideal = 0;  ///< alone, at the full rate of all lanes: no flow takes less
};

struct FlowResult {
  std::vector<FlowTimes> flows;  ///< in the order of the flows
  std::uint64_t end = 0;         ///< cycle of the last arrival
  std::vector<LinkShare> links;  ///< from cycle 0 to the end
  std::uint64_t flits = 0;
  std::uint64_t packet_hops = 0;
  std::uint64_t repeats = 0;  ///< packets sent again for a corrupted flit
  double cpu_seconds = 0;
};

/// What a packet may carry: all flits but its header, of `flit_bytes` each.
struct Packing {
  std::uint32_t packet_flits = 2;
  std::uint32_t flit_bytes = 16;
  double cycle_ns = 1;

  std::uint64_t payload() const { return std::uint64_t{packet_flits - 1} * flit_bytes; }
  /// Of the packet that carries the rest, or as much of it as one can.
  std::uint32_t flits(std::uint64_t rest) const;
  /// Flits of all packets of a flow.
  std::uint64_t total_flits(std::uint64_t bytes) const;
};

/// Zero load through the network, the first packet's tail, and behind it one flit a cycle on every
/// lane, headers included.
std::uint64_t ideal_cycles(const directcom::Routes& routes,
                           const directcom::Network::Config& config, const Packing& packing,
                           const Flow& flow);

/// Sends every flow, cut into packets. The flows of a node that have begun take turns, packet by
/// packet; a node hands over at most kAhead packets for every lane before they have entered one.
/// Throws UserError (kLimit) when nothing moves.
FlowResult run_flows(const directcom::Routes& routes, const directcom::Network::Config& config,
                     const Packing& packing, const std::vector<Flow>& flows, const Watch& watch);
constexpr std::uint32_t kAhead = 4;

}  // namespace aipu::fabric
