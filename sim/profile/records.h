// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/profile/result.h"

namespace aipu::profile {

/// Single commands, slices and marks of all cores, up to a limit together; what comes after is
/// dropped and counted.
class Records {
 public:
  explicit Records(std::uint64_t limit) : limit_(limit) {}

  /// Whether one more may be kept; else it counts as dropped at `now`.
  bool room(std::uint64_t now) {
    if (commands.size() + slices.size() + marks.size() < limit_) return true;
    if (dropped_++ == 0) dropped_from_ = now;
    return false;
  }
  std::uint64_t limit() const { return limit_; }
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t dropped_from() const { return dropped_from_; }

  std::vector<CommandRecord> commands;
  std::vector<SliceRecord> slices;
  std::vector<MarkRecord> marks;

 private:
  const std::uint64_t limit_;
  std::uint64_t dropped_ = 0, dropped_from_ = 0;
};

}  // namespace aipu::profile
