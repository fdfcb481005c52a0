// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/built_router.h"

#include "tlm/cosim/foreign_switch.h"
#include "tlm/cosim/verilated_switch.h"

namespace aipu::cosim {

bool built_router_has_twin() {
  return AIPU_RTL_HAS_TWIN;
}

std::unique_ptr<directcom::SwitchModel> make_built_router(const directcom::SwitchConfig& config,
                                                          const directcom::Routes& routes,
                                                          std::uint32_t index, std::uint64_t seed,
                                                          std::uint64_t lookahead) {
  if (built_router_has_twin())
    return std::make_unique<VerilatedSwitch>(config, routes, index, seed, nullptr, lookahead);
  const std::uint32_t ports = routes.topology().switches[index].ports;
  return std::make_unique<ForeignSwitch>(config, routes, index,
                                         SwitchPins::make(ports, config.speedup));
}

}  // namespace aipu::cosim
