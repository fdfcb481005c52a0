// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/load/model_config.h"

namespace aipu::load {

/// Text to token ids and back. Immutable once read.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Ids of the text, without prefix(). Invalid UTF-8 is taken byte by byte.
  virtual std::vector<TokenId> encode(std::string_view text) const = 0;

  /// Bytes that this token adds after `previous` (nothing, or a BOS: it opens the text). One token
  /// may hold part of a character: pass the bytes through Utf8Stream before showing them.
  /// Control tokens add nothing.
  virtual std::string token_bytes(TokenId id, std::optional<TokenId> previous) const = 0;

  /// Number of ids, control tokens included; valid ids are below it.
  virtual TokenId size() const = 0;

  /// Control tokens that open every prompt: usually one BOS, possibly none.
  virtual const std::vector<TokenId>& prefix() const = 0;

  virtual std::optional<TokenId> bos() const = 0;
  virtual std::optional<TokenId> eos() const = 0;

  /// Bytes of a whole sequence that opens the text (with or without its BOS).
  std::string decode(const std::vector<TokenId>& ids) const;
};

/// encode() for a model: ConfigError when an id lies outside the model's vocabulary, i.e. when the
/// tokenizer belongs to another model.
std::vector<TokenId> encode_for(const ModelConfig& config, const Tokenizer& tokenizer,
                                std::string_view text);

/// Reads `tokenizer.json` (Hugging Face BPE) or else `vocab.json` (type "sentencepiece-bpe") of a
/// model directory. A part of it that is not supported is refused by name.
std::unique_ptr<Tokenizer> read_tokenizer(const std::string& directory);

std::unique_ptr<Tokenizer> read_vocab_json(const std::string& path);      ///< one file of that kind
std::unique_ptr<Tokenizer> read_tokenizer_json(const std::string& path);  ///< one file of that kind

}  // namespace aipu::load
