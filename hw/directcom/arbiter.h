// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "hw/directcom/config.h"

namespace aipu::directcom {

/// First set bit of `requests` at or after `start`, wrapping round; `requests` is not empty.
inline std::uint32_t round_robin(std::uint64_t requests, std::uint32_t start) {
  const std::uint64_t upper = requests & (~0ULL << start);
  return static_cast<std::uint32_t>(__builtin_ctzll(upper != 0 ? upper : requests));
}

/// Which class an output sends next: class 0 first, the others by deficit round robin on flits.
///
/// A class whose turn begins gets its quantum; it sends while its deficit covers its packet. A
/// class with nothing eligible passes its turn, and forgets its deficit when nothing of it waits at
/// all.
class ClassScheduler {
 public:
  static constexpr std::uint32_t kNone = kClasses;
  using Flits = std::array<std::uint32_t, kClasses>;

  ClassScheduler() = default;
  ClassScheduler(std::uint32_t quantum1, std::uint32_t quantum2, std::uint32_t quantum3)
      : quantum_{0, quantum1, quantum2, quantum3} {}
  /// With the quanta of an interface or a switch.
  explicit ClassScheduler(const Config& c) : ClassScheduler(c.quantum1, c.quantum2, c.quantum3) {}
  explicit ClassScheduler(const SwitchConfig& c)
      : ClassScheduler(c.quantum1, c.quantum2, c.quantum3) {}

  /// `eligible[c]`: flits of the packet that class c could send now, 0 for none. `waiting`: bit c,
  /// whether anything of class c waits. Returns the class and charges it, or kNone. A caller that
  /// may not follow the choice asks a copy and assigns that when it does.
  std::uint32_t choose(const Flits& eligible, std::uint32_t waiting) {
    if (eligible[0] != 0) return 0;
    if ((eligible[1] | eligible[2] | eligible[3]) == 0) return kNone;
    for (;;) {
      std::uint32_t& deficit = deficit_[turn_];
      if (eligible[turn_] != 0) {
        if (fresh_) deficit += quantum_[turn_];
        fresh_ = false;
        if (deficit >= eligible[turn_]) {
          deficit -= eligible[turn_];
          return turn_;
        }
      } else if (((waiting >> turn_) & 1U) == 0) {
        deficit = 0;
      }
      turn_ = turn_ == kClasses - 1 ? 1 : turn_ + 1;
      fresh_ = true;
    }
  }

 private:
  Flits quantum_{};
  Flits deficit_{};
  std::uint32_t turn_ = 1;
  bool fresh_ = true;
};

}  // namespace aipu::directcom
