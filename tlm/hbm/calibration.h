// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/base/schema.h"
#include "hw/base/units.h"
#include "hw/hbm/config.h"

namespace aipu::hbm {

/// How one pseudo-channel behaves under streams, as a server of a fast memory needs it. Measured on
/// the exact controller; each error is that of the server against it, for the stream named.
struct Calibration {
  Picoseconds read_granule;   ///< a granule of a long stream, whatever that loses included
  Picoseconds write_granule;  ///< the same for writes
  Picoseconds turnaround;     ///< more, for each change of direction in the order of arrival
  Picoseconds bank;           ///< least time for each bank that a small piece opens
  Picoseconds read_latency;   ///< of an unloaded granule, beyond its service
  Picoseconds write_latency;  ///< the same for writes
  double read_error = 0;      ///< long reads
  double write_error = 0;     ///< long writes
  double mixed_error = 0;     ///< two random reads to a random write, whole granules
  double atom_error = 0;      ///< random single atoms
  double piece_error = 0;     ///< random pieces of a quarter of a granule
};

/// The only list of these keys.
Schema<Calibration> calibration_schema();
/// Every key with its value; calibration_schema() reads it back.
std::string to_yaml(const Calibration& calibration);

/// An access to one pseudo-channel, not before `at`, within a granule.
struct Demand {
  Picoseconds at;
  Direction direction = kRead;
  std::uint64_t address = 0;  ///< inside the channel
  std::uint32_t bytes = 0;
};

/// What a pseudo-channel is measured on: serves demands in order, each entering as soon as its
/// queue has room.
class Reference {
 public:
  Reference() = default;
  Reference(const Reference&) = delete;
  Reference& operator=(const Reference&) = delete;
  virtual ~Reference() = default;

  /// When the data of each demand have passed the data bus, from a fresh state.
  virtual std::vector<Picoseconds> run(const std::vector<Demand>& demands) = 0;
};

/// Measures a pseudo-channel of this memory. Deterministic; some ten thousand accesses.
Calibration calibrate(const Config& config, Reference& reference);
/// The same on the exact controller.
Calibration calibrate(const Config& config);

}  // namespace aipu::hbm
