// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "hw/hbm/command.h"

namespace aipu::memory {

/// Exact distribution of latencies in ticks: a counter for each value.
class Latencies {
 public:
  void add(hbm::Tick latency) {
    const auto at = static_cast<std::size_t>(latency);
    if (at < common_.size()) {
      ++common_[at];
    } else {
      ++rare_[latency];
    }
    sum_ += latency;
    ++count_;
  }

  std::uint64_t count() const { return count_; }
  /// Of none all are 0.
  double mean() const;
  hbm::Tick min() const { return ranked(0); }
  hbm::Tick max() const { return ranked(count_ - 1); }
  /// The value with `per_cent` of all below it: number floor(count x per_cent / 100) from 0 in
  /// ascending order, the last at most.
  hbm::Tick percentile(std::uint32_t per_cent) const { return ranked(count_ * per_cent / 100); }

  void merge(const Latencies& other);

 private:
  hbm::Tick ranked(std::uint64_t index) const;

  static constexpr std::size_t kCommon = 8192;  // ticks that have a counter in an array
  std::vector<std::uint64_t> common_ = std::vector<std::uint64_t>(kCommon, 0);
  std::map<hbm::Tick, std::uint64_t> rare_;
  hbm::Tick sum_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace aipu::memory
