// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

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

/// What ECMP hashes: all packets of a flow take one path.
struct Flow {
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
};

/// The hash of a flow: the 64-bit finaliser of MurmurHash3 over both ends and a seed.
inline std::uint64_t flow_hash(Flow flow, std::uint32_t seed) {
  std::uint64_t k =
      (std::uint64_t{flow.source} << 32U) ^ flow.destination ^ (std::uint64_t{seed} << 50U);
  k = (k ^ k >> 33U) * 0xFF51AFD7ED558CCDULL;
  k = (k ^ k >> 33U) * 0xC4CEB9FE1A85EC53ULL;
  return k ^ k >> 33U;
}

/// Chooses one of several equal paths for a packet: the plane at an interface, the output at an
/// input of a switch. The load of a path is the flits of the packet's class that were assigned to
/// it and not yet credited back.
///
/// kAdaptive: least loaded of all, from a drawn start upwards. kAdaptive2: least loaded of two
/// drawn and the last choice of that class; ties go to the first drawn.
class PathChooser {
 public:
  PathChooser(PathChoice choice, std::uint32_t seed, std::uint32_t hash_seed = 0)
      : choice_(choice), lfsr_(seed), hash_seed_(hash_seed) {}

  /// An index below `count` (1..256); `load(i)`: of path i for this class. One path is taken
  /// without a draw.
  template <typename Load>
  std::uint32_t choose(std::uint32_t count, std::uint32_t traffic_class, Flow flow, Load&& load) {
    if (count == 1) return 0;
    switch (choice_) {
      case PathChoice::kRoundRobin:
        return next_ = next_ + 1 < count ? next_ + 1 : 0;
      case PathChoice::kRandom:
        return lfsr_.below(count);
      case PathChoice::kStatic:
        return flow.destination % count;
      case PathChoice::kEcmp:
        return static_cast<std::uint32_t>(flow_hash(flow, hash_seed_) % count);
      case PathChoice::kAdaptive:
        return scan(count, load);
      case PathChoice::kAdaptive2:
        break;
    }
    std::uint32_t best = lfsr_.below(count);
    const std::uint32_t second = lfsr_.below(count);
    const std::uint32_t last = last_best_[traffic_class] % count;
    if (load(second) < load(best)) best = second;
    if (load(last) < load(best)) best = last;
    last_best_[traffic_class] = best;
    return best;
  }

  /// The same among the paths that are set bits of `usable`, at least one; `load(i)`: of bit i.
  template <typename Load>
  std::uint32_t choose_of(std::uint32_t usable, std::uint32_t traffic_class, Flow flow,
                          Load&& load) {
    std::array<std::uint32_t, 32> paths{};
    std::uint32_t count = 0;
    for (std::uint32_t left = usable; left != 0; left &= left - 1)
      paths[count++] = static_cast<std::uint32_t>(__builtin_ctz(left));
    return paths[choose(count, traffic_class, flow,
                        [&](std::uint32_t i) { return load(paths[i]); })];
  }

 private:
  template <typename Load>
  std::uint32_t scan(std::uint32_t count, Load&& load) {
    std::uint32_t best = lfsr_.below(count);
    std::uint32_t least = load(best);
    std::uint32_t p = best;
    for (std::uint32_t i = 1; i < count; ++i) {
      p = p + 1 < count ? p + 1 : 0;
      if (const std::uint32_t l = load(p); l < least) {
        best = p;
        least = l;
      }
    }
    return best;
  }

  PathChoice choice_;
  Lfsr lfsr_;
  std::uint32_t hash_seed_;
  std::uint32_t next_ = 0;
  std::array<std::uint32_t, kClasses> last_best_{};
};

}  // namespace aipu::directcom
