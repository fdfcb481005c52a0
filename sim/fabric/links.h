// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "hw/directcom/topology.h"
#include "tlm/directcom/network.h"

namespace aipu::fabric {

/// What the sender of a link did with a cycle.
enum LinkState : std::size_t { kBusy, kNoPacket, kNoCredit, kLostArbitration, kLinkStates };
constexpr std::array<const char*, kLinkStates> kLinkStateNames{"busy", "no_packet", "no_credit",
                                                               "lost_arbitration"};

/// One direction of a link over a time; parts of that time, which add up to 1.
struct LinkShare {
  std::uint32_t link = 0;  ///< of the topology
  std::string from;        ///< "leaf0.8": port of a switch; "node3.0": lane of a node
  std::string to;
  std::uint32_t tier = 0;
  bool up = false;  ///< away from the nodes
  std::array<double, kLinkStates> parts{};
};

/// All directions of one tier that lead the same way.
struct TierShare {
  std::uint32_t tier = 0;
  bool up = false;
  std::uint32_t links = 0;
  std::array<double, kLinkStates> parts{};  ///< mean
  double busiest = 0;                       ///< busy part of the busiest...
  std::size_t busiest_link = 0;             ///< ...which is this in the list of links
};

using Accounts = std::vector<directcom::Network::LinkAccount>;

/// What was added from `before` to `after`; an empty `before` is the beginning.
std::vector<LinkShare> link_shares(const directcom::Topology& topology, const Accounts& before,
                                   const Accounts& after);
/// In the order of tiers, upwards first.
std::vector<TierShare> tier_shares(const std::vector<LinkShare>& links);

/// "tier 1 up".
std::string name_of(const TierShare& tier);

nlohmann::ordered_json to_json(const std::vector<LinkShare>& links);
nlohmann::ordered_json to_json(const std::vector<TierShare>& tiers,
                               const std::vector<LinkShare>& links);
/// With a header line.
std::string to_csv(const std::vector<LinkShare>& links);
/// A table of the tiers.
void print(std::ostream& out, const std::vector<TierShare>& tiers,
           const std::vector<LinkShare>& links);

}  // namespace aipu::fabric
