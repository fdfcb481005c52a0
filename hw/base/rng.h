// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace aipu {

/// A well mixed word for each x (SplitMix64).
inline std::uint64_t split_mix(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ x >> 30U) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ x >> 27U) * 0x94D049BB133111EBULL;
  return x ^ x >> 31U;
}

/// Random numbers of one user (xoshiro256**): the same seed and path give the same numbers,
/// whatever others draw.
class Rng {
 public:
  Rng(std::uint64_t seed, std::string_view path) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;  // FNV-1a
    for (const char c : path)
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    std::uint64_t state = split_mix(seed) ^ hash;
    for (std::uint64_t& word : state_)
      word = split_mix(state++);
  }

  std::uint64_t next() {
    const std::uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }
  /// A number of 0..n-1, all equally likely.
  std::uint32_t below(std::uint32_t n) {
    const std::uint64_t rejected = (1ULL << 32U) % n;  // draws that would make some likelier
    std::uint64_t product = 0;
    do {
      product = (next() >> 32U) * n;
    } while ((product & 0xFFFF'FFFFULL) < rejected);
    return static_cast<std::uint32_t>(product >> 32U);
  }
  /// A number of (0, 1].
  double unit() { return static_cast<double>((next() >> 11U) + 1) * 0x1p-53; }

 private:
  static std::uint64_t rotate(std::uint64_t x, unsigned by) { return x << by | x >> (64U - by); }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace aipu
