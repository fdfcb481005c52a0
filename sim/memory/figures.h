// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hw/hbm/energy.h"
#include "sim/memory/replay.h"

namespace aipu::memory {

/// Ratios and times in units of a reader, of a Replay on its device.
class Figures {
 public:
  Figures(const hbm::Config& device, const Replay& replay) : device_(device), replay_(replay) {}

  double ck(double ticks) const;
  double ns(double ticks) const;

  double total_ck() const { return ck(static_cast<double>(replay_.end - replay_.begin)); }
  double gbytes_per_s() const;       ///< 10^9 bytes
  double peak_gbytes_per_s() const;  ///< of all pseudo-channels
  double percent_of_peak() const { return 100 * gbytes_per_s() / peak_gbytes_per_s(); }

  /// Mean, or one of the distribution, in ns; with the fixed latencies. 0 without such requests.
  double latency(hbm::Direction direction) const;
  double latency(hbm::Direction direction, hbm::Tick of_distribution) const;
  /// Nothing where all requests arrived at once, or there is none.
  std::optional<double> latency_from_arrival(hbm::Direction direction) const;

  /// A named part of a whole.
  using Parts = std::vector<std::pair<std::string, double>>;
  /// Mean ns of a request: adds up to latency(direction). Empty with inline ECC, where the accesses
  /// of a request are several.
  Parts latency_parts(hbm::Direction direction) const;
  /// CK of all data buses: adds up to total_ck() x pseudo-channels. Busy first, then by size;
  /// with inline ECC busy with data, then with check bits.
  Parts bus_parts() const;

  std::uint64_t activates() const { return replay_.counts.commands[hbm::kAct]; }
  std::uint64_t refreshes() const;
  double row_hit_rate() const;  ///< 1 - activates per request; never below 0
  double requests_per_cpu_second() const;
  hbm::EnergyReport energy() const;

 private:
  double fixed_ns() const;

  const hbm::Config& device_;
  const Replay& replay_;
};

}  // namespace aipu::memory
