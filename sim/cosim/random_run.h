// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "hw/directcom/routes.h"
#include "hw/directcom/topology.h"
#include "sim/cosim/rtl_switch.h"
#include "tlm/cosim/lockstep_switch.h"
#include "tlm/directcom/network.h"

namespace aipu::cosim {

/// Where packets go.
enum class Pattern : std::uint8_t { kUniform, kPermutation, kHotspot, kNeighbour, kBursts };
constexpr std::uint32_t kPatterns = 5;

/// A fabric with one switch in lockstep under seeded random traffic.
struct RandomRun {
  std::string name;
  directcom::Topology topology;
  directcom::SwitchConfig config;
  std::vector<std::uint32_t> link_cycles{1};
  Pattern pattern = Pattern::kUniform;
  double load = 0.5;             ///< flits a cycle of every node
  std::uint32_t max_flits = 33;  ///< lengths are 1..max, one in two of them 1
  std::uint32_t classes = 15;    ///< mask
  std::uint64_t cycles = 2'000;  ///< of sending
  std::uint64_t seed = 1;
  bool accounts = true;  ///< compare them too

  bool every_tick = true;  ///< LockstepSwitch::Run

  struct Result {
    std::uint64_t flits = 0;
    std::uint64_t packets = 0;
    std::uint64_t delivered = 0;
    std::uint64_t clocks = 0;
  };
  /// What is put between the adapter and the model; null: nothing.
  std::function<std::unique_ptr<SwitchPins>(std::unique_ptr<SwitchPins>)> disturb;

  std::string failure_prefix;       ///< of the files that a mismatch leaves; empty: none
  std::optional<WaveWindow> waves;  ///< of the switch, on purpose

  /// Throws Mismatch at the first difference; ends when every packet is delivered.
  Result run() const;
};

/// The run of a number, over ports, patterns, classes, lengths, loads, buffers, links and rules.
RandomRun random_run(std::uint32_t ports, std::uint32_t speedup, std::uint64_t seed);

}  // namespace aipu::cosim
