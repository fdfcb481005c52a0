// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aipu::load {

/// A RISC-V executable as a loader needs it.
struct Elf {
  struct Segment {
    std::uint64_t address = 0;       ///< physical, where it is loaded
    std::uint64_t memory_bytes = 0;  ///< bytes beyond the contents are zero
    bool executable = false;
    bool writable = false;
    std::vector<std::uint8_t> bytes;  ///< contents
    std::uint64_t end() const { return address + memory_bytes; }
  };

  unsigned xlen = 32;  ///< 32 or 64
  std::uint64_t entry = 0;
  std::vector<Segment> segments;  ///< by address, not overlapping, none empty
  std::map<std::string, std::uint64_t> symbols;
  /// Names that firmware gives to its marker numbers (HC_MARKER, firmware/hal/control.h), from the
  /// section `.hc_markers`, which is not loaded. Of two names for a number the first.
  std::map<std::uint32_t, std::string> markers;

  std::optional<std::uint64_t> symbol(const std::string& name) const;
  /// The symbol at or closest below an address, as "name" or "name+0x12"; empty where there is
  /// none.
  std::string describe(std::uint64_t address) const;
};

/// Reads an executable. Throws IoError where the file cannot be read, and UserError (exit 2) where
/// it is no little-endian RISC-V executable with segments and an entry point inside one of them.
Elf read_elf(const std::string& path);
/// The same of an image in memory; `name` stands for the path in messages.
Elf parse_elf(const std::uint8_t* begin, const std::uint8_t* end, const std::string& name);

}  // namespace aipu::load
