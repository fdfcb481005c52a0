// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace aipu {

/// What is to happen, earliest first; what is to happen at one time, in order of arrival.
template <typename T>
class TimeQueue {
 public:
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  bool empty() const { return heap_.empty(); }
  /// Time of the first; kNever when empty.
  std::uint64_t next() const { return heap_.empty() ? kNever : heap_.front().time; }
  void push(std::uint64_t time, const T& what) {
    heap_.push_back({time, order_++, what});
    std::push_heap(heap_.begin(), heap_.end());
  }
  T pop() {
    std::pop_heap(heap_.begin(), heap_.end());
    const T what = heap_.back().what;
    heap_.pop_back();
    return what;
  }
  void reserve(std::size_t count) { heap_.reserve(count); }

 private:
  struct Item {
    std::uint64_t time;
    std::uint64_t order;
    T what;
    bool operator<(const Item& o) const {  // the earliest on top of the standard heap
      return time != o.time ? time > o.time : order > o.order;
    }
  };
  std::vector<Item> heap_;
  std::uint64_t order_ = 0;
};

}  // namespace aipu
