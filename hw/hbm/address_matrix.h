// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "hw/hbm/config.h"

namespace aipu::hbm {

/// The bits of a Location side by side in one word. The parts hold whatever the schema allows.
struct LocationWord {
  static constexpr std::uint32_t kBits = 64;
  static constexpr std::uint32_t kRow = 0;       ///< first bit of each part
  static constexpr std::uint32_t kColumn = 32;   ///< 8 KiB rows of 4-byte atoms need 11
  static constexpr std::uint32_t kGroup = 44;    ///< 4 bank groups need 2
  static constexpr std::uint32_t kSet = 48;      ///< 4 stack ids x 16 banks need 6
  static constexpr std::uint32_t kChannel = 54;  ///< 16 stacks x 64 pseudo-channels need 10

  static constexpr std::uint64_t mask(std::uint32_t begin, std::uint32_t end) {
    return (end == kBits ? 0 : 1ULL << end) - (1ULL << begin);
  }
  /// The part that begins at one of these bits and ends before another.
  static constexpr std::uint32_t part(std::uint64_t word, std::uint32_t begin, std::uint32_t end) {
    return static_cast<std::uint32_t>((word & mask(begin, end)) >> begin);
  }
};

/// An address map as an invertible matrix over GF(2): every bit of an address, counted from the
/// first above the atom, flips some bits of the LocationWord.
///
/// Without a power of two of pseudo-channels it maps the address inside one of them, and the word
/// has no channel.
struct AddressMatrix {
  static constexpr std::uint32_t kMaxBits = 40;  ///< 4096 GiB of 4-byte atoms

  std::uint32_t bits = 0;
  std::array<std::uint64_t, kMaxBits> to_word{};
  std::array<std::uint64_t, LocationWord::kBits> to_address{};  ///< the inverse
};

/// The matrix of the keys interleave, channel_hash, bank_hash, address_map and address_xor
/// (hw/docs/hbm.md, "Where a byte lives"), for a geometry that the schema accepts. Throws a
/// ConfigError, one line that begins with the key at fault.
AddressMatrix address_matrix(const Config& config);

}  // namespace aipu::hbm
