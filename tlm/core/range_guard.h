// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tlm/core/command_tag.h"

namespace aipu {

/// The SRAM ranges that running commands of one core read or write. Catches the classic race of
/// firmware: overwriting a tile that another engine still reads, or reading one still being
/// written. Commands register dense ranges when they begin and release them when they complete.
class RangeGuard {
 public:
  struct Range {
    std::uint32_t begin = 0;  ///< SRAM offset
    std::uint32_t end = 0;    ///< one past the last byte
    bool write = false;
    const void* user = nullptr;
    const CommandTag* command = nullptr;  ///< of the user, for reports
  };

  /// Registers the range, or returns the running one that it conflicts with (either side writes).
  std::optional<Range> claim(const Range& range) {
    for (const Range& other : active_) {
      const bool meet = range.begin < other.end && other.begin < range.end;
      if (meet && (range.write || other.write) && other.user != range.user) return other;
    }
    active_.push_back(range);
    return std::nullopt;
  }

  /// Forgets every range of this user (a command slot).
  void release(const void* user) {
    for (std::size_t i = 0; i < active_.size();) {
      if (active_[i].user == user) {
        active_[i] = active_.back();
        active_.pop_back();
      } else {
        ++i;
      }
    }
  }

 private:
  std::vector<Range> active_;
};

}  // namespace aipu
