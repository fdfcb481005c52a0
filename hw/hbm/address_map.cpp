// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/address_map.h"

#include <algorithm>

#include "hw/base/error.h"

namespace aipu::hbm {
namespace {

constexpr std::uint64_t kChannelBits =
    LocationWord::mask(LocationWord::kChannel, LocationWord::kBits);

std::uint32_t lowest_bit(std::uint64_t value) {
  return static_cast<std::uint32_t>(__builtin_ctzll(value));
}

}  // namespace

AddressMap::AddressMap(const Config& config)
    : atom_(lowest_bit(atom(config).count)),
      run_(lowest_bit(config.interleave.count)),
      channels_(channel_count(config)),
      turns_(!is_power_of_two(channels_)) {
  const AddressMatrix matrix = address_matrix(config);
  to_address_ = matrix.to_address;
  for (std::uint32_t t = 0; t < kTables; ++t) {
    for (std::uint32_t i = 1; i < tables_[t].size(); ++i) {
      const std::uint32_t bit = lowest_bit(i);
      tables_[t][i] = tables_[t][i & (i - 1)] ^ matrix.to_word[t * kIndexBits + bit];
    }
  }
  const auto* first = std::find_if(matrix.to_word.begin(), matrix.to_word.end(),
                                   [](std::uint64_t word) { return (word & kChannelBits) != 0; });
  if (first == matrix.to_word.end()) return;
  run_ = std::min(run_, atom_ + static_cast<std::uint32_t>(first - matrix.to_word.begin()));
}

std::uint64_t AddressMap::offset(const Location& at) const {
  using W = LocationWord;
  const std::uint64_t channel = turns_ ? 0 : at.channel;
  std::uint64_t word = std::uint64_t{at.row} << W::kRow | std::uint64_t{at.column} << W::kColumn |
                       std::uint64_t{at.group} << W::kGroup | std::uint64_t{at.set} << W::kSet |
                       channel << W::kChannel;
  std::uint64_t result = 0;
  for (; word != 0; word &= word - 1)
    result ^= to_address_[lowest_bit(word)];
  result <<= atom_;
  if (!turns_) return result;
  const std::uint64_t granule = (result >> run_) * channels_ + at.channel;
  return (granule << run_) + low(result, run_);
}

std::string address_map_fault(const Config& config) {
  try {
    address_matrix(config);
    return "";
  } catch (const ConfigError& error) {
    return error.what();
  }
}

}  // namespace aipu::hbm
