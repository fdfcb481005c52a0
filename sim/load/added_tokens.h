// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/load/model_config.h"

namespace aipu::load {

/// Tokens that are found in the text as they are written, before the model sees it.
class AddedTokens {
 public:
  /// A stretch of text, or the token that stood there.
  struct Part {
    std::string_view text;
    std::optional<TokenId> token;
  };

  void add(const std::string& content, TokenId id);

  /// Cuts out the tokens: leftmost first, the longest where several begin.
  std::vector<Part> split(std::string_view text) const;

 private:
  using Token = std::pair<std::string, TokenId>;
  const Token* longest_at(std::string_view text) const;

  std::array<std::vector<Token>, 256> by_first_byte_;  // longest first
};

}  // namespace aipu::load
