// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/engine_probe.h"

#include "regs/abi.h"
#include "sim/profile/names.h"
#include "tlm/core/clock.h"

namespace aipu::profile {
namespace {

constexpr std::size_t kFirstCounter = static_cast<std::size_t>(EngineState::kCounter);
constexpr const char* kStateNames[] = {"idle", "busy", "blocked"};

}  // namespace

EngineProbe::EngineProbe(const CodeMap& map, Place place, std::uint32_t depth, Records& records,
                         OverlapClock& overlap)
    : map_(map), place_(place), records_(records), overlap_(overlap), open_(depth) {}

void EngineProbe::issued(std::uint32_t slot, const Command& command) {
  ++issued_;
  Open& open = open_[slot];
  open = {kNoRecord, work_of(place_.queue, command)};
  if (!records_.room(now_ps())) return;
  open.record = records_.commands.size();
  CommandRecord record;
  record.core = place_.core;
  record.queue = static_cast<std::uint8_t>(place_.queue);
  record.function = static_cast<std::uint16_t>(place_.first_function + map_.at(command.pc));
  record.opcode = command.opcode;
  record.pc = command.pc;
  record.issued = now_ps();
  record.bytes = open.work.bytes;
  record.flops = open.work.flops;
  records_.commands.push_back(record);
}

void EngineProbe::held(std::uint32_t slot, std::uint32_t counter) {
  if (open_[slot].record == kNoRecord) return;
  CommandRecord& record = records_.commands[open_[slot].record];
  if (record.head == kNever) record.head = now_ps();
  record.wait = counter == kNoCounter ? WaitKind::kEngine : WaitKind::kCounter;
  record.counter = static_cast<std::uint8_t>(counter == kNoCounter ? 0 : counter);
}

void EngineProbe::began(std::uint32_t slot) {
  if (open_[slot].record != kNoRecord) records_.commands[open_[slot].record].began = now_ps();
}

void EngineProbe::ended(std::uint32_t slot) {
  ++ended_;
  done_.bytes += open_[slot].work.bytes;
  done_.flops += open_[slot].work.flops;
  if (open_[slot].record != kNoRecord) records_.commands[open_[slot].record].ended = now_ps();
}

void EngineProbe::state(EngineState state, std::uint32_t counter) {
  const std::uint64_t now = now_ps();
  spent_[state_] += now - since_;
  since_ = now;
  state_ = static_cast<std::size_t>(state) + (state == EngineState::kCounter ? counter : 0);
  overlap_.queue(place_.queue, state == EngineState::kBusy, state != EngineState::kIdle, now);
}

EngineCost EngineProbe::cost(std::uint64_t now) {
  spent_[state_] += now - since_;
  since_ = now;
  EngineCost cost;
  cost.queue = regs::abi::queue_name(place_.queue);
  cost.commands = ended_;
  cost.unfinished = issued_ - ended_;
  cost.bytes = done_.bytes;
  cost.flops = done_.flops;
  for (std::size_t i = 0; i < kStates; ++i) {
    if (spent_[i] == 0) continue;
    cost.shares.emplace_back(i < kFirstCounter
                                 ? kStateNames[i]
                                 : counter_name(static_cast<std::uint32_t>(i - kFirstCounter)),
                             spent_[i]);
  }
  return cost;
}

}  // namespace aipu::profile
