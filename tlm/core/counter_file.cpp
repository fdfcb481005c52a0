// SPDX-License-Identifier: Apache-2.0
#include "tlm/core/counter_file.h"

#include "hw/base/assert.h"

namespace aipu {

bool CounterFile::add(std::uint32_t counter, std::uint32_t amount, const CommandTag& by) {
  std::uint32_t& value = values_[counter];
  if (amount > std::numeric_limits<std::uint32_t>::max() - value) return false;
  value += amount;
  ++adds_[counter].count;
  adds_[counter].last = by;
  // Take out the satisfied first: they may arm again from reached(), behind those who wait on.
  CounterWaiter* satisfied = nullptr;
  CounterWaiter** last = &satisfied;
  for (CounterWaiter** link = &waiters_[counter]; *link != nullptr;) {
    CounterWaiter& waiter = **link;
    if (value < waiter.target_) {
      link = &waiter.next_;
      continue;
    }
    *link = waiter.next_;
    waiter.next_ = nullptr;
    waiter.armed_ = false;
    *last = &waiter;
    last = &waiter.next_;
  }
  while (satisfied != nullptr) {
    CounterWaiter& waiter = *satisfied;
    satisfied = waiter.next_;
    waiter.next_ = nullptr;
    waiter.reached();
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
  while (*end != nullptr)
    end = &(*end)->next_;
  *end = &waiter;
  waiter.next_ = nullptr;
  return false;
}

void CounterFile::cancel(CounterWaiter& waiter) {
  if (!waiter.armed_) return;
  CounterWaiter** link = &waiters_[waiter.counter_];
  while (*link != &waiter)
    link = &(*link)->next_;
  *link = waiter.next_;
  waiter.next_ = nullptr;
  waiter.armed_ = false;
}

}  // namespace aipu
