// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Numbers and bytes as the remote protocol writes them.
namespace aipu::debug {

std::optional<unsigned> hex_digit(char c);
/// Two digits.
std::string hex_byte(unsigned value);
std::string to_hex(const std::uint8_t* data, std::size_t bytes);
std::string to_hex(std::string_view text);
/// The bytes that pairs of digits stand for; nothing where it is something else.
std::optional<std::string> from_hex(std::string_view digits);

/// Takes a number of at least one digit from the front of `text`; nothing where there is none, or
/// where it has more than 64 bits.
std::optional<std::uint64_t> take_number(std::string_view& text);
/// Takes `mark` from the front of `text`, or leaves it alone and returns false.
bool take(std::string_view& text, std::string_view mark);

/// `bytes` bytes of a register, lowest first.
std::string register_hex(std::uint64_t value, unsigned bytes);
/// The reverse, of exactly `bytes` bytes.
std::optional<std::uint64_t> register_value(std::string_view digits, unsigned bytes);

}  // namespace aipu::debug
