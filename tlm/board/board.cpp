// SPDX-License-Identifier: Apache-2.0
#include "tlm/board/board.h"

#include <fmt/format.h>
#include <utility>

#include "hw/base/error.h"
#include "tlm/cosim/lookahead.h"
#include "tlm/cosim/switch_maker.h"

namespace aipu::board {
namespace {

std::vector<directcom::SwitchKind> switch_kinds(const config::Board& config, std::size_t switches) {
  try {
    return directcom::read_switch_kinds(config.simulation.switch_models, switches);
  } catch (const ConfigError& error) {
    throw ConfigError("simulation.switch_models", error.what());
  }
}

cosim::SwitchMaker maker_of(const config::Board& config, std::size_t switches,
                            const cosim::SwitchMaker::Run& run) {
  return {switch_kinds(config, switches),
          [config](const directcom::Routes& routes, std::uint32_t index) {
            return cosim::lookahead_of(config::simulated_switch(config), routes, index,
                                       config::simulated_interface(config));
          },
          run};
}

}  // namespace

void check_switches(const config::Board& config) {
  const directcom::Topology topology = config::topology(config);
  const auto kinds = switch_kinds(config, topology.switches.size());
  const directcom::Routes routes(topology);
  const cosim::SwitchMaker maker = maker_of(config, kinds.size(), {});
  for (std::uint32_t s = 0; s < kinds.size(); ++s) {
    if (kinds[s] != directcom::SwitchKind::kTlm)
      maker.make(config::simulated_switch(config), routes, s, config.simulation.seed);
  }
}

Board::Board(const sc_core::sc_module_name& name, const config::Board& config, HostPort& host,
             const std::optional<hbm::Calibration>& given)
    : Model(name), topology(config::topology(config)), routes(topology) {
  const bool fast = config.simulation.memory == config::MemoryFidelity::kFast;
  const hbm::Calibration calibration = given  ? *given
                                       : fast ? hbm::calibrate(config.aipu.hbm)
                                              : hbm::Calibration();
  config::mask_links(config, routes);
  for (std::uint32_t i = 0; i < config.aipus; ++i) {
    aipus.push_back(std::make_unique<chip::Aipu>(fmt::format("aipu{}", i).c_str(), config, i, host,
                                                 calibration));
  }
  const directcom::SwitchConfig plane = config::simulated_switch(config);
  const cosim::SwitchMaker maker =
      maker_of(config, topology.switches.size(),
               {"", [&host](const std::string& text) { host.model_fault(text); }});
  for (std::uint32_t s = 0; s < topology.switches.size(); ++s) {
    switches.push_back(std::make_unique<directcom::Switch>(
        fmt::format("switch{}", s).c_str(), plane, routes, s,
        maker.make(plane, routes, s, config.simulation.seed), config.simulation.seed));
  }
  for (auto& aipu : aipus)
    aipu->directcom.route_by(routes);
  wire();
}

tlm::tlm_initiator_socket<>& Board::output(const directcom::Topology::End& end) {
  if (end.node) return aipus[end.index]->directcom.lane_out[end.port];
  return switches[end.index]->port_out[end.port];
}

tlm::tlm_target_socket<>& Board::input(const directcom::Topology::End& end) {
  if (end.node) return aipus[end.index]->directcom.lane_in[end.port];
  return switches[end.index]->port_in[end.port];
}

void Board::wire() {
  for (const directcom::Topology::Link& link : topology.links) {
    for (const auto& [from, to] : {std::pair(link.a, link.b), std::pair(link.b, link.a)}) {
      output(from).bind(input(to));
    }
  }
}

}  // namespace aipu::board
