// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/hbm/command.h"
#include "hw/hbm/config.h"

namespace aipu::hbm {

/// A set of commands, one bit each.
using CommandSet = std::uint32_t;

template <typename... Commands>
constexpr CommandSet set_of(Commands... commands) {
  return (0U | ... | (1U << static_cast<unsigned>(commands)));
}
constexpr bool has(CommandSet set, Command command) {
  return (set >> static_cast<unsigned>(command) & 1U) != 0;
}

/// Between which commands a distance holds.
enum class Reach : std::uint8_t { kSameBank, kSameGroup, kOtherStack, kChannel };

/// A command of `to` takes effect no earlier than `distance` ticks after one of `from` did.
struct CheckedPair {
  CommandSet from;
  CommandSet to;
  Reach reach;
  Tick distance;
  const char* name;  ///< as the data sheet has it: "tRCDRD"
};

/// What the checker knows of a device, derived from `Config::timing` by the definitions of the data
/// sheets (hw/docs/hbm.md, "Checker"). Shares nothing with hw/hbm/constraints.h, on purpose: each
/// tests the other.
struct CheckedDevice {
  Tick ck = 1;       ///< ticks of a CK
  Tick act = 1;      ///< length of an activate; it takes effect in its last tick
  Tick rl = 0;       ///< read command to data
  Tick wl = 0;       ///< write command to data
  Tick burst = 0;    ///< data bus of an access
  Tick faw = 0;      ///< window of four activates
  Tick refi = 0;     ///< at the present temperature
  Tick refi_pb = 0;  ///< the same, between refreshes of single banks
  std::vector<CheckedPair> pairs;
};

/// Needs a Config that schema().check() accepts.
CheckedDevice checked_device(const Config& config);

}  // namespace aipu::hbm
