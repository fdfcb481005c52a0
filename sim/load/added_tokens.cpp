// SPDX-License-Identifier: Apache-2.0
#include "sim/load/added_tokens.h"

#include <algorithm>

namespace aipu::load {

void AddedTokens::add(const std::string& content, TokenId id) {
  if (content.empty()) return;
  auto& bucket = by_first_byte_.at(static_cast<unsigned char>(content.front()));
  const auto place = std::find_if(bucket.begin(), bucket.end(), [&](const Token& other) {
    return other.first.size() < content.size();
  });
  bucket.emplace(place, content, id);
}

const AddedTokens::Token* AddedTokens::longest_at(std::string_view text) const {
  for (const Token& token : by_first_byte_.at(static_cast<unsigned char>(text.front()))) {
    if (text.substr(0, token.first.size()) == token.first) return &token;
  }
  return nullptr;
}

std::vector<AddedTokens::Part> AddedTokens::split(std::string_view text) const {
  std::vector<Part> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Token* token = longest_at(text.substr(at));
    if (token == nullptr) {
      ++at;
      continue;
    }
    if (at > begin) parts.push_back({text.substr(begin, at - begin), std::nullopt});
    parts.push_back({text.substr(at, token->first.size()), token->second});
    at += token->first.size();
    begin = at;
  }
  if (begin < text.size()) parts.push_back({text.substr(begin), std::nullopt});
  return parts;
}

}  // namespace aipu::load
