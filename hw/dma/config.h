// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::dma {

/// What an integrator may choose about a data mover; a core has two, for loads and for stores.
/// Defaults describe the reference chip.
struct Config {
  std::uint32_t queue_depth = 16;
  std::uint32_t commands = 8;  ///< begun and not finished
  std::uint32_t bursts = 192;  ///< issued and not landed
  Bytes buffer = Bytes(192U << 10U);
  Bytes burst = Bytes(1024);
  Cycles startup = Cycles(8);
  Cycles issue_interval = Cycles(1);
  Cycles issue_ahead = Cycles(64);
};

/// The only list of these keys.
inline Schema<Config> schema() {
  return Schema<Config>("dma", "data mover of a core, driven by commands")
      .field("queue_depth", &Config::queue_depth, between(1U, 256U), "commands that a queue holds")
      .field("commands", &Config::commands, between(1U, 256U), "commands in flight")
      .field("bursts", &Config::bursts, between(1U, 4096U), "bursts in flight")
      .field("buffer", &Config::buffer, between(64_B, 4_MiB), "bytes in flight")
      .field("burst", &Config::burst, power_of_two(64_B, 1_KiB),
             "largest request; never crosses a "
             "multiple of itself on the far side")
      .field("startup", &Config::startup, between(0_cycles, 1000_cycles),
             "from the begin of a command to its first burst")
      .field("issue_interval", &Config::issue_interval, between(1_cycles, 100_cycles),
             "least distance of two bursts")
      .field("issue_ahead", &Config::issue_ahead, between(0_cycles, 1000_cycles),
             "how far ahead of time bursts may be booked: host speed against fairness")
      .require([](const Config& c) { return c.buffer >= c.burst; },
               "buffer must hold at least one burst");
}

}  // namespace aipu::dma
