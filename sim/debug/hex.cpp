// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/hex.h"

namespace aipu::debug {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return std::nullopt;
}

std::string hex_byte(unsigned value) {
  constexpr char kDigits[] = "0123456789abcdef";
  return {kDigits[value >> 4U & 15U], kDigits[value & 15U]};
}

std::string to_hex(const std::uint8_t* data, std::size_t bytes) {
  std::string text;
  text.reserve(2 * bytes);
  for (std::size_t i = 0; i < bytes; ++i)
    text += hex_byte(data[i]);
  return text;
}

std::string to_hex(std::string_view text) {
  return to_hex(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

std::optional<std::string> from_hex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = hex_digit(digits[i]), low = hex_digit(digits[i + 1]);
    if (!high || !low) return std::nullopt;
    bytes += static_cast<char>(*high << 4U | *low);
  }
  return bytes;
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
  constexpr std::uint64_t kTop = ~std::uint64_t{0} >> 4U;
  std::uint64_t value = 0;
  std::size_t length = 0;
  for (; length < text.size(); ++length) {
    const auto digit = hex_digit(text[length]);
    if (!digit) break;
    if (value > kTop) return std::nullopt;
    value = value << 4U | *digit;
  }
  if (length == 0) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

bool take(std::string_view& text, std::string_view mark) {
  if (text.substr(0, mark.size()) != mark) return false;
  text.remove_prefix(mark.size());
  return true;
}

std::string register_hex(std::uint64_t value, unsigned bytes) {
  std::string text;
  for (unsigned i = 0; i < bytes; ++i)
    text += hex_byte(static_cast<unsigned>(value >> (8 * i) & 0xffU));
  return text;
}

std::optional<std::uint64_t> register_value(std::string_view digits, unsigned bytes) {
  const auto raw = from_hex(digits);
  if (!raw || raw->size() != bytes) return std::nullopt;
  std::uint64_t value = 0;
  for (unsigned i = bytes; i-- != 0;)
    value = value << 8U | static_cast<unsigned char>((*raw)[i]);
  return value;
}

}  // namespace aipu::debug
