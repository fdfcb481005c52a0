// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/address_matrix.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include "hw/base/assert.h"
#include "hw/base/error.h"
#include "hw/hbm/address_keys.h"

namespace aipu::hbm {
namespace {

constexpr std::uint64_t kRowBits = LocationWord::mask(LocationWord::kRow, LocationWord::kColumn);

using Bits = std::vector<AddressBit>;  // from the lowest above the atom up
using Folds = std::vector<AddressFold>;

/// Bits that hold 0..count-1.
std::uint32_t bits_for(std::uint64_t count) {
  std::uint32_t bits = 0;
  while (bits < 63 && (1ULL << bits) < count)
    ++bits;
  return bits;
}

FieldWidths field_widths(const Config& c) {
  const std::uint64_t channels = is_power_of_two(channel_count(c)) ? channel_count(c) : 1;
  return {bits_for(rows(c)),  bits_for(c.stack_ids),     bits_for(c.banks),
          bits_for(channels), bits_for(c.row / atom(c)), bits_for(c.bank_groups)};
}

std::uint64_t word_of(AddressBit bit, const FieldWidths& widths) {
  using W = LocationWord;
  const std::array<std::uint32_t, kAddressFields> first{
      W::kRow,  W::kSet + width_of(widths, AddressField::kBank), W::kSet, W::kChannel, W::kColumn,
      W::kGroup};  // by AddressField
  return 1ULL << (first[static_cast<std::size_t>(bit.field)] + bit.index);
}

/// The map of `interleave`: bank group, column, bank, stack id, row, and the pseudo-channel above
/// the granule.
Bits default_bits(const Config& c, const FieldWidths& widths) {
  Bits bits;
  for (const AddressField field : {AddressField::kGroup, AddressField::kColumn, AddressField::kBank,
                                   AddressField::kStackId, AddressField::kRow}) {
    for (std::uint32_t i = 0; i < width_of(widths, field); ++i)
      bits.push_back({field, i});
  }
  Bits channel;
  for (std::uint32_t i = 0; i < width_of(widths, AddressField::kChannel); ++i)
    channel.push_back({AddressField::kChannel, i});
  const auto granule = static_cast<std::ptrdiff_t>(bits_for(c.interleave / atom(c)));
  bits.insert(bits.begin() + granule, channel.begin(), channel.end());
  return bits;
}

/// All digits of `sources` folded into `targets`, both from the lowest bit up.
void fold(Folds& folds, const Bits& targets, const Bits& sources, const char* key) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    AddressFold result{targets[i], {}, key};
    for (std::size_t k = i; k < sources.size(); k += targets.size())
      result.sources.push_back(sources[k]);
    folds.push_back(std::move(result));
  }
}

/// The two hashes: all address bits above the pseudo-channel into it, the row into the bank set.
Folds hashes(const Config& c, const Bits& bits) {
  const auto of = [&bits](AddressField field) {
    Bits result;
    std::copy_if(bits.begin(), bits.end(), std::back_inserter(result),
                 [field](AddressBit bit) { return bit.field == field; });
    // Pieces of a field may stand in any order, its bits count from the lowest.
    std::sort(result.begin(), result.end(),
              [](AddressBit a, AddressBit b) { return a.index < b.index; });
    return result;
  };
  Folds folds;
  const Bits channel = of(AddressField::kChannel);
  if (c.channel_hash && !channel.empty()) {
    const auto top = std::find_if(bits.rbegin(), bits.rend(), [](AddressBit bit) {
      return bit.field == AddressField::kChannel;
    });
    fold(folds, channel, Bits(top.base(), bits.end()), "channel_hash");
  }
  if (c.bank_hash) {
    Bits set = of(AddressField::kBank);
    const Bits stack_id = of(AddressField::kStackId);
    set.insert(set.end(), stack_id.begin(), stack_id.end());
    fold(folds, set, of(AddressField::kRow), "bank_hash");
  }
  return folds;
}

/// Gauss-Jordan over GF(2). False: some addresses share a Location.
bool invert(AddressMatrix& matrix) {
  struct Line {
    std::uint64_t word;
    std::uint64_t address;
  };
  std::vector<Line> lines;
  for (std::uint32_t k = 0; k < matrix.bits; ++k)
    lines.push_back({matrix.to_word[k], 1ULL << k});
  std::size_t done = 0;
  for (std::uint32_t bit = 0; bit < LocationWord::kBits; ++bit) {
    const auto pivot = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(done), lines.end(),
                                    [bit](const Line& l) { return (l.word >> bit) % 2 != 0; });
    if (pivot == lines.end()) continue;
    std::swap(lines[done], *pivot);
    const Line chosen = lines[done];
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i == done || (lines[i].word >> bit) % 2 == 0) continue;
      lines[i].word ^= chosen.word;
      lines[i].address ^= chosen.address;
    }
    ++done;
  }
  for (const Line& line : lines) {
    if (line.word == 0) return false;
    for (std::uint32_t bit = 0; bit < LocationWord::kBits; ++bit) {
      if (line.word == 1ULL << bit) matrix.to_address[bit] = line.address;
    }
  }
  return true;
}

/// The map with the first `count` folds, before its inverse is known.
AddressMatrix matrix_of(const Bits& bits, const Folds& folds, std::size_t count,
                        const FieldWidths& widths) {
  AddressMatrix matrix;
  matrix.bits = static_cast<std::uint32_t>(bits.size());
  for (std::size_t k = 0; k < bits.size(); ++k)
    matrix.to_word[k] = word_of(bits[k], widths);
  for (std::size_t f = 0; f < count; ++f) {
    for (const AddressBit source : folds[f].sources) {
      const auto k = std::find(bits.begin(), bits.end(), source) - bits.begin();
      matrix.to_word[static_cast<std::size_t>(k)] ^= word_of(folds[f].target, widths);
    }
  }
  return matrix;
}

/// Without a power of two of rows, only rows that are the untouched top of the address end where
/// the memory does.
void check_rows(const Config& c, const AddressMatrix& matrix, const FieldWidths& widths) {
  if (is_power_of_two(rows(c))) return;
  const std::uint32_t first = matrix.bits - width_of(widths, AddressField::kRow);
  for (std::uint32_t k = 0; k < matrix.bits; ++k) {
    const std::uint64_t expected = k < first ? 0 : 1ULL << (LocationWord::kRow + k - first);
    if ((matrix.to_word[k] & kRowBits) == expected) continue;
    throw ConfigError("",
                      fmt::format("{}: a bank has {} rows, not a power of two: row must come "
                                  "first in address_map and not be flipped by address_xor",
                                  c.address_map.empty() ? "address_xor" : "address_map", rows(c)));
  }
}

}  // namespace

AddressMatrix address_matrix(const Config& config) {
  AIPU_ASSERT(config.interleave >= atom(config) && config.interleave <= row_set(config),
              "hbm: the geometry has not been checked");
  const FieldWidths widths = field_widths(config);
  if (rows(config) > std::numeric_limits<std::uint32_t>::max()) {
    throw ConfigError(
        "", fmt::format("capacity: leaves {} rows to a bank; valid: below 2^32", rows(config)));
  }
  const bool turns = !is_power_of_two(channel_count(config));
  if (turns && !config.address_map.empty()) {
    throw ConfigError("", fmt::format("address_map: '{}': needs a power of two of pseudo-channels, "
                                      "not {}; without, leave it empty",
                                      config.address_map, channel_count(config)));
  }
  const Bits bits = config.address_map.empty() ? default_bits(config, widths)
                                               : parse_address_map(config.address_map, widths);
  const Folds folds = config.address_xor.empty() ? hashes(config, bits)
                                                 : parse_address_xor(config.address_xor, widths);
  AIPU_ASSERT(bits.size() <= AddressMatrix::kMaxBits, "hbm: {} address bits", bits.size());
  AddressMatrix matrix = matrix_of(bits, folds, folds.size(), widths);
  if (!invert(matrix)) {
    std::size_t count = 1;
    for (; count < folds.size(); ++count) {
      AddressMatrix part = matrix_of(bits, folds, count, widths);
      if (!invert(part)) break;
    }
    throw ConfigError("", fmt::format("address_xor: '{}': two addresses would share a location, as "
                                      "these bits flip each other in a circle",
                                      folds[count - 1].text));
  }
  check_rows(config, matrix, widths);
  return matrix;
}

}  // namespace aipu::hbm
