// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/fabric/links.h"
#include "sim/fabric/traffic.h"
#include "sim/memory/latencies.h"
#include "tlm/directcom/network.h"

namespace aipu::fabric {

/// Cycles of a run: what is created in the window is measured; after it everything goes on as
/// before until that has arrived, or for `drain` cycles at most.
struct Windows {
  std::uint64_t warmup = 0;
  std::uint64_t cycles = 1;
  std::uint64_t drain = 0;
};

/// A window in which about `kMeasured` packets are created (at most kLongest cycles), after half
/// of that; neither shorter than a few crossings of the network, `zero_load` cycles.
Windows default_windows(const Senders& senders, double load, std::uint64_t zero_load);
constexpr double kMeasured = 400'000;
constexpr double kLongest = 20e6;
constexpr std::uint64_t kLeastDrain = 100'000;

/// Called from time to time, with the cycle; may throw.
using Watch = std::function<void(std::uint64_t cycle)>;

/// What became of a class.
struct ClassResult {
  std::string name;
  double offered = 0;  ///< flits a cycle and lane
  /// Flits that arrived in the window, by destination.
  std::vector<std::uint64_t> flits;
  std::uint64_t measured = 0;  ///< packets created in the window...
  memory::Latencies latency;   ///< ...and of those that arrived: cycles from creation to tail
  std::uint64_t hops = 0;      ///< switches that those passed
  /// Flits created and not arrived, by which the mean of the second half of the window is above
  /// that of the first.
  double growth = 0;

  /// Whether the backlog does not grow: `growth` is at most 0.5 % of the flits created in half a
  /// window, or a standard deviation of what is created in a window.
  bool stable(std::uint32_t packet_flits) const;
  /// Whether the latencies are those of all that was created in the window; where the backlog
  /// grows they would grow with the window.
  bool complete(std::uint32_t packet_flits) const;
  std::optional<double> mean_hops() const;  ///< of those that arrived
};

/// All classes as one; stable when each is.
struct LoadResult {
  Windows windows;
  std::vector<ClassResult> classes;
  ClassResult all;
  bool stable = true;
  std::vector<LinkShare> links;   ///< over the window
  std::uint64_t total_flits = 0;  ///< arrived in the whole run
  std::uint64_t packet_hops = 0;  ///< in the whole run
  std::uint64_t repeats = 0;      ///< packets sent again for a corrupted flit, in the whole run
  double cpu_seconds = 0;         ///< of the whole run
};

/// Offers the classes to a network of its own. Throws UserError (kLimit) when nothing moves.
LoadResult run_load(const directcom::Routes& routes, const directcom::Network::Config& config,
                    const std::vector<FlowClass>& classes, const Senders& senders,
                    const Windows& windows, const Watch& watch);

}  // namespace aipu::fabric
