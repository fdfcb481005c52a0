// SPDX-License-Identifier: Apache-2.0
#include "sim/load/bpe.h"

#include <queue>
#include <tuple>

namespace aipu::load {

namespace {

std::uint64_t key_of(TokenId left, TokenId right) {
  return (std::uint64_t{left} << 32U) | right;
}

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

// A symbol of the word; symbols that were joined to their left neighbour are unlinked.
struct Symbol {
  TokenId id;
  std::size_t previous;
  std::size_t next;
  bool alive;
};

// A pair that may join. It is stale when either of its symbols has changed since.
struct Candidate {
  std::uint32_t rank;
  std::size_t left;
  TokenId left_id;
  TokenId right_id;
  TokenId merged;

  bool operator>(const Candidate& other) const {
    return std::tie(rank, left) > std::tie(other.rank, other.left);
  }
};

}  // namespace

void MergeTable::add(TokenId left, TokenId right, std::uint32_t rank, TokenId merged) {
  merges_[key_of(left, right)] = {rank, merged};
}

std::optional<MergeTable::Merge> MergeTable::find(TokenId left, TokenId right) const {
  const auto found = merges_.find(key_of(left, right));
  if (found == merges_.end()) return std::nullopt;
  return found->second;
}

std::vector<TokenId> MergeTable::merge(const std::vector<TokenId>& symbols) const {
  std::vector<Symbol> list;
  list.reserve(symbols.size());
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    list.push_back(
        {symbols[i], i == 0 ? kNone : i - 1, i + 1 < symbols.size() ? i + 1 : kNone, true});
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto offer = [&](std::size_t left) {
    if (left == kNone || list[left].next == kNone) return;
    const TokenId right_id = list[list[left].next].id;
    if (const auto found = find(list[left].id, right_id)) {
      queue.push({found->rank, left, list[left].id, right_id, found->merged});
    }
  };
  for (std::size_t i = 0; i < list.size(); ++i)
    offer(i);

  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    Symbol& left = list[best.left];
    if (!left.alive || left.next == kNone || left.id != best.left_id ||
        list[left.next].id != best.right_id) {
      continue;
    }
    Symbol& right = list[left.next];
    left.id = best.merged;
    left.next = right.next;
    right.alive = false;
    if (left.next != kNone) list[left.next].previous = best.left;
    offer(left.previous);
    offer(best.left);
  }

  std::vector<TokenId> ids;
  for (const Symbol& symbol : list) {
    if (symbol.alive) ids.push_back(symbol.id);
  }
  return ids;
}

}  // namespace aipu::load
