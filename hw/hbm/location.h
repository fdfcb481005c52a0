// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/hbm/config.h"

namespace aipu::hbm {

/// Where one 32-byte atom lives.
struct Location {
  std::uint32_t channel = 0;  ///< pseudo-channel, over all stacks
  std::uint32_t set = 0;      ///< stack_id x banks + bank
  std::uint32_t group = 0;    ///< bank group
  std::uint32_t column = 0;   ///< atom in its row
  std::uint32_t row = 0;

  friend bool operator==(const Location& a, const Location& b) {
    return a.channel == b.channel && a.set == b.set && a.group == b.group && a.column == b.column &&
           a.row == b.row;
  }
};

/// Interleaving: byte offset inside the HBM of one AIPU <-> Location. Pure, and bijective per atom.
///
/// From the lowest bits up: byte in atom; inside a granule (and a row set) bank group, then column;
/// granules go round the pseudo-channels; then bank, stack id, row. `channel_hash` and `bank_hash`
/// fold all higher bits into the pseudo-channel and the bank set, so that power-of-two strides
/// spread.
class Interleaving {
 public:
  explicit Interleaving(const Config& config)
      : atom_(log2(atom(config).count)),
        granule_(log2(config.interleave.count)),
        groups_(log2(config.bank_groups)),
        sets_(log2(bank_sets(config))),
        row_set_(log2(row_set(config).count)),
        channels_(channel_count(config)),
        channel_hash_(config.channel_hash),
        bank_hash_(config.bank_hash) {}

  /// Bytes from `offset` to the end of its granule: what may go to the channel in one access.
  std::uint64_t bytes_left(std::uint64_t offset) const {
    return (1ULL << granule_) - low(offset, granule_);
  }

  Location locate(std::uint64_t offset) const {
    const std::uint64_t granule = offset >> granule_;
    const std::uint64_t turn = granule / channels_;  // granule inside its channel
    const std::uint64_t inside = (turn << granule_) + low(offset, granule_);
    const std::uint64_t block = inside >> row_set_;
    const std::uint64_t unit = low(inside, row_set_) >> atom_;
    const std::uint64_t row = block >> sets_;
    return {static_cast<std::uint32_t>(channel(granule % channels_, turn)),
            static_cast<std::uint32_t>(bank_set(low(block, sets_), row)),
            static_cast<std::uint32_t>(low(unit, groups_)),
            static_cast<std::uint32_t>(unit >> groups_), static_cast<std::uint32_t>(row)};
  }

  /// First byte of the atom: the inverse of locate().
  std::uint64_t offset(const Location& at) const {
    const std::uint64_t unit = (std::uint64_t{at.column} << groups_) + at.group;
    const std::uint64_t block = (std::uint64_t{at.row} << sets_) + bank_set(at.set, at.row);
    const std::uint64_t inside = (block << row_set_) + (unit << atom_);
    const std::uint64_t turn = inside >> granule_;
    const std::uint64_t granule = turn * channels_ + channel(at.channel, turn);
    return (granule << granule_) + low(inside, granule_);
  }

 private:
  static std::uint32_t log2(std::uint64_t power_of_two) {
    std::uint32_t bits = 0;
    while ((power_of_two >> bits) > 1)
      ++bits;
    return bits;
  }
  static std::uint64_t low(std::uint64_t value, std::uint32_t bits) {
    return value & ((1ULL << bits) - 1);
  }
  /// XOR of all `bits`-wide digits of `value`.
  static std::uint64_t fold(std::uint64_t value, std::uint32_t bits) {
    std::uint64_t result = 0;
    if (bits == 0) return result;
    for (; value != 0; value >>= bits)
      result ^= value;
    return low(result, bits);
  }
  // An XOR with the fold of what lies above is its own inverse.
  std::uint64_t channel(std::uint64_t plain, std::uint64_t turn) const {
    return channel_hash_ ? plain ^ fold(turn, log2(channels_)) : plain;
  }
  std::uint64_t bank_set(std::uint64_t plain, std::uint64_t row) const {
    return bank_hash_ ? plain ^ fold(row, sets_) : plain;
  }

  // Widths in bits, but for the channels, which need not be a power of two.
  std::uint32_t atom_;
  std::uint32_t granule_;
  std::uint32_t groups_;
  std::uint32_t sets_;
  std::uint32_t row_set_;
  std::uint64_t channels_;
  bool channel_hash_;
  bool bank_hash_;
};

}  // namespace aipu::hbm
