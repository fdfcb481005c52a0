// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aipu::load {

/// Bytes of the well-formed character at the start of `text`; 0 when there is none.
std::size_t utf8_length(std::string_view text);

/// True when `text` could become a well-formed character by appending bytes.
bool utf8_incomplete(std::string_view text);

/// The encoding of a code point.
std::string utf8_encode(std::uint32_t code_point);

/// The code point of a well-formed character.
std::uint32_t utf8_decode(std::string_view character);

/// Turns a stream of bytes into a stream of whole characters: incomplete ones wait for their rest,
/// bytes that can never become a character come out as U+FFFD.
class Utf8Stream {
 public:
  std::string push(std::string_view bytes);
  std::string finish();  ///< what still waited

 private:
  std::string waiting_;
};

/// `bytes` as valid UTF-8.
std::string to_valid_utf8(std::string_view bytes);

}  // namespace aipu::load
