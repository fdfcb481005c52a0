// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hw/config/board.h"
#include "sim/collective/bounds.h"
#include "sim/collective/shape.h"
#include "sim/platform/platform.h"

namespace aipu::collective {

/// A part of the time of a message, in order.
struct Stage {
  std::string name;
  std::uint64_t ps = 0;
};

/// What came of a collective.
struct Result {
  Spec spec;
  Shape shape;
  Fabric fabric;
  platform::Ending ending;
  std::uint64_t first_ps = 0;   ///< the first one: first launch to last counter of the slowest AIPU
  std::uint64_t all_ps = 0;     ///< all repeats
  std::optional<bool> correct;  ///< none where no bytes exist
  std::string difference;       ///< the first, where one was found
  std::vector<Stage> stages;    ///< of a KV transfer of a single packet
  /// Time by cause of all lanes (switch outputs), from first launch to last counter, in ps.
  std::map<std::string, std::int64_t> lanes, switches;

  double seconds() const { return static_cast<double>(all_ps) * 1e-12 / spec.repeat; }
  double bound() const { return bound_s(spec, shape.algorithm, fabric); }
  double algbw() const { return spec.bytes / seconds(); }
  double busbw() const { return algbw() * bus_factor(spec); }
};

/// Runs a collective on a board of spec.ranks AIPUs: one per process. `board` says in
/// simulation.data whether bytes move, `rtl` as platform::Platform. Throws ConfigError for what
/// cannot be.
Result run(const Spec& spec, const config::Board& board, const platform::FirmwareImage& firmware,
           const platform::Listener& listener = {}, const cosim::SwitchMaker::Run& rtl = {});

}  // namespace aipu::collective
