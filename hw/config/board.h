// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "hw/base/schema.h"
#include "hw/base/units.h"
#include "hw/config/chip.h"
#include "hw/directcom/config.h"
#include "hw/directcom/routes.h"
#include "hw/directcom/topology.h"

namespace aipu::config {

/// Whether tensors have bytes (hw/docs/programming_model.md, "Memories and modes").
enum class DataMode : std::uint8_t { kFunctional, kTiming };

/// How HBM is simulated: bank by bank, or as calibrated servers (hw/docs/hbm.md, "Fast").
enum class MemoryFidelity : std::uint8_t { kExact, kFast };
/// How DirectCom is simulated: packet by packet, or in trains of packets (hw/docs/directcom.md).
enum class FabricFidelity : std::uint8_t { kExact, kFast };

/// What becomes of a mistake of firmware that the machine itself would not notice.
enum class Check : std::uint8_t { kOff, kWarn, kFault };

/// How the machine is simulated; none of it changes what the machine is.
struct Simulation {
  DataMode data = DataMode::kTiming;
  std::uint64_t seed = 1;
  MemoryFidelity memory = MemoryFidelity::kExact;
  Bytes fast_request = 64_KiB;
  std::string calibration;
  FabricFidelity fabric = FabricFidelity::kExact;
  Bytes fast_train = 2_KiB;
  std::string switch_models;
  Picoseconds max_time{10'000'000'000'000};
  Bytes real_sram = 128_KiB;
  Bytes real_hbm = 256_MiB;
  Check check_uninitialised = Check::kWarn;
};

/// Equal AIPUs in modules on one set of DirectCom planes, and how to simulate them.
struct Board {
  std::uint32_t aipus = 16;
  std::uint32_t module = 16;
  std::uint32_t oversubscription = 1;
  std::string masked_links;
  Chip aipu;
  directcom::SwitchConfig plane_switch;
  Simulation simulation;
};

/// The fabric of a board: a part of a module is one switch a plane.
directcom::Topology topology(const Board& board);
/// Masks the board's `masked_links`; ConfigError for a name that is none.
void mask_links(const Board& board, directcom::Routes& routes);
/// The interfaces and switches as they are simulated: in the fast fabric a train takes the place of
/// a packet, and buffers hold two trains more.
directcom::Config simulated_interface(const Board& board);
directcom::SwitchConfig simulated_switch(const Board& board);

/// The only list of the keys of a configuration file.
const Schema<Board>& schema();

}  // namespace aipu::config
