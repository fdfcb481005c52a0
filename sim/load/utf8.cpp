// SPDX-License-Identifier: Apache-2.0
#include "sim/load/utf8.h"

namespace aipu::load {

namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

// What a lead byte announces: length, and the range of the second byte that keeps the encoding
// shortest and out of the surrogates (Unicode standard, table 3-7).
struct Lead {
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Lead lead_of(unsigned char c) {
  if (c < 0x80) return {1, 0x80, 0xBF};
  if (c >= 0xC2 && c <= 0xDF) return {2, 0x80, 0xBF};
  if (c == 0xE0) return {3, 0xA0, 0xBF};
  if (c == 0xED) return {3, 0x80, 0x9F};
  if (c >= 0xE1 && c <= 0xEF) return {3, 0x80, 0xBF};
  if (c == 0xF0) return {4, 0x90, 0xBF};
  if (c >= 0xF1 && c <= 0xF3) return {4, 0x80, 0xBF};
  if (c == 0xF4) return {4, 0x80, 0x8F};
  return {};
}

struct Scan {
  std::size_t good = 0;    // bytes that fit a well-formed character
  std::size_t length = 0;  // its full length, 0 when the first byte cannot start one
};

Scan scan(std::string_view text) {
  if (text.empty()) return {};
  const Lead lead = lead_of(static_cast<unsigned char>(text[0]));
  if (lead.length == 0) return {};
  Scan result{1, lead.length};
  while (result.good < lead.length && result.good < text.size()) {
    const auto c = static_cast<unsigned char>(text[result.good]);
    const unsigned char low = result.good == 1 ? lead.low : 0x80;
    const unsigned char high = result.good == 1 ? lead.high : 0xBF;
    if (c < low || c > high) break;
    ++result.good;
  }
  return result;
}

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const Scan s = scan(text);
  return s.good == s.length ? s.length : 0;
}

bool utf8_incomplete(std::string_view text) {
  const Scan s = scan(text);
  return s.length != 0 && s.good == text.size() && s.good < s.length;
}

std::string utf8_encode(std::uint32_t code_point) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  const auto tail = [&](unsigned shift) { return byte(0x80U | ((code_point >> shift) & 0x3FU)); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xC0U | (code_point >> 6U)), tail(0)};
  if (code_point < 0x10000) return {byte(0xE0U | (code_point >> 12U)), tail(6), tail(0)};
  return {byte(0xF0U | (code_point >> 18U)), tail(12), tail(6), tail(0)};
}

std::uint32_t utf8_decode(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead;
  std::uint32_t code = lead & (0xFFU >> (character.size() + 1));
  for (const char c : character.substr(1)) {
    code = (code << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return code;
}

std::string Utf8Stream::push(std::string_view bytes) {
  waiting_ += bytes;
  std::string out;
  std::string_view rest = waiting_;
  while (!rest.empty() && !utf8_incomplete(rest)) {
    const Scan s = scan(rest);
    if (s.length != 0 && s.good == s.length) {
      out += rest.substr(0, s.length);
      rest.remove_prefix(s.length);
    } else {  // one mark for each longest run that began well
      out += kReplacement;
      rest.remove_prefix(s.good == 0 ? 1 : s.good);
    }
  }
  waiting_ = std::string(rest);
  return out;
}

std::string Utf8Stream::finish() {
  const std::string out = waiting_.empty() ? "" : kReplacement;
  waiting_.clear();
  return out;
}

std::string to_valid_utf8(std::string_view bytes) {
  Utf8Stream stream;
  const std::string text = stream.push(bytes);
  return text + stream.finish();
}

}  // namespace aipu::load
