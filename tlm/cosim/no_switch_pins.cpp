// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/switch_pins.h"

namespace aipu::cosim {

std::unique_ptr<SwitchPins> SwitchPins::make(std::uint32_t /*ports*/, std::uint32_t /*speedup*/) {
  return nullptr;
}

std::vector<std::uint32_t> SwitchPins::built() {
  return {};
}

std::string SwitchPins::build() {
  return "none";
}

}  // namespace aipu::cosim
