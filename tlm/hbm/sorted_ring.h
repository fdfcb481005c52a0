// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace aipu::hbm {

/// A queue in order of `<`, equal ones in order of arrival. Meant for what arrives nearly in order:
/// an insertion costs as many steps as it overtakes. Allocates nothing once it has its size.
template <typename T>
class SortedRing {
 public:
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  const T& front() const { return slots_[first_]; }
  void push(const T& value) {
    if (count_ == slots_.size()) grow();
    std::size_t place = count_++;
    for (; place != 0 && value < at(place - 1); --place)
      at(place) = at(place - 1);
    at(place) = value;
  }
  T pop() {
    T value = slots_[first_];
    first_ = (first_ + 1) & (slots_.size() - 1);
    --count_;
    return value;
  }

 private:
  T& at(std::size_t place) { return slots_[(first_ + place) & (slots_.size() - 1)]; }
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

}  // namespace aipu::hbm
