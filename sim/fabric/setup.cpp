// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/setup.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>

namespace aipu::fabric {
namespace {

const char* name_of(directcom::PathChoice choice) {
  for (const auto& entry : directcom::path_choice_names().entries) {
    if (entry.value == choice) return entry.name;
  }
  return "?";
}

}  // namespace

double Setup::cycle_ns() const {
  return 1e9 / static_cast<double>(network.plane.clock().count);
}

void add_json(nlohmann::ordered_json& out, const Setup& setup) {
  const directcom::SwitchConfig& plane = setup.network.plane;
  out["simulator"] = "hc1000";
  out["topology"] = setup.topology;
  out["nodes"] = setup.nodes;
  out["lanes"] = setup.lanes;
  out["switches"] = setup.switches;
  out["masked"] = setup.masked;
  out["traffic"] = setup.traffic;
  if (!setup.classes.empty()) out["traffic_classes"] = setup.classes;
  out["routing"] = name_of(plane.up_choice);
  out["lane_choice"] = name_of(setup.network.lane_choice);
  out["packet_flits"] = setup.packet_flits;
  out["buffer_flits"] = plane.voq_flits;
  out["speedup"] = plane.speedup;
  if (plane.speedup > 1) out["output_flits"] = plane.out_flits;
  out["pipeline_cycles"] = plane.pipeline.count;
  out["link_cycles"] = setup.network.link_cycles;
  out["flit_errors"] = plane.flit_errors;
  out["hash_seed"] = plane.hash_seed;
  out["seed"] = setup.network.seed;
  out["cycle_ns"] = setup.cycle_ns();
}

void print(std::ostream& out, const Setup& setup) {
  const directcom::SwitchConfig& plane = setup.network.plane;
  out << fmt::format(
      "  {}: {} nodes with {} lane{}, {} switch{}, links of {} cycles, {}, lanes {}\n",
      setup.topology, setup.nodes, setup.lanes, setup.lanes == 1 ? "" : "s", setup.switches,
      setup.switches == 1 ? "" : "es", fmt::join(setup.network.link_cycles, ", "),
      name_of(plane.up_choice), name_of(setup.network.lane_choice));
  out << fmt::format(
      "  {}{}{}: packets of {} flits, buffers of {}, pipeline {}, speedup {}, "
      "cycle {:.4g} ns, seed {}\n",
      setup.traffic, setup.classes.empty() ? "" : ", classes ", setup.classes, setup.packet_flits,
      plane.voq_flits, plane.pipeline.count, plane.speedup, setup.cycle_ns(), setup.network.seed);
  if (plane.flit_errors != 0)
    out << fmt::format("  {} of 10^9 flits are corrupted on every link\n", plane.flit_errors);
  if (!setup.masked.empty()) out << fmt::format("  masked: {}\n", fmt::join(setup.masked, ", "));
}

void print_repeats(std::ostream& out, const Setup& setup, std::uint64_t repeats) {
  if (setup.network.plane.flit_errors == 0) return;
  out << fmt::format("  {} packet{} sent again for a corrupted flit\n", repeats,
                     repeats == 1 ? "" : "s");
}

}  // namespace aipu::fabric
