// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/rtl_switch.h"

#include <utility>

#include "sim/cosim/failure_report.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::cosim {
namespace {

std::unique_ptr<SwitchPins> with_waves(std::unique_ptr<SwitchPins> pins,
                                       const std::optional<WaveWindow>& waves) {
  if (pins == nullptr || !waves) return pins;
  return std::make_unique<WavePins>(std::move(pins), *waves);
}

}  // namespace

std::unique_ptr<VerilatedSwitch> RtlSwitch::make_rtl(const directcom::SwitchConfig& config,
                                                     const directcom::Routes& routes,
                                                     std::uint32_t index) const {
  auto pins =
      with_waves(SwitchPins::make(routes.topology().switches[index].ports, config.speedup), waves);
  if (pins != nullptr && disturb) pins = disturb(std::move(pins));
  return std::make_unique<VerilatedSwitch>(config, routes, index, seed, std::move(pins));
}

RtlSwitch::Lockstep RtlSwitch::make_lockstep(const directcom::SwitchConfig& config,
                                             const directcom::Routes& routes,
                                             std::uint32_t index) const {
  const std::string& name = routes.topology().switches[index].name;
  auto pins =
      with_waves(SwitchPins::make(routes.topology().switches[index].ports, config.speedup), waves);
  Mismatch::Report write;
  if (pins != nullptr && !failure_prefix.empty()) {
    const auto report =
        std::make_shared<FailureReport>(FailureReport::Where{failure_prefix, name, tick_ps});
    pins = report->log(std::move(pins));
    write = [report](const Mismatch& mismatch) { return report->write(mismatch); };
  }
  if (pins != nullptr && disturb) pins = disturb(std::move(pins));
  Lockstep made;
  auto other = std::make_unique<VerilatedSwitch>(config, routes, index, seed, std::move(pins));
  other->on_mismatch(write);
  made.rtl = other.get();
  made.both = std::make_unique<LockstepSwitch>(
      directcom::make_switch_core(config, routes, index, seed), std::move(other),
      LockstepSwitch::Run{name, command, seed, every_tick, write});
  return made;
}

}  // namespace aipu::cosim
