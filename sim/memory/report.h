// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>

#include "hw/hbm/config.h"
#include "sim/memory/replay.h"

namespace aipu::memory {

/// A replay with what it was of.
struct Experiment {
  std::string device;
  std::string policy;
  std::string source;
  hbm::Config config;
  Replay replay;
};

/// One object. Names and units of the figures are the columns of published reference measurements
/// (hw/docs/hbm.md, "Command line"), latencies with controller_latency and phy_latency; then where
/// the time of the data bus went (`loss`, CK that add up to total_ck x pseudo_channels), where that
/// of requests went, commands, accesses of each bank and energy.
std::string to_json(const Experiment& experiment);

/// The verdict in the first line, then tables.
void print(std::ostream& out, const Experiment& experiment);

}  // namespace aipu::memory
