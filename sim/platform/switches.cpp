// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/switches.h"

#include "hw/base/error.h"
#include "tlm/cosim/lookahead.h"

namespace aipu::platform {
namespace {

std::vector<directcom::SwitchKind> switch_kinds(const config::Board& config) {
  try {
    return directcom::read_switch_kinds(config.simulation.switch_models,
                                        config::topology(config).switches.size());
  } catch (const ConfigError& error) {
    throw ConfigError("simulation.switch_models", error.what());
  }
}

}  // namespace

cosim::SwitchMaker switch_maker(const config::Board& config, const cosim::SwitchMaker::Run& run) {
  return {switch_kinds(config),
          [config](const directcom::Routes& routes, std::uint32_t index) {
            return cosim::lookahead_of(config::simulated_switch(config), routes, index,
                                       config::simulated_interface(config));
          },
          run};
}

void check_switches(const config::Board& config) {
  if (config.simulation.switch_models.empty()) return;
  const directcom::Topology topology = config::topology(config);
  switch_maker(config, {}).check(config::simulated_switch(config), directcom::Routes(topology));
}

}  // namespace aipu::platform
