// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/profile/result.h"

namespace aipu::profile {

/// Who of one core worked when: time by every combination of queues that run, of whether any queue
/// has a command, and of the hart.
class OverlapClock {
 public:
  static constexpr unsigned kQueues = 5;
  static constexpr std::size_t kLongest = 4;  ///< hart-bound phases kept

  /// `function`: what the hart mostly did since it last waited; asked when a phase ends.
  explicit OverlapClock(std::function<std::string()> function) : function_(std::move(function)) {}

  void queue(unsigned queue, bool busy, bool has_command, std::uint64_t now);
  void hart(bool busy, std::uint64_t now);
  /// Up to `now`, which must not be before the last change.
  Overlap read(std::uint64_t now);
  const std::vector<Phase>& longest() const { return longest_; }

 private:
  static constexpr unsigned kWork = 1U << kQueues;  // any queue has a command
  static constexpr unsigned kHart = kWork << 1U;
  static bool hart_bound(unsigned mask) { return (mask & (kWork | kHart)) == kHart; }
  void enter(unsigned mask, std::uint64_t now);
  void end_phase(std::uint64_t now);

  std::function<std::string()> function_;
  std::array<std::uint64_t, std::size_t{kHart} << 1U> spent_{};
  unsigned mask_ = 0;
  unsigned with_commands_ = 0;  ///< bit of each queue
  std::uint64_t since_ = 0;
  std::uint64_t phase_begin_ = 0;
  std::vector<Phase> longest_;
};

}  // namespace aipu::profile
