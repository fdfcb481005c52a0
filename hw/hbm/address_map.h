// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "hw/base/units.h"
#include "hw/hbm/address_matrix.h"
#include "hw/hbm/config.h"
#include "hw/hbm/location.h"

namespace aipu::hbm {

/// Byte offset inside the HBM of one AIPU <-> Location. Pure, and bijective per atom.
///
/// A linear map of bits (hw/docs/hbm.md, "Where a byte lives"), a table look-up for each byte of
/// the offset. Any number of pseudo-channels other than a power of two takes granules in turn
/// instead, and the bits inside each are mapped.
class AddressMap {
 public:
  /// Throws a ConfigError with the line of address_map_fault(). The rest of the config is one that
  /// the schema accepts.
  explicit AddressMap(const Config& config);

  /// Aligned blocks of this size stay on one pseudo-channel; a power of two, at most `interleave`.
  Bytes run() const { return Bytes(1ULL << run_); }

  /// Bytes from `offset` to the end of its run(): what may go to the channel in one access.
  std::uint64_t bytes_left(std::uint64_t offset) const {
    return (1ULL << run_) - low(offset, run_);
  }

  /// About 2 ns. Beyond the capacity only the channel is in range.
  Location locate(std::uint64_t offset) const {
    using W = LocationWord;
    std::uint32_t channel = 0;
    if (turns_) {
      const std::uint64_t granule = offset >> run_;
      channel = static_cast<std::uint32_t>(granule % channels_);
      offset = ((granule / channels_) << run_) + low(offset, run_);
    }
    offset >>= atom_;
    const std::uint64_t word = table(0, offset) ^ table(1, offset) ^ table(2, offset) ^
                               table(3, offset) ^ table(4, offset);
    return {channel + W::part(word, W::kChannel, W::kBits), W::part(word, W::kSet, W::kChannel),
            W::part(word, W::kGroup, W::kSet), W::part(word, W::kColumn, W::kGroup),
            W::part(word, W::kRow, W::kColumn)};
  }

  /// First byte of the atom: the inverse of locate().
  std::uint64_t offset(const Location& at) const;

 private:
  static constexpr std::uint32_t kIndexBits = 8;
  static constexpr std::uint32_t kTables = AddressMatrix::kMaxBits / kIndexBits;
  static_assert(kTables == 5, "locate() reads every table");

  static std::uint64_t low(std::uint64_t value, std::uint32_t bits) {
    return value & ((1ULL << bits) - 1);
  }
  std::uint64_t table(std::uint32_t index, std::uint64_t atom) const {
    return tables_[index][low(atom >> (index * kIndexBits), kIndexBits)];
  }

  std::uint32_t atom_;  // widths in bits
  std::uint32_t run_;
  std::uint64_t channels_;
  bool turns_;  // granules go round the channels by division
  std::array<std::array<std::uint64_t, 1U << kIndexBits>, kTables> tables_{};
  std::array<std::uint64_t, LocationWord::kBits> to_address_{};
};

/// What is wrong with the keys of the address map, beginning with the key and saying what would be
/// valid; empty when nothing is.
std::string address_map_fault(const Config& config);

}  // namespace aipu::hbm
