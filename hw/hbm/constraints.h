// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "hw/hbm/command.h"
#include "hw/hbm/config.h"

namespace aipu::hbm {

/// Which later commands a constraint holds back, relative to the earlier one.
enum class Scope : std::uint8_t {
  kBank,          ///< the same bank
  kBankGroup,     ///< the same bank group of the same stack id
  kOtherStackId,  ///< another stack id
  kChannel        ///< the whole pseudo-channel
};

/// Why the data bus had to wait, for the accounting of lost cycles.
enum class Reason : std::uint8_t {
  kRow,
  kBankGroup,
  kTurnaround,
  kActWindow,
  kRefresh,
  kPowerDown
};

/// `to` comes no earlier than `distance` ticks after `from`, start to start.
struct Constraint {
  Command from;
  Command to;
  Scope scope;
  Tick distance;
  const char* name;  ///< "tRCDRD", or a sum such as "WL+BL+tWTRL"
  Reason reason;
};

/// At most `count` of the commands in any `span` ticks of a pseudo-channel, each counted from
/// `offset` ticks after its start.
struct Window {
  std::vector<Command> commands;
  std::uint32_t count;
  Tick span;
  const char* name;
};

/// Every rule of a device, in ticks. The one thing that a scheduler reads of the timings.
///
/// A command of several cycles takes effect with its last: distances from it are longer, and
/// distances to it shorter, by `offset`.
struct ConstraintTable {
  Tick ticks_per_ck = 1;
  std::array<Tick, kCommands> length{};  ///< on its command bus
  std::array<Tick, kCommands> offset{};
  std::vector<Constraint> pairs;
  std::vector<Window> windows;
  std::array<Tick, kDirections> latency{};  ///< RL, WL
  Tick burst = 0;                           ///< data bus per atom
  Tick refi = 0;
  Tick refi_pb = 0;
};

ConstraintTable constraints(const Config& config);

/// Whole ticks that cover a delay.
Tick to_ticks(const Config& config, Delay delay);

}  // namespace aipu::hbm
