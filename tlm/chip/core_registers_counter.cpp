// SPDX-License-Identifier: Apache-2.0
// The counter window: values, adds, the blocking read and the counter interrupt.
#include "regs/abi.h"
#include "regs/counter.h"
#include "tlm/chip/core_registers.h"

namespace aipu::chip {
namespace {

namespace abi = regs::abi;
namespace counter = regs::counter;

constexpr std::uint32_t field(std::uint32_t word, std::uint32_t shift, std::uint32_t width) {
  return (word >> shift) & ((1U << width) - 1U);
}

}  // namespace

CoreRegisters::Answer CoreRegisters::read_counter(std::uint32_t offset, std::uint32_t& value) {
  if (offset < counter::kValue + 4 * counter::kValueCount) {
    value = counters_.value(offset / 4);
    return Answer::kDone;
  }
  switch (offset) {
    case counter::kWaitId:
      value = wait_id_;
      break;
    case counter::kWaitTarget:
      value = wait_target_;
      break;
    case counter::kIrqId:
      value = irq_id_;
      break;
    case counter::kIrqTarget:
      value = irq_target_;
      break;
    case counter::kIrqEnable:
      value = irq_enable_;
      break;
    case counter::kWaitRead:
      counters_.cancel(read_waiter_);  // armed still where an interrupt broke off the read before
      if (!counters_.wait(read_waiter_, wait_id_, wait_target_)) return Answer::kStalled;
      value = counters_.value(wait_id_);
      break;
    case counter::kAdd:
      return Answer::kBadAccess;
    default:
      return Answer::kNoRegister;
  }
  return Answer::kDone;
}

CoreRegisters::Answer CoreRegisters::write_counter(std::uint32_t offset, std::uint32_t value) {
  switch (offset) {
    case counter::kAdd:
      return add_counter(value);
    case counter::kWaitId:
      wait_id_ = value % CounterFile::kCount;
      return Answer::kDone;
    case counter::kWaitTarget:
      wait_target_ = value;
      return Answer::kDone;
    case counter::kIrqId:
      irq_id_ = value % CounterFile::kCount;
      break;
    case counter::kIrqTarget:
      irq_target_ = value;
      break;
    case counter::kIrqEnable:
      irq_enable_ = value & 1U;
      break;
    default:
      return offset <= counter::kIrqEnable ? Answer::kBadAccess : Answer::kNoRegister;
  }
  watch_counter();
  return Answer::kDone;
}

CoreRegisters::Answer CoreRegisters::add_counter(std::uint32_t word) {
  const std::uint32_t id = field(word, counter::kAddCounterShift, counter::kAddCounterWidth);
  const std::uint32_t amount = field(word, counter::kAddAmountShift, counter::kAddAmountWidth);
  const std::uint32_t scope = field(word, counter::kAddScopeShift, counter::kAddScopeWidth);
  const CommandTag by{identity_.id.core, CommandTag::kNoQueue, 0, hart_->pc()};
  if (scope == abi::kScopeSelf || scope == identity_.id.core) {
    if (!counters_.add(id, amount, by)) fault({abi::kRuleCounterOverflow, 0, 0, id, hart_->pc()});
  } else if (scope == abi::kScopeAllCores || scope <= identity_.core_count) {
    signals_.signal_of(by, scope, id, amount);
  } else {
    fault({abi::kRuleBadCounter, 0, 0, scope, hart_->pc()});
  }
  return Answer::kDone;
}

void CoreRegisters::watch_counter() {
  counters_.cancel(interrupt_waiter_);
  const bool pending = irq_enable_ != 0 && counters_.wait(interrupt_waiter_, irq_id_, irq_target_);
  if (irq_enable_ == 0) counters_.cancel(interrupt_waiter_);
  hart_->set_interrupt(cpu::Interrupt::kExternal, pending);
}

}  // namespace aipu::chip
