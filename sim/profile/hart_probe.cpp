// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/hart_probe.h"

#include "regs/abi.h"
#include "regs/core.h"
#include "regs/queue.h"
#include "sim/profile/names.h"

namespace aipu::profile {
namespace {

using cpu::HartState;

constexpr std::size_t index(HartState state) {
  return static_cast<std::size_t>(state);
}

std::string cause_name(HartState state) {
  return state == HartState::kQueueFull      ? "queue full"
         : state == HartState::kBlockingRead ? "blocking read"
                                             : "wfi";
}

std::string thing_name(HartState state, std::uint32_t on) {
  if (state == HartState::kQueueFull) return regs::abi::queue_name(on);
  return state == HartState::kBlockingRead ? counter_name(on) : "";
}

bool waits(HartState state) {
  return state == HartState::kQueueFull || state == HartState::kBlockingRead ||
         state == HartState::kWfi;
}

}  // namespace

HartProbe::HartProbe(const CodeMap& map, Place place, Records& records, OverlapClock& overlap,
                     std::function<std::uint32_t()> awaited)
    : map_(map),
      place_(place),
      records_(records),
      overlap_(overlap),
      awaited_(std::move(awaited)),
      costs_(map.names().size()) {}

void HartProbe::ran(std::uint64_t pc, std::uint64_t instructions, std::uint64_t cycles) {
  const Function function = map_.at(pc);
  Cost& cost = costs_[function];
  cost.instructions += instructions;
  cost.cycles += cycles;
  if (cost.slice_cycles == 0) touched_.push_back(function);
  cost.slice_cycles += cycles;
}

CodeMap::Function HartProbe::busiest_function() const {
  Function best = CodeMap::kElsewhere;
  std::uint64_t most = 0;
  for (const Function function : touched_) {
    if (costs_[function].slice_cycles <= most) continue;
    most = costs_[function].slice_cycles;
    best = function;
  }
  return best;
}

void HartProbe::leave(std::uint64_t now) {
  const std::uint64_t time = now - since_;
  spent_[index(state_)] += time;
  if (waits(state_)) {
    costs_[function_].waited[index(state_)] += time;
    Wait& wait = waits_[{function_, state_, on_}];
    ++wait.count;
    wait.time += time;
  }
  if ((waits(state_) || state_ == HartState::kBusy) && time != 0 && records_.room(since_)) {
    const Function function = state_ == HartState::kBusy ? busiest_function() : function_;
    records_.slices.push_back({place_.core, static_cast<std::uint8_t>(state_),
                               static_cast<std::uint16_t>(place_.first_function + function),
                               static_cast<std::uint8_t>(on_), since_, now});
  }
}

void HartProbe::entered(HartState state, std::uint64_t now, std::uint32_t pc,
                        std::uint32_t address) {
  leave(now);
  overlap_.hart(state == HartState::kBusy, now);
  if (state == HartState::kBusy) {
    for (const Function function : touched_)
      costs_[function].slice_cycles = 0;
    touched_.clear();
  }
  state_ = state;
  since_ = now;
  function_ = map_.at(pc);
  on_ = state == HartState::kQueueFull ? (address - regs::core::kQueuesBase) / regs::queue::kStride
        : state == HartState::kBlockingRead ? awaited_()
                                            : 0;
}

void HartProbe::finish(std::uint64_t now) {
  leave(now);
  since_ = now;
}

HartCost HartProbe::cost() const {
  HartCost sum;
  for (std::size_t i = 0; i < costs_.size(); ++i) {
    const Cost& c = costs_[i];
    FunctionCost f{map_.names()[i],
                   c.instructions,
                   c.cycles,
                   c.waited[index(HartState::kQueueFull)],
                   c.waited[index(HartState::kBlockingRead)],
                   c.waited[index(HartState::kWfi)]};
    sum.instructions += f.instructions;
    sum.cycles += f.cycles;
    const bool used = f.instructions + f.cycles + f.queue_full + f.blocking_read + f.wfi != 0;
    if (used) sum.functions.push_back(std::move(f));
  }
  for (const auto& [key, wait] : waits_) {
    const auto& [function, state, on] = key;
    sum.waits.push_back(
        {map_.names()[function], cause_name(state), thing_name(state, on), wait.count, wait.time});
  }
  sum.busy = spent_[index(HartState::kBusy)];
  sum.queue_full = spent_[index(HartState::kQueueFull)];
  sum.blocking_read = spent_[index(HartState::kBlockingRead)];
  sum.wfi = spent_[index(HartState::kWfi)];
  sum.idle = spent_[index(HartState::kIdle)] + spent_[index(HartState::kEnded)];
  return sum;
}

}  // namespace aipu::profile
