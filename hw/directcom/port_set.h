// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace aipu::directcom {

/// A set of ports, one bit each, of up to 64 x Words ports.
template <unsigned Words>
class PortSet {
 public:
  static constexpr std::uint32_t kPorts = 64 * Words;

  PortSet() = default;
  /// The ports below `count`.
  static PortSet below(std::uint32_t count) {
    PortSet s;
    for (std::uint32_t word = 0; word < Words && count != 0; ++word) {
      const std::uint32_t bits = count < 64 ? count : 64;
      s.words_[word] = ~0ULL >> (64 - bits);
      count -= bits;
    }
    return s;
  }

  bool empty() const {
    std::uint64_t all = 0;
    for (const std::uint64_t word : words_)
      all |= word;
    return all == 0;
  }
  bool has(std::uint32_t port) const { return ((words_[port / 64] >> port % 64) & 1U) != 0; }
  void insert(std::uint32_t port) { words_[port / 64] |= 1ULL << port % 64; }
  void erase(std::uint32_t port) { words_[port / 64] &= ~(1ULL << port % 64); }
  void clear() { words_ = {}; }
  std::uint32_t count() const {
    int sum = 0;
    for (const std::uint64_t word : words_)
      sum += __builtin_popcountll(word);
    return static_cast<std::uint32_t>(sum);
  }

  /// First member at or after `start`, wrapping round; the set is not empty.
  std::uint32_t round_robin(std::uint32_t start) const {
    std::uint32_t word = start / 64;
    std::uint64_t bits = words_[word] & (~0ULL << start % 64);
    for (unsigned i = 0; bits == 0 && i < Words; ++i) {
      word = word + 1 == Words ? 0 : word + 1;
      bits = words_[word];
    }
    return word * 64 + static_cast<std::uint32_t>(__builtin_ctzll(bits));
  }

  /// The members that come before `last`, counting upwards from `first` and wrapping round; none
  /// when the two are equal.
  PortSet between(std::uint32_t first, std::uint32_t last) const {
    const PortSet low = below(first);
    const PortSet high = below(last);
    return first <= last ? *this & (high - low) : (*this - low) | (*this & high);
  }

  /// Calls `visit(port)` for every member, lowest first.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::uint32_t word = 0; word < Words; ++word) {
      for (std::uint64_t bits = words_[word]; bits != 0; bits &= bits - 1)
        visit(word * 64 + static_cast<std::uint32_t>(__builtin_ctzll(bits)));
    }
  }

  PortSet& operator&=(const PortSet& o) {
    for (unsigned i = 0; i < Words; ++i)
      words_[i] &= o.words_[i];
    return *this;
  }
  PortSet& operator|=(const PortSet& o) {
    for (unsigned i = 0; i < Words; ++i)
      words_[i] |= o.words_[i];
    return *this;
  }
  /// Takes the members of `o` away.
  PortSet& operator-=(const PortSet& o) {
    for (unsigned i = 0; i < Words; ++i)
      words_[i] &= ~o.words_[i];
    return *this;
  }
  friend PortSet operator&(PortSet a, const PortSet& b) { return a &= b; }
  friend PortSet operator|(PortSet a, const PortSet& b) { return a |= b; }
  friend PortSet operator-(PortSet a, const PortSet& b) { return a -= b; }
  friend bool operator==(const PortSet& a, const PortSet& b) { return a.words_ == b.words_; }

 private:
  std::array<std::uint64_t, Words> words_{};
};

}  // namespace aipu::directcom
