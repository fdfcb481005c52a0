// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tlm/cosim/lockstep_switch.h"
#include "tlm/cosim/pin_log.h"
#include "tlm/cosim/state_codec.h"

namespace aipu::cosim {

/// A failure of an RTL switch that runs again alone: which model, its state, what was put on its
/// pins from there on, and what was seen at the end.
struct Replay {
  std::string build;  ///< SwitchPins::build()
  std::uint32_t ports = 0;
  std::uint32_t speedup = 1;
  std::uint64_t tick_ps = 0;
  std::string switch_name;
  std::string rule;                   ///< that was broken
  std::uint64_t tick = 0;             ///< in which
  std::string text;                   ///< the whole message
  std::vector<OutputGrant> expected;  ///< rule lockstep: grants of the reference in that tick
  LoggedPins::Window window;

  /// As the bytes of a file: magic, version, contents (zlib), xxhash64 of all of that.
  Bytes8 encode() const;
  /// Throws BadReplay, in one line, for what is no such file.
  static Replay decode(const Bytes8& file);
};

/// What running it again shows.
struct ReplayResult {
  bool reproduced = false;
  std::string text;          ///< the message, or where it differs
  std::uint64_t clocks = 0;  ///< that were run
};

/// How a replay is run: with waves from a tick to a tick, if there is a path; on other pins than
/// those of the model that was built, if there are any.
struct ReplayRun {
  std::string waves;
  std::uint64_t from = 0;
  std::uint64_t to = ~0ULL;
  std::unique_ptr<SwitchPins> pins;
};
/// Throws BadReplay where the file is of another build or of a model that is not built.
ReplayResult run_again(const Replay& replay, ReplayRun run);

}  // namespace aipu::cosim
