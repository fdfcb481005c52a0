// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sim/platform/firmware_image.h"
#include "tlm/core/host_port.h"

namespace aipu::platform {

/// Names of harts and of places in their firmware, as reports print them.
class Symbols {
 public:
  Symbols(FirmwareImage firmware, std::uint32_t compute_cores)
      : firmware_(std::move(firmware)), compute_cores_(compute_cores) {}

  /// "aipu0.core3", or "aipu0.control".
  std::string hart(CoreId core) const;
  /// "0x10002abc (main+0x12)"; the address alone where it is not code of this hart.
  std::string place(CoreId core, std::uint32_t pc) const;
  /// What this hart runs.
  const load::Elf& image(CoreId core) const {
    return core.core == compute_cores_ ? firmware_.control : firmware_.core;
  }

 private:
  const FirmwareImage firmware_;
  const std::uint32_t compute_cores_;
};

}  // namespace aipu::platform
