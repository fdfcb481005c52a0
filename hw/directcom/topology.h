// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aipu::directcom {

/// What is joined to what: AIPUs ("nodes"), switches and links. Plain data; the builders below give
/// the regular ones, a topology file any other. Nodes never forward.
struct Topology {
  /// One end of a link: a port of a switch, or a lane of a node.
  struct End {
    bool node = false;
    std::uint32_t index = 0;  ///< of the node or switch
    std::uint32_t port = 0;   ///< of the switch; lane of the node
  };
  /// Both directions; each is a channel of its own.
  struct Link {
    End a;
    End b;
    std::uint32_t tier = 0;  ///< 0: on a module (a node's link); 1 and more: between modules
  };
  struct Switch {
    std::string name;
    std::uint32_t ports = 0;
    std::uint32_t level = 0;  ///< 0: leaf; for names and statistics only
  };

  std::string name;
  std::uint32_t nodes = 0;
  std::uint32_t lanes = 1;  ///< of every node
  std::vector<Switch> switches;
  std::vector<Link> links;
};

/// Largest values; a header names 4,096 AIPUs.
constexpr std::uint32_t kMaxNodes = 4096;
constexpr std::uint32_t kMaxPorts = 256;
constexpr std::uint32_t kMaxLanes = 16;

/// One switch; node i at port i.
Topology single_switch(std::uint32_t nodes);

/// `leaves` leaf switches of `down` nodes each; every leaf has one link to each of `spines` spines.
/// Node i is at port i % down of leaf i / down; up ports follow the down ports.
Topology leaf_spine(std::uint32_t leaves, std::uint32_t down, std::uint32_t spines);

/// What an HC1000 is built of.
struct Hc1000 {
  std::uint32_t modules = 1;
  std::uint32_t aipus = 16;  ///< of a module
  std::uint32_t planes = 4;
  std::uint32_t oversubscription = 1;  ///< down ports for one up port, at every tier
  std::uint32_t radix = 32;            ///< largest ports of a switch above the leaves
};

/// Planes that meet only in the AIPUs. One module: one switch a plane, no up ports. To radix
/// modules: two tiers, aipus / oversubscription spines a plane. More: three tiers, pods of
/// radix / 2 modules, and core switches over the pods. ConfigError where that cannot be built.
Topology hc1000(const Hc1000& machine);

/// `leaf0.16`, `node3.0`: an end of a link, for messages.
std::string name_of(const Topology& topology, const Topology::End& end);

/// Throws ConfigError, with `where` before the message, unless every link end exists and is used
/// once, every lane is linked, and every node reaches every other.
void check_topology(const Topology& topology, const std::string& where);

/// The link that a user means by `FROM-TO` or `FROM>TO`, ends spelled as name_of() does, in either
/// direction; ports may be left out where they are not needed. ConfigError for none or several.
std::uint32_t find_link(const Topology& topology, const std::string& name);

}  // namespace aipu::directcom
