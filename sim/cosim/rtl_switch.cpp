// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/rtl_switch.h"

#include <fmt/format.h>
#include <utility>

#include "hw/base/error.h"
#include "sim/cosim/failure_report.h"
#include "tlm/cosim/built_router.h"
#include "tlm/cosim/foreign_switch.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::cosim {
namespace {

/// Null where there is no such model.
std::unique_ptr<SwitchPins> make_pins(const RtlSwitch& how, const directcom::SwitchConfig& config,
                                      std::uint32_t ports) {
  auto pins = SwitchPins::make(ports, config.speedup);
  if (pins == nullptr) return pins;
  pins->assertions(how.assertions);
  if (!how.waves) return pins;
  return std::make_unique<WavePins>(std::move(pins), *how.waves);
}

}  // namespace

std::unique_ptr<directcom::SwitchModel> RtlSwitch::make_rtl(const directcom::SwitchConfig& config,
                                                            const directcom::Routes& routes,
                                                            std::uint32_t index) const {
  auto pins = make_pins(*this, config, routes.topology().switches[index].ports);
  if (pins != nullptr && disturb) pins = disturb(std::move(pins));
  if (!built_router_has_twin())
    return std::make_unique<ForeignSwitch>(config, routes, index, std::move(pins));
  return std::make_unique<VerilatedSwitch>(config, routes, index, seed, std::move(pins), lookahead);
}

RtlSwitch::Lockstep RtlSwitch::make_lockstep(const directcom::SwitchConfig& config,
                                             const directcom::Routes& routes,
                                             std::uint32_t index) const {
  const std::string& name = routes.topology().switches[index].name;
  if (!built_router_has_twin()) {
    throw ConfigError("", fmt::format("switch {} in lockstep: the router of this build has cycles "
                                      "of its own; valid: tlm, rtl",
                                      name));
  }
  auto pins = make_pins(*this, config, routes.topology().switches[index].ports);
  Mismatch::Report write;
  if (pins != nullptr && !failure_prefix.empty()) {
    const auto report =
        std::make_shared<FailureReport>(FailureReport::Where{failure_prefix, name, tick_ps});
    pins = report->log(std::move(pins));
    write = [report](const Mismatch& mismatch) { return report->write(mismatch); };
  }
  if (pins != nullptr && disturb) pins = disturb(std::move(pins));
  Lockstep made;
  auto other =
      std::make_unique<VerilatedSwitch>(config, routes, index, seed, std::move(pins), lookahead);
  other->on_mismatch(write);
  made.rtl = other.get();
  made.both = std::make_unique<LockstepSwitch>(
      directcom::make_switch_core(config, routes, index, seed), std::move(other),
      LockstepSwitch::Run{name, command, seed, every_tick, config.speedup, write});
  return made;
}

}  // namespace aipu::cosim
