// SPDX-License-Identifier: Apache-2.0
#include "tlm/board/board.h"

#include <fmt/format.h>
#include <utility>

#include "tlm/directcom/switch_core.h"

namespace aipu::board {
Board::Board(const sc_core::sc_module_name& name, const config::Board& config, HostPort& host,
             const std::optional<hbm::Calibration>& given, const MakeSwitch& make_switch)
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
  for (std::uint32_t s = 0; s < topology.switches.size(); ++s) {
    switches.push_back(std::make_unique<directcom::Switch>(
        fmt::format("switch{}", s).c_str(), plane, routes, s,
        make_switch ? make_switch(plane, routes, s)
                    : directcom::make_switch_core(plane, routes, s, config.simulation.seed),
        config.simulation.seed));
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
