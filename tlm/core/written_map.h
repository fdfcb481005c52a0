// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace aipu {

/// Which words of a memory anybody has written since time zero: a bit for every 4 bytes, so a word
/// counts as written when one of its bytes is.
class WrittenMap {
 public:
  explicit WrittenMap(std::uint64_t bytes) : bits_((bytes + kSpan - 1) / kSpan) {}

  /// The bytes [begin, end) are written.
  void mark(std::uint64_t begin, std::uint64_t end) {
    for_each(begin, end, [&](std::uint64_t index, std::uint64_t mask) {
      bits_[index] |= mask;
      return true;
    });
  }

  /// The first byte of [begin, end) that nobody wrote.
  std::optional<std::uint64_t> first_unwritten(std::uint64_t begin, std::uint64_t end) const {
    std::optional<std::uint64_t> found;
    for_each(begin, end, [&](std::uint64_t index, std::uint64_t mask) {
      const std::uint64_t missing = mask & ~bits_[index];
      if (missing == 0) return true;
      const auto bit = static_cast<std::uint64_t>(__builtin_ctzll(missing));
      found = std::max(begin, index * kSpan + bit * kWord);
      return false;
    });
    return found;
  }

 private:
  static constexpr std::uint64_t kWord = 4;           // bytes of a bit
  static constexpr std::uint64_t kSpan = 64 * kWord;  // bytes of an entry

  /// Calls visit(entry, its bits) until it returns false.
  template <typename Visit>
  static void for_each(std::uint64_t begin, std::uint64_t end, Visit visit) {
    if (begin >= end) return;
    const std::uint64_t first = begin / kWord, last = (end - 1) / kWord;  // bits, both included
    for (std::uint64_t index = first / 64; index <= last / 64; ++index) {
      std::uint64_t mask = ~std::uint64_t{0};
      if (index == first / 64) mask &= ~std::uint64_t{0} << first % 64;
      if (index == last / 64) mask &= ~std::uint64_t{0} >> (63 - last % 64);
      if (!visit(index, mask)) return;
    }
  }

  std::vector<std::uint64_t> bits_;
};

}  // namespace aipu
