// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/load/json_file.h"

namespace aipu::load {

// The parts of a Hugging Face tokenizer.json around its BPE model. Each `read_` function takes the
// object that holds the part's key, and refuses by name what it does not know.

/// A stretch of text on its way to the model; `opens` marks the one at offset 0 of the input.
struct Stretch {
  std::string text;
  bool opens = false;
};

using Normalizer = std::function<std::string(std::string)>;
using PreTokenizer = std::function<std::vector<Stretch>(std::vector<Stretch>)>;

/// Key `normalizer`: Sequence, Prepend, Replace, or null.
Normalizer read_normalizer(const JsonObject& tokenizer);

/// Key `pre_tokenizer`: Sequence, Split, ByteLevel, Metaspace, or null.
PreTokenizer read_pre_tokenizer(const JsonObject& tokenizer);

/// How pieces become bytes again.
struct Decoder {
  bool byte_level = false;
  bool byte_fallback = false;
  bool drop_first_space = false;  ///< of the piece that opens the text
  std::vector<std::pair<std::string, std::string>> replacements;

  /// Bytes of one piece, before any space is dropped.
  std::string bytes_of(std::string piece) const;
};

/// Key `decoder`: Sequence, Replace, ByteFallback, Fuse, Strip, ByteLevel or Metaspace.
Decoder read_decoder(const JsonObject& tokenizer);

/// Names of the tokens that `post_processor` (TemplateProcessing, ByteLevel, Sequence, or null)
/// puts in front of every text; tokens after it are refused.
std::vector<std::string> read_opening_tokens(const JsonObject& tokenizer);

/// Replaces every occurrence of `from`, which is not empty.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

/// The printable character that byte-level vocabularies write for a byte, in UTF-8.
const std::string& byte_symbol(unsigned char byte);

/// Bytes of a byte-level piece; a piece with any other character stands for itself.
std::string bytes_of_symbols(std::string_view piece);

/// A part of an unsupported kind: ConfigError naming it and the supported ones.
[[noreturn]] void refuse_type(const JsonObject& part, const std::string& supported);

}  // namespace aipu::load
