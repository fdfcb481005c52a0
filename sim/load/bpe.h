// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "sim/load/model_config.h"

namespace aipu::load {

/// Which neighbouring tokens join, and in which order: the lowest rank first, then the leftmost.
class MergeTable {
 public:
  void add(TokenId left, TokenId right, std::uint32_t rank, TokenId merged);

  /// Joins neighbours until no pair is in the table. O(n log n).
  std::vector<TokenId> merge(const std::vector<TokenId>& symbols) const;

 private:
  struct Merge {
    std::uint32_t rank;
    TokenId merged;
  };
  std::optional<Merge> find(TokenId left, TokenId right) const;

  std::unordered_map<std::uint64_t, Merge> merges_;
};

}  // namespace aipu::load
