// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aipu::hbm {

/// The fields of a Location as address_map and address_xor name them.
enum class AddressField : std::uint8_t { kRow, kStackId, kBank, kChannel, kColumn, kGroup };
constexpr std::size_t kAddressFields = 6;
inline constexpr const char* kAddressFieldNames[kAddressFields] = {"row",     "sid",    "bank",
                                                                   "channel", "column", "group"};

/// Bits of each field, by AddressField.
using FieldWidths = std::array<std::uint32_t, kAddressFields>;

constexpr std::uint32_t width_of(const FieldWidths& widths, AddressField field) {
  return widths[static_cast<std::size_t>(field)];
}

/// "row4": one bit of a field.
struct AddressBit {
  AddressField field = AddressField::kRow;
  std::uint32_t index = 0;  ///< 0 is the lowest

  friend bool operator==(AddressBit a, AddressBit b) {
    return a.field == b.field && a.index == b.index;
  }
};

/// `target` is flipped by each of `sources`, as these stand in the address.
struct AddressFold {
  AddressBit target;
  std::vector<AddressBit> sources;
  std::string text;  ///< as it was written, for messages
};

/// "row:15 bank:2 column:5 group:2" from the highest bit down -> bits from the lowest up, each bit
/// of each field once. Throws a ConfigError that names the piece at fault.
std::vector<AddressBit> parse_address_map(const std::string& text, const FieldWidths& widths);

/// "bank0^row0^row4 group1^row1". Throws a ConfigError that names the piece at fault.
std::vector<AddressFold> parse_address_xor(const std::string& text, const FieldWidths& widths);

}  // namespace aipu::hbm
