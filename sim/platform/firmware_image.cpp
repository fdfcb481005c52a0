// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/firmware_image.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/error.h"
#include "regs/core.h"

extern "C" {
extern const unsigned char hc1000_core_elf[], hc1000_core_elf_end[];
extern const unsigned char hc1000_control_elf[], hc1000_control_elf_end[];
}

namespace aipu::platform {
namespace {

void check_fit(const load::Elf& elf, const std::string& path, std::uint64_t sram_bytes) {
  if (elf.xlen != 32) throw ConfigError(path, "is RV64; the control harts are RV32IMAC");
  const auto holds_entry = [&](const load::Elf::Segment& segment) {
    return segment.executable && elf.entry >= segment.address && elf.entry < segment.end();
  };
  if (std::none_of(elf.segments.begin(), elf.segments.end(), holds_entry)) {
    throw ConfigError(path,
                      fmt::format("entry point {:#x} lies in no executable segment", elf.entry));
  }
  for (const auto& segment : elf.segments) {
    if (segment.address < regs::core::kSramBase ||
        segment.end() > regs::core::kSramBase + sram_bytes) {
      throw ConfigError(path,
                        fmt::format("segment {:#x}..{:#x} lies outside the core SRAM {:#x}..{:#x}",
                                    segment.address, segment.end(), regs::core::kSramBase,
                                    regs::core::kSramBase + sram_bytes));
    }
  }
}

}  // namespace

FirmwareImage builtin_firmware() {
  return {load::parse_elf(hc1000_core_elf, hc1000_core_elf_end, "core.elf"),
          load::parse_elf(hc1000_control_elf, hc1000_control_elf_end, "control.elf")};
}

FirmwareFiles builtin_files() {
  const auto file = [](const unsigned char* begin, const unsigned char* end) {
    return std::string_view(reinterpret_cast<const char*>(begin),
                            static_cast<std::size_t>(end - begin));
  };
  return {file(hc1000_core_elf, hc1000_core_elf_end),
          file(hc1000_control_elf, hc1000_control_elf_end)};
}

FirmwareImage read_firmware(const std::string& folder, std::uint64_t sram_bytes) {
  const std::string core = folder + "/core.elf", control = folder + "/control.elf";
  return {read_program(core, sram_bytes), read_program(control, sram_bytes)};
}

load::Elf read_program(const std::string& path, std::uint64_t sram_bytes) {
  load::Elf elf = load::read_elf(path);
  check_fit(elf, path, sram_bytes);
  return elf;
}

}  // namespace aipu::platform
