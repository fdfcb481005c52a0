// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw/hbm/config.h"
#include "sim/memory/latencies.h"
#include "sim/memory/source.h"
#include "tlm/hbm/controller.h"

namespace aipu::memory {

/// What a memory made of the requests of a source. Times in ticks of the device
/// (hbm::ticks_per_ck), without the fixed latencies of controller and PHY.
struct Replay {
  std::array<Latencies, hbm::kDirections> latency;  ///< acceptance to end of the last data beat
  std::array<hbm::Tick, hbm::kDirections> since_arrival{};  ///< sum of arrival to last data beat
  bool paced = false;      ///< requests arrived over time, not all at once
  hbm::Tick begin = 0;     ///< first arrival
  hbm::Tick end = 0;       ///< last data beat
  double cpu_seconds = 0;  ///< of this process, in the memory alone: no parsing, no generating

  /// Sums over the pseudo-channels.
  hbm::ControllerCounts counts;
  hbm::BusShares shares{};  ///< of begin..end: adds up to (end - begin) x pseudo-channels
  std::vector<std::uint64_t> bank_accesses;  ///< of pseudo-channel after pseudo-channel

  /// Adds what a pseudo-channel has counted.
  void add(const hbm::ControllerCounts& of_channel, const hbm::BusShares& shares_of_channel,
           const std::vector<std::uint64_t>& banks_of_channel);
  std::uint64_t requests() const { return latency[0].count() + latency[1].count(); }
};

/// Replays a source through a controller for each pseudo-channel. Requests of one pseudo-channel
/// are offered in order, at most one a CK, each at the later of its arrival and the CK after the
/// one before it was accepted; pseudo-channels do not wait for one another.
///
/// `sinks` get the commands of as many pseudo-channels, from the first on.
Replay replay(const hbm::Config& device, Source& source,
              const std::vector<hbm::CommandSink*>& sinks = {});

/// CPU time of this process in seconds.
double cpu_time();

}  // namespace aipu::memory
