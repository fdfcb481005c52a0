// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <unordered_map>

#include "sim/load/tokenizer_steps.h"
#include "sim/load/utf8.h"

namespace aipu::load {

namespace {

// Bytes that print in Latin-1 stand for themselves, the others for 256, 257, ... in byte order.
constexpr bool prints(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

std::array<std::string, 256> make_symbols() {
  std::array<std::string, 256> symbols;
  std::uint32_t next = 256;
  for (unsigned byte = 0; byte < symbols.size(); ++byte) {
    symbols.at(byte) = utf8_encode(prints(byte) ? byte : next++);
  }
  return symbols;
}

const std::array<std::string, 256>& symbols() {
  static const std::array<std::string, 256> table = make_symbols();
  return table;
}

const std::unordered_map<std::string, char>& bytes() {
  static const std::unordered_map<std::string, char> table = [] {
    std::unordered_map<std::string, char> inverse;
    for (unsigned byte = 0; byte < 256; ++byte) {
      inverse.emplace(symbols().at(byte), static_cast<char>(byte));
    }
    return inverse;
  }();
  return table;
}

}  // namespace

const std::string& byte_symbol(unsigned char byte) {
  return symbols().at(byte);
}

std::string bytes_of_symbols(std::string_view piece) {
  std::string out;
  for (std::string_view rest = piece; !rest.empty();) {
    const std::size_t length = utf8_length(rest);
    const auto found = bytes().find(std::string(rest.substr(0, length)));
    if (length == 0 || found == bytes().end()) return std::string(piece);
    out += found->second;
    rest.remove_prefix(length);
  }
  return out;
}

}  // namespace aipu::load
