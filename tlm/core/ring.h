// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace aipu {

/// First in, first out. Grows by doubling; allocates nothing once it has its size.
template <typename T>
class Ring {
 public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  T& front() { return slots_[first_]; }
  const T& front() const { return slots_[first_]; }
  /// The `place`-th from the front.
  T& at(std::size_t place) { return slots_[(first_ + place) & (slots_.size() - 1)]; }
  void push(const T& value) {
    if (count_ == slots_.size()) grow();
    at(count_++) = value;
  }
  T pop() {
    T value = slots_[first_];
    drop();
    return value;
  }
  /// Without a look at it.
  void drop() {
    first_ = (first_ + 1) & (slots_.size() - 1);
    --count_;
  }

 private:
  void grow() {
    std::vector<T> larger(slots_.empty() ? 8 : 2 * slots_.size());
    for (std::size_t i = 0; i < count_; ++i)
      larger[i] = at(i);
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> slots_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

}  // namespace aipu
