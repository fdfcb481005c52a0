// SPDX-License-Identifier: Apache-2.0
#include "sim/load/byte_piece.h"

#include <fmt/format.h>

namespace aipu::load {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<char> byte_of_piece(std::string_view piece) {
  if (piece.size() != 6 || piece.substr(0, 3) != "<0x" || piece.back() != '>') return std::nullopt;
  const int high = hex_digit(piece[3]);
  const int low = hex_digit(piece[4]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

std::string piece_of_byte(char byte) {
  return fmt::format("<0x{:02X}>", static_cast<unsigned>(static_cast<unsigned char>(byte)));
}

}  // namespace aipu::load
