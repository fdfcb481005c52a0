// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/base/assert.h"

namespace aipu::directcom {

/// Finds an index by a key of up to 31 bits: a hash table with linear probing, at most half full.
/// Allocates nothing once it has its size.
class IndexTable {
 public:
  static constexpr std::uint32_t kNone = ~0U;

  /// The index of a key, or kNone.
  std::uint32_t find(std::uint32_t key) const {
    for (std::size_t i = home(key); slots_[i].key != kNone; i = (i + 1) & mask())
      if (slots_[i].key == key) return slots_[i].index;
    return kNone;
  }
  /// The key is not in the table.
  void insert(std::uint32_t key, std::uint32_t index) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    place({key, index});
    ++count_;
  }
  /// The key is in the table. Later entries of its run move up, so that no gap hides them.
  void erase(std::uint32_t key) {
    std::size_t gap = home(key);
    while (slots_[gap].key != key) {
      AIPU_ASSERT(slots_[gap].key != kNone, "no entry of key {:#x}", key);
      gap = (gap + 1) & mask();
    }
    for (std::size_t i = (gap + 1) & mask(); slots_[i].key != kNone; i = (i + 1) & mask()) {
      // An entry may move to the gap unless its home lies behind it.
      if (((i - home(slots_[i].key)) & mask()) < ((i - gap) & mask())) continue;
      slots_[gap] = slots_[i];
      gap = i;
    }
    slots_[gap].key = kNone;
    --count_;
  }
  std::size_t size() const { return count_; }

 private:
  struct Slot {
    std::uint32_t key = kNone;
    std::uint32_t index = 0;
  };
  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t home(std::uint32_t key) const {
    constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;  // 2^64 / golden ratio
    return static_cast<std::size_t>(key * kGolden >> 32U) & mask();
  }
  void place(const Slot& slot) {
    std::size_t i = home(slot.key);
    while (slots_[i].key != kNone)
      i = (i + 1) & mask();
    slots_[i] = slot;
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old)
      if (slot.key != kNone) place(slot);
  }

  std::vector<Slot> slots_ = std::vector<Slot>(16);
  std::size_t count_ = 0;
};

}  // namespace aipu::directcom
