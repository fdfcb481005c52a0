// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "hw/directcom/routes.h"
#include "hw/directcom/topology.h"
#include "tlm/cosim/lockstep_switch.h"
#include "tlm/directcom/network.h"

namespace aipu::cosim {

/// Where packets go. The first seven are those of `hc1000 fabric --traffic`; patterns on address
/// bits take as many nodes as have such an address, the others send round among themselves.
enum class Pattern : std::uint8_t {
  kUniform,
  kBitComplement,
  kShuffle,
  kTranspose,
  kHotspot,      ///< three of four packets to one node, the others uniform
  kPermutation,  ///< a random one
  kIncast,       ///< one of four packets to one node, in a class of its own; the others to others
  kNeighbour,
  kBursts  ///< all to one node for a while, then all to another
};
constexpr std::uint32_t kPatterns = 9;
const char* name_of(Pattern pattern);

/// A fabric with one switch in lockstep under seeded random traffic, and a scoreboard at its ends:
/// every packet arrives once, as it was sent, and in order where its source, destination and class
/// have one path.
struct RandomRun {
  std::string name;
  std::string replay;  ///< command line that runs the same again
  directcom::Topology topology;
  std::uint32_t place = 0;  ///< of the switch in lockstep
  directcom::SwitchConfig config;
  std::vector<std::uint32_t> link_cycles{1};
  Pattern pattern = Pattern::kUniform;
  double load = 0.5;             ///< flits a cycle of every node
  std::uint32_t max_flits = 33;  ///< lengths are 1..max, one in two of them 1
  std::uint32_t classes = 15;    ///< mask
  std::uint64_t cycles = 2'000;  ///< of sending
  std::uint64_t seed = 1;
  bool accounts = true;  ///< compare them too

  bool assertions = true;  ///< of rtl/sva

  bool every_tick = true;       ///< LockstepSwitch::Run
  std::uint64_t lookahead = 1;  ///< of the RTL, at most longest_lookahead()

  struct Result {
    std::uint64_t flits = 0;  ///< compared
    std::uint64_t packets = 0;
    std::uint64_t delivered = 0;                                   ///< packets at the ends
    std::uint64_t clocks = 0;                                      ///< of the RTL
    std::array<std::uint64_t, directcom::kClasses> class_flits{};  ///< delivered
    std::uint64_t deliveries = 0;  ///< digest of who got what when, not of the order in a cycle
    std::uint64_t accounts = 0;    ///< digest of the accounts of all links now and then
  };
  /// What is put between the adapter and the model; null: nothing.
  std::function<std::unique_ptr<SwitchPins>(std::unique_ptr<SwitchPins>)> disturb;

  /// The model in the switch's place; null: RTL and C++ in lockstep. Of another nothing is
  /// compared: flits and packets are those delivered.
  std::function<std::unique_ptr<directcom::SwitchModel>(const directcom::Routes&)> model;

  /// Throws Mismatch at the first difference; ends when every packet is delivered.
  Result run() const;
  std::uint64_t longest_lookahead() const;
};

/// The run of a number, over patterns (each in turn), places of the switch, classes, lengths,
/// loads, buffers, links and rules.
RandomRun random_run(std::uint32_t ports, std::uint32_t speedup, std::uint64_t seed);

}  // namespace aipu::cosim
