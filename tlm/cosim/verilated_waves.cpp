// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/verilated_switch.h"

namespace aipu::cosim {

/// Packets of a list from `first` on.
std::uint32_t VerilatedSwitch::count(std::uint32_t first) const {
  std::uint32_t packets = 0;
  for (std::uint32_t p = first; p != kNone; p = packets_[p].next)
    ++packets;
  return packets;
}

ShellPort VerilatedSwitch::shell_port(std::uint32_t port) const {
  if (port >= ports_) return {};
  ShellPort shell;
  shell.coming = count(inputs_[port].coming);
  shell.credits = static_cast<std::uint32_t>(outputs_[port].returning.size());
  shell.leaving = count(outputs_[port].leaving.first);
  for (std::uint32_t i = 0; i < ports_; ++i) {
    for (std::uint32_t c = 0; c < kQueues; ++c)
      shell.waiting += count(queues_[(std::size_t{i} * ports_ + port) * kQueues + c].first);
  }
  return shell;
}

}  // namespace aipu::cosim
