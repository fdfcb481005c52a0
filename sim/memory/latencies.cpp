// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/latencies.h"

#include <algorithm>

namespace aipu::memory {

double Latencies::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

hbm::Tick Latencies::ranked(std::uint64_t index) const {
  if (count_ == 0) return 0;
  index = std::min(index, count_ - 1);
  std::uint64_t below = 0;
  for (std::size_t value = 0; value < common_.size(); ++value) {
    below += common_[value];
    if (below > index) return static_cast<hbm::Tick>(value);
  }
  for (const auto& [value, count] : rare_) {
    below += count;
    if (below > index) return value;
  }
  return 0;
}

void Latencies::merge(const Latencies& other) {
  for (std::size_t value = 0; value < common_.size(); ++value)
    common_[value] += other.common_[value];
  for (const auto& [value, count] : other.rare_)
    rare_[value] += count;
  sum_ += other.sum_;
  count_ += other.count_;
}

}  // namespace aipu::memory
