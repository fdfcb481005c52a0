// SPDX-License-Identifier: Apache-2.0
#include "sim/load/tokenizer.h"

#include <algorithm>
#include <filesystem>

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
