// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/ecc.h"

#include "hw/hbm/address_map.h"

namespace aipu::hbm {
namespace {

constexpr std::uint64_t kParts = EccLayout::kBlock + 1;  // of a block and its check bits

std::uint64_t data_rows(const Config& config) {
  return rows(config) * EccLayout::kBlock / kParts;
}

/// Bytes of all banks of all pseudo-channels with the same row.
std::uint64_t one_row(const Config& config) {
  return row_set(config).count * bank_sets(config) * channel_count(config);
}

}  // namespace

Bytes data_capacity(const Config& config) {
  if (config.ecc == Ecc::kSideband) return config.capacity;
  return Bytes(data_rows(config) * one_row(config));
}

EccLayout::EccLayout(const Config& config)
    : groups_(config.bank_groups),
      sets_(bank_sets(config)),
      per_set_(row_set(config) / atom(config)),
      first_(data_rows(config) * sets_ * per_set_) {}

std::uint64_t EccLayout::block(const Location& data) const {
  const std::uint64_t in_set = data.column * groups_ + data.group;
  return ((data.row * sets_ + data.set) * per_set_ + in_set) / kBlock;
}

Location EccLayout::check_bits(std::uint32_t channel, std::uint64_t block) const {
  const std::uint64_t access = first_ + block;
  const std::uint64_t set = access / per_set_;
  const std::uint64_t in_set = access % per_set_;
  return {channel, static_cast<std::uint32_t>(set % sets_),
          static_cast<std::uint32_t>(in_set % groups_),
          static_cast<std::uint32_t>(in_set / groups_), static_cast<std::uint32_t>(set / sets_)};
}

std::string ecc_fault(const Config& config) {
  if (config.ecc == Ecc::kSideband) return {};
  if (!address_map_fault(config).empty()) return {};  // said elsewhere
  if (rows(config) < kParts) return "ecc: inline needs at least 9 rows a bank";
  // Data must be the addresses below a limit, and these the rows below a limit.
  const AddressMap map(config);
  const std::uint64_t unit = one_row(config);
  bool on_top = true;
  for (std::uint64_t below = 1; below < unit; below *= 2)
    on_top = on_top && map.locate(below).row == 0;
  for (std::uint64_t row = 1; row < rows(config); row *= 2)
    on_top = on_top && map.locate(row * unit).row == row;
  return on_top ? std::string()
                : "ecc: inline needs an address map with the row in the highest bits, unfolded";
}

}  // namespace aipu::hbm
