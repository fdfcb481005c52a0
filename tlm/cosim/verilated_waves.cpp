// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/verilated_switch.h"

namespace aipu::cosim {

using directcom::kClasses;

ShellPort VerilatedSwitch::shell_port(std::uint32_t port) const {
  if (port >= ports_) return {};
  ShellPort shell;
  shell.coming = static_cast<std::uint32_t>(inputs_[port].coming.size());
  shell.credits = static_cast<std::uint32_t>(outputs_[port].returning.size());
  shell.leaving = static_cast<std::uint32_t>(outputs_[port].leaving.size());
  for (std::uint32_t i = 0; i < ports_; ++i) {
    for (std::uint32_t c = 0; c < kClasses; ++c)
      shell.waiting +=
          static_cast<std::uint32_t>(voqs_[(std::size_t{i} * ports_ + port) * kClasses + c].size());
  }
  return shell;
}

}  // namespace aipu::cosim
