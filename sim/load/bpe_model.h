// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/load/bpe.h"
#include "sim/load/json_file.h"

namespace aipu::load {

/// The `model` of a tokenizer.json, of type BPE: pieces, merges, and what unknown characters
/// become.
class BpeModel {
 public:
  using Vocab = std::unordered_map<std::string, TokenId>;
  static constexpr std::uint64_t kMostPieces = 1U << 22U;

  explicit BpeModel(const JsonObject& model);

  const Vocab& vocab() const { return vocab_; }

  /// Ids of one word, as the pre-tokenizer cut it.
  std::vector<TokenId> encode(const std::string& word) const;

 private:
  void read_vocab(const JsonObject& model);
  void read_merges(const JsonObject& model);
  bool append_bytes(std::string_view character, std::vector<TokenId>& symbols) const;

  std::string place_;
  Vocab vocab_;
  MergeTable merges_;
  std::optional<TokenId> unknown_;
  bool fuse_unknown_ = false;
  bool byte_fallback_ = false;
  bool ignore_merges_ = false;  // a word that is a piece stays whole
};

}  // namespace aipu::load
