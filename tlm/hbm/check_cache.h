// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "hw/hbm/command.h"

namespace aipu::hbm {

/// An access of check bits that comes with an access of data.
struct CheckAccess {
  std::uint64_t block = 0;
  Direction direction = kRead;
  bool awaited = false;  ///< by the request that caused it; else by nobody

  friend bool operator==(const CheckAccess& a, const CheckAccess& b) {
    return a.block == b.block && a.direction == b.direction && a.awaited == b.awaited;
  }
};

/// The check bits of inline ECC that a controller keeps: those of the blocks used last. Writes
/// change them there; they go to memory when their place is needed.
class CheckCache {
 public:
  explicit CheckCache(std::uint32_t blocks) : size_(blocks) {}

  /// Data of a block are read, or written, `whole` when all of them are. Appends the accesses of
  /// check bits that takes: a fetch of those that are not here, unless all are made anew, and the
  /// write of those that have to go.
  void touch(std::uint64_t block, Direction direction, bool whole,
             std::vector<CheckAccess>& accesses) {
    const auto here = std::find_if(lines_.begin(), lines_.end(),
                                   [block](const Line& line) { return line.block == block; });
    const bool write = direction == kWrite;
    if (here != lines_.end()) {
      here->changed = here->changed || write;
      std::rotate(lines_.begin(), here, here + 1);
      return;
    }
    if (!write || !whole) accesses.push_back({block, kRead, !write});
    lines_.insert(lines_.begin(), {block, write});
    if (lines_.size() <= size_) return;
    if (lines_.back().changed) accesses.push_back({lines_.back().block, kWrite, false});
    lines_.pop_back();
  }

 private:
  struct Line {
    std::uint64_t block = 0;
    bool changed = false;
  };
  std::size_t size_;
  std::vector<Line> lines_;  // the last used first
};

}  // namespace aipu::hbm
