// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "sim/profile/result.h"

namespace aipu::profile {

/// A hart-bound phase that one or more cores have in common.
struct CorePhase {
  std::string core;  ///< the first of them
  std::uint64_t cores = 1;
  Phase phase;
};
struct CoreOverlap {
  std::string core;
  Overlap overlap;
};

/// What cores of one class did together: sums over their harts and engines.
struct ClassDigest {
  std::string name;  ///< "core" or "control"
  std::uint64_t harts = 0;
  HartCost hart;  ///< functions by cycles, waits by time: most first
  std::vector<EngineCost> engines;
  Overlap overlap;
  std::vector<CoreOverlap> cores;
  std::vector<CorePhase> phases;  ///< longest first
  std::vector<Region> regions;    ///< by number
};

/// A profile as a report shows it.
struct Digest {
  std::uint64_t elapsed = 0, clock_hz = 0;
  std::uint64_t cores_on_board = 0;
  std::uint64_t dropped = 0, dropped_from = 0, limit = 0;
  std::string selection;  ///< of the profile
  std::vector<ClassDigest> classes;
};

/// The cores whose names match `glob`. Throws ConfigError where none does.
Digest digest(const Result& result, const std::string& glob);

/// Text for people; at most `top` lines of each list.
void print_digest(std::ostream& out, const Digest& digest, std::size_t top);
/// The same numbers as JSON.
std::string digest_json(const Digest& digest, std::size_t top);

}  // namespace aipu::profile
