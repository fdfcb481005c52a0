// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/command_engine.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "regs/abi.h"

namespace aipu {
namespace {

namespace abi = regs::abi;

// States of the time stack: those of EngineState; kWaitCounter + n is a wait for counter n.
enum : std::size_t { kIdle, kBusy, kBlocked, kWaitCounter };
static_assert(kWaitCounter == static_cast<std::size_t>(EngineState::kCounter), "same order");

constexpr std::uint32_t field(std::uint32_t word, std::uint32_t shift, std::uint32_t width) {
  return (word >> shift) & ((1U << width) - 1U);
}

}  // namespace

CounterAdd::CounterAdd(std::uint32_t word)
    : counter(field(word, abi::kAdd0CounterShift, abi::kAdd0CounterWidth)),
      amount(field(word, abi::kAdd0AmountShift, abi::kAdd0AmountWidth)),
      scope(field(word, abi::kAdd0ScopeShift, abi::kAdd0ScopeWidth)) {}

CommandEngine::CommandEngine(const sc_core::sc_module_name& name, const EngineWiring& wiring,
                             std::uint32_t depth)
    : Model(name),
      wiring_(wiring),
      depth_(depth),
      slots_(depth),
      stack_(kWaitCounter + CounterFile::kCount) {
  SC_HAS_PROCESS(CommandEngine);
  SC_METHOD(step);
  sensitive << step_event_;
  dont_initialize();
}

void CommandEngine::push(const Command& command) {
  AIPU_ASSERT(occupied_ < depth_, "{}: push to a full queue", name());
  for (Slot& slot : slots_) {
    if (slot.used) continue;
    slot.used = true;
    slot.command = command;
    slot.tag = {wiring_.core, wiring_.queue, command.opcode, command.pc};
    queued_.push_back(&slot);
    if (observer_ != nullptr) observer_->issued(number_of(slot), command);
    break;
  }
  ++occupied_;
  if (queued_.size() == 1) step_event_.notify(wiring_.clock.time(Cycles(1)));
  account();
}

void CommandEngine::retry() {
  if (!queued_.empty() && !waiter_.armed()) step_event_.notify(sc_core::SC_ZERO_TIME);
}

bool CommandEngine::waits_over(const Command& command) {
  const std::uint32_t wait = command.words[abi::kWWait];
  if (field(wait, abi::kWaitEnable0Shift, 1) != 0 &&
      !wiring_.counters->wait(waiter_, field(wait, abi::kWaitCounter0Shift, 6),
                              command.words[abi::kWWait0Target])) {
    return false;
  }
  return field(wait, abi::kWaitEnable1Shift, 1) == 0 ||
         wiring_.counters->wait(waiter_, field(wait, abi::kWaitCounter1Shift, 6),
                                command.words[abi::kWWait1Target]);
}

void CommandEngine::step() {
  while (!halted_ && !queued_.empty() && !waiter_.armed()) {
    Slot& head = *queued_.front();
    if (!waits_over(head.command) || !can_begin(head)) {
      if (observer_ != nullptr) observer_->held(number_of(head), awaited());
      break;
    }
    queued_.pop_front();
    head.began = now_ps();
    if (observer_ != nullptr) observer_->began(number_of(head));
    begun_.push_back(&head);
    ++running_;
    begin(head);
  }
  account();
}

void CommandEngine::complete(Slot& slot) {
  AIPU_ASSERT(slot.used && !slot.finished && running_ > 0,
              "{}: completion of a command that does not run", name());
  slot.finished = true;
  --running_;
  if (observer_ != nullptr) observer_->ended(number_of(slot));
  while (!begun_.empty() && begun_.front()->finished) {
    Slot& oldest = *begun_.front();
    begun_.pop_front();
    retire(oldest);
  }
  retry();
  account();
}

void CommandEngine::retire(Slot& slot) {
  do_add(slot, abi::kWAdd0);
  do_add(slot, abi::kWAdd1);
  slot.used = false;
  slot.finished = false;
  --occupied_;
  if (SpaceListener* listener = listener_; listener != nullptr) {
    listener_ = nullptr;
    listener->space_available();
  }
}

void CommandEngine::do_add(const Slot& slot, std::uint32_t word) {
  const CounterAdd add(slot.command.words[word]);
  if (add.amount == 0) return;
  if (add.scope == abi::kScopeSelf || add.scope == wiring_.core) {
    if (!wiring_.counters->add(add.counter, add.amount, slot.tag)) {
      fail(slot, abi::kRuleCounterOverflow, add.counter);
    }
  } else {
    wiring_.signals->signal_of(slot.tag, add.scope, add.counter, add.amount);
  }
}

void CommandEngine::fail(const Slot& slot, std::uint32_t rule, std::uint64_t address) {
  halted_ = true;
  wiring_.faults->fault({rule, wiring_.queue, slot.command.opcode, address, slot.command.pc});
}

std::optional<RangeGuard::Range> CommandEngine::claim(const Slot& slot, std::uint64_t begin,
                                                      std::uint64_t end, bool write) {
  if (wiring_.sram_guard == nullptr) return std::nullopt;
  return wiring_.sram_guard->claim({static_cast<std::uint32_t>(begin),
                                    static_cast<std::uint32_t>(end), write, &slot, &slot.tag});
}

void CommandEngine::release(const Slot& slot) {
  if (wiring_.sram_guard != nullptr) wiring_.sram_guard->release(&slot);
}

void CommandEngine::fail_clash(const Slot& slot, std::uint64_t begin, std::uint64_t end, bool write,
                               const RangeGuard::Range& other, std::uint64_t address) {
  release(slot);
  halted_ = true;
  Fault fault{abi::kRuleOverlap, wiring_.queue, slot.command.opcode, address, slot.command.pc};
  if (other.command != nullptr) {
    fault.clash = {*other.command, write, other.write,
                   std::max(static_cast<std::uint32_t>(begin), other.begin),
                   std::min(static_cast<std::uint32_t>(end), other.end)};
  }
  wiring_.faults->fault(fault);
}

bool CommandEngine::check_written(const Slot& slot, std::uint64_t begin, std::uint64_t end,
                                  std::uint64_t address) {
  const auto first = wiring_.sram_written->first_unwritten(begin, end);
  if (!first) return true;
  Fault fault{abi::kRuleUninitialised, wiring_.queue, slot.command.opcode,
              address + (*first - begin), slot.command.pc};
  fault.unwritten = {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                     static_cast<std::uint32_t>(*first)};
  if (!wiring_.unwritten_is_fault) {
    wiring_.faults->warn(fault);
    return true;
  }
  release(slot);
  halted_ = true;
  wiring_.faults->fault(fault);
  return false;
}

void CommandEngine::visit(const std::function<void(const Command&, bool)>& visitor) const {
  for (const Slot* slot : begun_)
    visitor(slot->command, true);
  for (const Slot* slot : queued_)
    visitor(slot->command, false);
}

void CommandEngine::account() {
  std::size_t state = kIdle;
  if (running_ != 0) {
    state = kBusy;
  } else if (waiter_.armed()) {
    state = kWaitCounter + waiter_.counter();
  } else if (!queued_.empty()) {
    state = kBlocked;
  }
  if (state == stack_.state()) return;
  stack_.enter(state, now_ps());
  if (observer_ != nullptr) {
    observer_->state(static_cast<EngineState>(std::min<std::size_t>(state, kWaitCounter)),
                     awaited());
  }
}

std::uint32_t CommandEngine::awaited() const {
  return waiter_.armed() ? waiter_.counter() : CommandObserver::kNoCounter;
}

std::vector<TimeShare> CommandEngine::time_shares(std::uint64_t now) const {
  const auto spent = stack_.read(now);
  std::vector<TimeShare> shares{{"busy", spent[kBusy]}, {"blocked", spent[kBlocked]}};
  for (std::size_t i = 0; i < CounterFile::kCount; ++i) {
    if (spent[kWaitCounter + i] != 0) {
      shares.push_back({fmt::format("counter {}", i), spent[kWaitCounter + i]});
    }
  }
  shares.push_back({"idle", spent[kIdle]});
  return shares;
}

std::string CommandEngine::waiting_for() const {
  if (waiter_.armed()) {
    return fmt::format("{}: command at pc {:#010x} waits for counter {} = {}, wants {}", name(),
                       queued_.front()->command.pc, waiter_.counter(),
                       wiring_.counters->value(waiter_.counter()), waiter_.target());
  }
  if (running_ != 0) return fmt::format("{}: {} commands have not completed", name(), running_);
  return {};
}

}  // namespace aipu
