// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "hw/directcom/config.h"

namespace aipu::directcom {

/// 16-bit Galois LFSR, x^16 + x^14 + x^13 + x^11 + 1 (mask 0xB400), period 65535; never zero.
class Lfsr {
 public:
  explicit Lfsr(std::uint32_t seed) : state_((seed & 0xFFFFU) != 0 ? seed & 0xFFFFU : 1U) {}

  /// The state after one step.
  std::uint32_t step() {
    state_ = (state_ >> 1U) ^ ((state_ & 1U) != 0 ? 0xB400U : 0U);
    return state_;
  }
  /// A number below `n` (n <= 256): the state times n, upper 16 bits.
  std::uint32_t below(std::uint32_t n) { return (step() * n) >> 16U; }

 private:
  std::uint32_t state_;
};

/// Chooses the plane of each packet. The load of a plane is the flits of the packet's class that
/// were assigned to it and not yet credited back. Adaptive: the least loaded of two random planes
/// and the last choice of that class; ties go to the first drawn.
class PlaneChooser {
 public:
  PlaneChooser(PlaneChoice choice, std::uint32_t planes, std::uint32_t seed)
      : choice_(choice), planes_(planes), lfsr_(seed), last_best_(kClasses, 0) {}

  /// `load[p]`: of plane p for this class.
  std::uint32_t choose(const std::uint32_t* load, std::uint32_t traffic_class,
                       std::uint32_t destination) {
    switch (choice_) {
      case PlaneChoice::kRoundRobin:
        return next_ = next_ + 1 < planes_ ? next_ + 1 : 0;
      case PlaneChoice::kRandom:
        return lfsr_.below(planes_);
      case PlaneChoice::kStatic:
        return destination % planes_;
      case PlaneChoice::kFullScan:
        return scan(load);
      case PlaneChoice::kAdaptive:
        break;
    }
    std::uint32_t best = lfsr_.below(planes_);
    const std::uint32_t second = lfsr_.below(planes_);
    const std::uint32_t last = last_best_[traffic_class];
    if (load[second] < load[best]) best = second;
    if (load[last] < load[best]) best = last;
    last_best_[traffic_class] = best;
    return best;
  }

 private:
  /// Least load; ties go to the first from a random start.
  std::uint32_t scan(const std::uint32_t* load) {
    std::uint32_t best = lfsr_.below(planes_);
    std::uint32_t p = best;
    for (std::uint32_t i = 1; i < planes_; ++i) {
      p = p + 1 < planes_ ? p + 1 : 0;
      if (load[p] < load[best]) best = p;
    }
    return best;
  }

  PlaneChoice choice_;
  std::uint32_t planes_;
  Lfsr lfsr_;
  std::uint32_t next_ = 0;
  std::vector<std::uint32_t> last_best_;
};

}  // namespace aipu::directcom
