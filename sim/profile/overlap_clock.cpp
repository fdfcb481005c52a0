// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/overlap_clock.h"

#include <algorithm>

#include "regs/abi.h"

namespace aipu::profile {
namespace {

constexpr unsigned kLoad = 1U << regs::abi::kQueueLoad;
constexpr unsigned kCompute = 1U << regs::abi::kQueueTensor | 1U << regs::abi::kQueueVector;

}  // namespace

void OverlapClock::queue(unsigned queue, bool busy, bool has_command, std::uint64_t now) {
  const unsigned bit = 1U << queue;
  with_commands_ = has_command ? with_commands_ | bit : with_commands_ & ~bit;
  unsigned mask = busy ? mask_ | bit : mask_ & ~bit;
  mask = with_commands_ != 0 ? mask | kWork : mask & ~kWork;
  enter(mask, now);
}

void OverlapClock::hart(bool busy, std::uint64_t now) {
  enter(busy ? mask_ | kHart : mask_ & ~kHart, now);
}

void OverlapClock::enter(unsigned mask, std::uint64_t now) {
  if (mask == mask_) return;
  spent_[mask_] += now - since_;
  since_ = now;
  const bool was = hart_bound(mask_);
  mask_ = mask;
  if (was && !hart_bound(mask)) end_phase(now);
  if (!was && hart_bound(mask)) phase_begin_ = now;
}

void OverlapClock::end_phase(std::uint64_t now) {
  const auto length = [](const Phase& p) { return p.end - p.begin; };
  const Phase phase{phase_begin_, now, {}};
  if (length(phase) == 0) return;
  if (longest_.size() == kLongest && length(longest_.back()) >= length(phase)) return;
  const auto at = std::find_if(longest_.begin(), longest_.end(),
                               [&](const Phase& p) { return length(p) < length(phase); });
  longest_.insert(at, {phase.begin, phase.end, function_()});
  if (longest_.size() > kLongest) longest_.pop_back();
}

Overlap OverlapClock::read(std::uint64_t now) {
  spent_[mask_] += now - since_;
  since_ = now;
  if (hart_bound(mask_)) {
    end_phase(now);
    phase_begin_ = now;
  }
  Overlap sum;
  for (unsigned mask = 0; mask < spent_.size(); ++mask) {
    const std::uint64_t time = spent_[mask];
    const bool load = (mask & kLoad) != 0, compute = (mask & kCompute) != 0;
    if (load) sum.load += time;
    if (compute) sum.compute += time;
    if (load && compute) sum.together += time;
    if ((mask & (kWork | kHart)) != 0) sum.active += time;
    if (hart_bound(mask)) sum.hart_bound += time;
  }
  return sum;
}

}  // namespace aipu::profile
