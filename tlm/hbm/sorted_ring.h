// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include "tlm/core/ring.h"

namespace aipu::hbm {

/// A queue in order of `<`, equal ones in order of arrival. Meant for what arrives nearly in order:
/// an insertion costs as many steps as it overtakes. Allocates nothing once it has its size.
template <typename T>
class SortedRing {
 public:
  bool empty() const { return ring_.empty(); }
  std::size_t size() const { return ring_.size(); }
  const T& front() const { return ring_.front(); }
  void push(const T& value) {
    ring_.push(value);
    for (std::size_t place = ring_.size() - 1; place != 0 && value < ring_.at(place - 1); --place)
      std::swap(ring_.at(place), ring_.at(place - 1));
  }
  T pop() { return ring_.pop(); }

 private:
  Ring<T> ring_;
};

}  // namespace aipu::hbm
