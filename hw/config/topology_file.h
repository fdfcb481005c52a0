// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/directcom/routes.h"
#include "hw/directcom/topology.h"

namespace aipu::config {

/// A topology and its routes, as a YAML file describes them:
///
///     name: square                # the file's name unless given
///     nodes: 8                    # node0 .. node7
///     lanes: 1                    # of every node; 1 unless given
///     switches:
///       - {name: a, ports: 6, level: 0}  # level: 0 unless given
///       - {name: b, ports: 6}
///     links:
///       - [node0.0, a.3]          # lane 0 of node 0, port 3
///       - [a, b]                  # without a number: the lowest that no link of the file names
///     routes: shortest            # unless given; or updown, or a list of what differs from
///     shortest:
///       - {at: a, to: 4-7, ports: [2, 3]}  # to: a node, a range, a list of those, or all
///
/// The tier of a link is 0 at a node, else the higher level of its switches, at least 1.
struct TopologyFile {
  enum class Rule : std::uint8_t { kShortest, kUpDown };
  struct Route {
    std::uint32_t at = 0;  ///< switch
    std::vector<std::uint32_t> to;
    std::vector<std::uint16_t> ports;
    std::string place;
  };

  directcom::Topology topology;
  Rule rule = Rule::kShortest;
  std::vector<Route> routes;
  std::string place;  ///< of the routes, for check_deadlock_free()

  /// Changes shortest routes of this topology to those of the file. ConfigError names the line of a
  /// route whose ports do not lead to its nodes.
  void apply(directcom::Routes& shortest) const;
};

/// Throws ConfigError, one line with the place (file:line:column), for whatever is not as above or
/// does not pass directcom::check_topology(); IoError for a file that cannot be read.
TopologyFile load_topology(const std::string& path);

/// The same from text; `file` names it in messages.
TopologyFile load_topology_text(const std::string& text, const std::string& file);

}  // namespace aipu::config
