// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tlm/core/fault.h"

namespace aipu {

/// Which core speaks.
struct CoreId {
  std::uint32_t aipu = 0;
  std::uint32_t core = 0;
};

/// What a core tells the host at the present simulated time. Outside the machine: costs no time.
class HostPort {
 public:
  HostPort() = default;
  HostPort(const HostPort&) = delete;
  HostPort& operator=(const HostPort&) = delete;
  virtual ~HostPort() = default;

  virtual void console_line(CoreId core, const std::string& text) = 0;
  virtual void mail(CoreId core, std::uint32_t word) = 0;
  /// The word as written: number and kind of a marker (hw/regs/control.yaml).
  virtual void mark(CoreId core, std::uint32_t word) = 0;
  virtual void exited(CoreId core, std::uint32_t code) = 0;
  /// An engine met an illegal act; firmware gets its interrupt as well.
  virtual void engine_fault(CoreId core, const Fault& fault) = 0;
  /// The same, but a warning: firmware does not see it.
  virtual void engine_warning(CoreId, const Fault&) {}
  /// The hart trapped without a handler and stopped.
  virtual void hart_fault(CoreId core, const std::string& text) = 0;
};

}  // namespace aipu
