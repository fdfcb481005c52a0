// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"
#include "hw/config/chip.h"
#include "hw/directcom/config.h"

namespace aipu::config {

/// Whether tensors have bytes (hw/docs/programming_model.md, "Memories and modes").
enum class DataMode : std::uint8_t { kFunctional, kTiming };

/// How much of a part is simulated event by event. Only what is built can be named.
enum class Fidelity : std::uint8_t { kExact };

/// How the machine is simulated; none of it changes what the machine is.
struct Simulation {
  DataMode data = DataMode::kTiming;
  std::uint64_t seed = 1;
  Fidelity memory = Fidelity::kExact;
  Fidelity fabric = Fidelity::kExact;
  Picoseconds max_time{10'000'000'000'000};
  Bytes real_sram = 128_KiB;
  Bytes real_hbm = 256_MiB;
};

/// A module of equal AIPUs on one set of DirectCom planes, and how to simulate it.
struct Board {
  std::uint32_t aipus = 16;
  Chip aipu;
  directcom::SwitchConfig plane_switch;
  Simulation simulation;
};

/// The only list of the keys of a configuration file.
const Schema<Board>& schema();

}  // namespace aipu::config
