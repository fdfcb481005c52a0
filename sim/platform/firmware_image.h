// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "sim/load/elf.h"

namespace aipu::platform {

/// The firmware of an AIPU: what its compute cores and its chip-control core run.
struct FirmwareImage {
  load::Elf core;
  load::Elf control;
};

/// The images built into the program.
FirmwareImage builtin_firmware();

/// Their files, for a debugger: symbols and lines.
struct FirmwareFiles {
  std::string_view core, control;
};
FirmwareFiles builtin_files();

/// core.elf and control.elf of a folder. Throws UserError as load::read_elf does, and ConfigError
/// for an image that is not RV32 or does not fit the first `sram_bytes` of a core's SRAM.
FirmwareImage read_firmware(const std::string& folder, std::uint64_t sram_bytes);

/// A program for a hart, checked in the same way.
load::Elf read_program(const std::string& path, std::uint64_t sram_bytes);

}  // namespace aipu::platform
