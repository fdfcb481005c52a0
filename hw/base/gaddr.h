// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu {

/// A 64-bit address as commands carry it (hw/docs/programming_model.md, "Addresses"):
/// [63:60] space, [59:48] AIPU (kSelf = the issuing one), [47:40] core for core SRAM, else offset
/// bits.
struct Gaddr {
  enum class Space : std::uint8_t { kHbm = 0, kShared = 1, kCore = 2 };
  static constexpr std::uint32_t kSelf = 0xFFF;
  /// Destination of a DirectCom put or notify: every AIPU of the sender's module but itself.
  static constexpr std::uint32_t kModule = 0xFFE;
  static constexpr std::uint32_t kAllCores = 0xFE;  ///< multicast to every compute core of the AIPU

  std::uint64_t raw = 0;

  static constexpr Gaddr hbm(std::uint64_t offset, std::uint32_t aipu = kSelf) {
    return make(Space::kHbm, aipu, offset);
  }
  static constexpr Gaddr shared(std::uint64_t offset, std::uint32_t aipu = kSelf) {
    return make(Space::kShared, aipu, offset);
  }
  static constexpr Gaddr core(std::uint32_t core, std::uint64_t offset,
                              std::uint32_t aipu = kSelf) {
    return make(Space::kCore, aipu, (std::uint64_t{core} << 40U) | offset);
  }
  static constexpr Gaddr make(Space s, std::uint32_t aipu, std::uint64_t low) {
    return Gaddr{(static_cast<std::uint64_t>(s) << 60U) | (std::uint64_t{aipu} << 48U) | low};
  }

  constexpr std::uint32_t space_code() const { return static_cast<std::uint32_t>(raw >> 60U); }
  constexpr Space space() const { return static_cast<Space>(raw >> 60U); }
  constexpr std::uint32_t aipu() const { return static_cast<std::uint32_t>(raw >> 48U) & 0xFFFU; }
  constexpr std::uint32_t core() const { return static_cast<std::uint32_t>(raw >> 40U) & 0xFFU; }
  /// Byte offset inside its memory.
  constexpr std::uint64_t offset() const {
    return raw & (space() == Space::kCore ? (1ULL << 40U) - 1 : (1ULL << 48U) - 1);
  }
  constexpr Gaddr operator+(std::uint64_t bytes) const { return Gaddr{raw + bytes}; }
};

}  // namespace aipu
