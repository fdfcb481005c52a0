// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/counter_file.h"

#include "hw/base/assert.h"

namespace aipu {

bool CounterFile::add(std::uint32_t counter, std::uint32_t amount) {
  std::uint32_t& value = values_[counter];
  if (amount > std::numeric_limits<std::uint32_t>::max() - value) return false;
  value += amount;
  // Detach the whole list first: a waiter may arm again from reached().
  CounterWaiter* waiter = waiters_[counter];
  waiters_[counter] = nullptr;
  CounterWaiter** unsatisfied = &waiters_[counter];
  while (waiter != nullptr) {
    CounterWaiter* next = waiter->next_;
    waiter->next_ = nullptr;
    if (value >= waiter->target_) {
      waiter->armed_ = false;
      waiter->reached();
    } else {
      while (*unsatisfied != nullptr) unsatisfied = &(*unsatisfied)->next_;
      *unsatisfied = waiter;
    }
    waiter = next;
  }
  return true;
}

bool CounterFile::wait(CounterWaiter& waiter, std::uint32_t counter, std::uint32_t target) {
  AIPU_ASSERT(!waiter.armed_, "waiter is armed for counter {} already", waiter.counter_);
  if (values_[counter] >= target) return true;
  waiter.counter_ = counter;
  waiter.target_ = target;
  waiter.armed_ = true;
  CounterWaiter** end = &waiters_[counter];
  while (*end != nullptr) end = &(*end)->next_;
  *end = &waiter;
  waiter.next_ = nullptr;
  return false;
}

void CounterFile::cancel(CounterWaiter& waiter) {
  if (!waiter.armed_) return;
  CounterWaiter** link = &waiters_[waiter.counter_];
  while (*link != &waiter) link = &(*link)->next_;
  *link = waiter.next_;
  waiter.next_ = nullptr;
  waiter.armed_ = false;
}

}  // namespace aipu
