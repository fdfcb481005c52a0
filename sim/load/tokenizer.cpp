// SPDX-License-Identifier: Apache-2.0
#include "sim/load/tokenizer.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

#include "hw/base/error.h"

namespace aipu::load {

std::string Tokenizer::decode(const std::vector<TokenId>& ids) const {
  std::string text;
  std::optional<TokenId> previous;
  for (const TokenId id : ids) {
    text += token_bytes(id, previous);
    previous = id;
  }
  return text;
}

std::vector<TokenId> encode_for(const ModelConfig& config, const Tokenizer& tokenizer,
                                std::string_view text) {
  std::vector<TokenId> ids = tokenizer.encode(text);
  const auto check = [&](TokenId id) {
    if (id < config.vocab) return;
    throw ConfigError(config.name,
                      fmt::format("the tokenizer gives id {}, but vocab_size is {}: it belongs to "
                                  "another model",
                                  id, config.vocab));
  };
  std::for_each(tokenizer.prefix().begin(), tokenizer.prefix().end(), check);
  std::for_each(ids.begin(), ids.end(), check);
  return ids;
}

std::unique_ptr<Tokenizer> read_tokenizer(const std::string& directory) {
  const std::filesystem::path folder(directory);
  std::error_code ignored;
  if (std::filesystem::exists(folder / "tokenizer.json", ignored)) {
    return read_tokenizer_json((folder / "tokenizer.json").string());
  }
  if (std::filesystem::exists(folder / "vocab.json", ignored)) {
    return read_vocab_json((folder / "vocab.json").string());
  }
  throw IoError(directory, "holds neither tokenizer.json nor vocab.json");
}

}  // namespace aipu::load
