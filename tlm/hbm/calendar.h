// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace aipu::hbm {

/// The next wake-up of each of a fixed number of members, and the earliest of them: a tournament
/// tree.
class Calendar {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  explicit Calendar(std::uint32_t members) {
    while (leaves_ < members)
      leaves_ *= 2;
    times_.assign(leaves_, kNever);
    winners_.assign(leaves_, 0);
    for (std::uint32_t node = leaves_ - 1; node > 0; --node)
      play(node);
  }

  void set(std::uint32_t member, std::uint64_t time) {
    if (times_[member] == time) return;
    times_[member] = time;
    for (std::uint32_t node = (member + leaves_) / 2; node > 0; node /= 2)
      play(node);
  }
  /// Ties go to the lower number, so that order never depends on history.
  std::uint32_t first() const { return winners_[1]; }
  std::uint64_t earliest() const { return times_[first()]; }

 private:
  std::uint32_t winner(std::uint32_t node) const {
    return node >= leaves_ ? node - leaves_ : winners_[node];
  }
  void play(std::uint32_t node) {
    const std::uint32_t left = winner(2 * node);
    const std::uint32_t right = winner(2 * node + 1);
    winners_[node] = times_[right] < times_[left] ? right : left;
  }

  std::uint32_t leaves_ = 2;
  std::vector<std::uint64_t> times_;
  std::vector<std::uint32_t> winners_;
};

}  // namespace aipu::hbm
