// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/address_keys.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <iterator>
#include <optional>
#include <utility>

#include "hw/base/error.h"
#include "hw/base/nearest.h"

namespace aipu::hbm {
namespace {

constexpr const char* kMapKey = "address_map";
constexpr const char* kXorKey = "address_xor";

[[noreturn]] void fail(const char* key, const std::string& piece, const std::string& message) {
  throw ConfigError("", fmt::format("{}: '{}': {}", key, piece, message));
}

/// The parts between separators, without empty ones.
std::vector<std::string> split(const std::string& text, const char* separators) {
  std::vector<std::string> parts;
  std::size_t end = 0;
  for (auto begin = text.find_first_not_of(separators); begin != std::string::npos;
       begin = text.find_first_not_of(separators, end)) {
    end = std::min(text.find_first_of(separators, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
  }
  return parts;
}

std::vector<std::string> words(const std::string& text) {
  return split(text, " \t\r\n");
}

std::optional<std::uint32_t> number(const std::string& text) {
  std::uint32_t value = 0;
  const char* last = text.data() + text.size();
  const auto result = std::from_chars(text.data(), last, value);
  if (text.empty() || result.ec != std::errc() || result.ptr != last) return std::nullopt;
  return value;
}

/// "row:15 bank:2": the fields that have bits.
std::string needed(const FieldWidths& widths) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < kAddressFields; ++i) {
    if (widths[i] != 0) parts.push_back(fmt::format("{}:{}", kAddressFieldNames[i], widths[i]));
  }
  return fmt::format("{}", fmt::join(parts, " "));
}

AddressField field_named(const char* key, const std::string& piece, const std::string& name,
                         const FieldWidths& widths) {
  const auto* const begin = std::begin(kAddressFieldNames);
  const auto* const end = std::end(kAddressFieldNames);
  const auto* const found = std::find(begin, end, name);
  if (found == end) {
    const std::vector<std::string> known(begin, end);
    fail(key, piece, fmt::format("no field '{}'{}", name, suggestion(name, known)));
  }
  const auto field = static_cast<AddressField>(found - begin);
  if (width_of(widths, field) == 0) {
    fail(key, piece, fmt::format("{} has no bits; those of this memory: {}", name, needed(widths)));
  }
  return field;
}

AddressBit parse_bit(const std::string& piece, const std::string& text, const FieldWidths& widths) {
  const auto digits = std::min(text.find_first_of("0123456789"), text.size());
  const std::string name = text.substr(0, digits);
  const AddressField field = field_named(kXorKey, piece, name, widths);
  const auto index = number(text.substr(digits));
  const std::uint32_t width = width_of(widths, field);
  if (!index || *index >= width) {
    fail(kXorKey, piece,
         fmt::format("'{}' is no bit; those of {}: {}0..{}{}", text, name, name, name, width - 1));
  }
  return {field, *index};
}

AddressFold parse_fold(const std::string& piece, const FieldWidths& widths) {
  const std::vector<std::string> names = split(piece, "^");
  const auto carets = std::count(piece.begin(), piece.end(), '^');
  if (names.size() < 2 || static_cast<std::size_t>(carets) != names.size() - 1) {
    fail(kXorKey, piece, "takes a bit and those that flip it, such as bank0^row0^row4");
  }
  std::vector<AddressBit> bits;
  for (const std::string& name : names) {
    const AddressBit bit = parse_bit(piece, name, widths);
    if (std::find(bits.begin(), bits.end(), bit) != bits.end()) {
      fail(kXorKey, piece, fmt::format("{} is given twice", name));
    }
    bits.push_back(bit);
  }
  return {bits.front(), {bits.begin() + 1, bits.end()}, piece};
}

}  // namespace

std::vector<AddressBit> parse_address_map(const std::string& text, const FieldWidths& widths) {
  std::vector<AddressBit> bits;
  FieldWidths left = widths;
  for (const std::string& piece : words(text)) {
    const auto colon = std::min(piece.find(':'), piece.size());
    const std::string name = piece.substr(0, colon);
    const AddressField field = field_named(kMapKey, piece, name, widths);
    const auto width = number(piece.substr(std::min(colon + 1, piece.size())));
    if (!width || *width == 0) {
      fail(kMapKey, piece, fmt::format("takes a field and its bits, such as {}:1", name));
    }
    std::uint32_t& rest = left[static_cast<std::size_t>(field)];
    if (*width > rest) {
      fail(kMapKey, piece,
           fmt::format("too many bits of {}; those of this memory: {}", name, needed(widths)));
    }
    for (std::uint32_t i = 0; i < *width; ++i)
      bits.push_back({field, --rest});
  }
  if (std::any_of(left.begin(), left.end(), [](std::uint32_t rest) { return rest != 0; })) {
    fail(kMapKey, text,
         fmt::format("{} missing; the bits of this memory: {}", needed(left), needed(widths)));
  }
  std::reverse(bits.begin(), bits.end());
  return bits;
}

std::vector<AddressFold> parse_address_xor(const std::string& text, const FieldWidths& widths) {
  std::vector<AddressFold> folds;
  for (const std::string& piece : words(text)) {
    AddressFold fold = parse_fold(piece, widths);
    const auto same = std::find_if(folds.begin(), folds.end(), [&](const AddressFold& other) {
      return other.target == fold.target;
    });
    if (same != folds.end()) {
      fail(kXorKey, piece, fmt::format("its first bit is that of '{}'; join the two", same->text));
    }
    folds.push_back(std::move(fold));
  }
  return folds;
}

}  // namespace aipu::hbm
