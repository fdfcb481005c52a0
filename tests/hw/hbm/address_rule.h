// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <ostream>
#include <random>

#include "hw/hbm/config.h"
#include "hw/hbm/location.h"

namespace aipu::hbm {

/// Of a failed comparison.
inline void PrintTo(const Location& at, std::ostream* out) {
  *out << "channel " << at.channel << " set " << at.set << " group " << at.group << " column "
       << at.column << " row " << at.row;
}

inline std::uint32_t log2(std::uint64_t power_of_two) {
  std::uint32_t bits = 0;
  while ((power_of_two >> bits) > 1)
    ++bits;
  return bits;
}

/// XOR of all `bits`-wide digits.
inline std::uint64_t digits_folded(std::uint64_t value, std::uint32_t bits) {
  std::uint64_t result = 0;
  for (; bits != 0 && value != 0; value >>= bits)
    result ^= value % (1ULL << bits);
  return result;
}

/// The rule of interleave, channel_hash and bank_hash, in arithmetic.
inline Location by_rule(const Config& c, std::uint64_t offset) {
  const std::uint64_t granule = offset / c.interleave.count;
  const std::uint64_t turn = granule / channel_count(c);
  const std::uint64_t inside = turn * c.interleave.count + offset % c.interleave.count;
  const std::uint64_t unit = inside % row_set(c).count / atom(c).count;
  const std::uint64_t block = inside / row_set(c).count;
  const std::uint64_t row = block / bank_sets(c);
  std::uint64_t channel = granule % channel_count(c);
  std::uint64_t set = block % bank_sets(c);
  if (c.channel_hash) channel ^= digits_folded(turn, log2(channel_count(c)));
  if (c.bank_hash) set ^= digits_folded(row, log2(bank_sets(c)));
  return {static_cast<std::uint32_t>(channel), static_cast<std::uint32_t>(set),
          static_cast<std::uint32_t>(unit % c.bank_groups),
          static_cast<std::uint32_t>(unit / c.bank_groups), static_cast<std::uint32_t>(row)};
}

inline std::uint64_t random_atom(const Config& c, std::mt19937_64& random) {
  return random() % (c.capacity / atom(c)) * atom(c).count;
}

inline void expect_in_range(const Config& c, const Location& at) {
  ASSERT_LT(at.channel, channel_count(c));
  ASSERT_LT(at.set, bank_sets(c));
  ASSERT_LT(at.group, c.bank_groups);
  ASSERT_LT(at.column, c.row / atom(c));
  ASSERT_LT(at.row, rows(c));
}

/// One pseudo-channel of 512 MiB with nothing folded.
inline Config single_channel() {
  Config c;
  c.stacks = 1;
  c.pseudo_channels = 1;
  c.stack_ids = 1;
  c.capacity = 512_MiB;
  c.interleave = 4_KiB;
  c.channel_hash = false;
  c.bank_hash = false;
  return c;
}

}  // namespace aipu::hbm
