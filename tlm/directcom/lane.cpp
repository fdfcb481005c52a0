// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/lane.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu::directcom {

void Lane::offer(const FarEnd& far_end) {
  far_end_ = far_end;
  pools_ = static_cast<std::uint32_t>(far_end.pool_flits.size());
  queues_.resize(std::size_t{pools_} * kClasses);
  for (std::size_t i = 0; i < queues_.size(); ++i)
    queues_[i].credits = far_end.pool_flits[i % pools_];
}

void Lane::enqueue(void* packet, std::uint32_t destination, std::uint32_t traffic_class,
                   std::uint32_t flits) {
  Pool& pool = queues_[traffic_class * pools_ + far_end_.pool(destination)];
  pool.packets.push({packet, flits});
  pool.load += flits;
  ++queued_[traffic_class];
  ++waiting_;
  load_[traffic_class] += flits;
  if (pool.credits >= flits) starved_ = false;
}

void Lane::credit(std::uint64_t cycle, std::uint32_t destination, std::uint32_t traffic_class,
                  std::uint32_t flits) {
  returning_.push({cycle, far_end_.pool(destination), traffic_class, flits});
}

void Lane::settle(std::uint64_t cycle) {
  while (!returning_.empty() && returning_.front().cycle <= cycle) {
    const Credit& c = returning_.front();
    Pool& pool = queues_[c.traffic_class * pools_ + c.pool];
    pool.credits += c.flits;
    pool.load -= c.flits;
    AIPU_ASSERT(load_[c.traffic_class] >= c.flits, "lane {}: credit of {} flits never sent", index_,
                c.flits);
    load_[c.traffic_class] -= c.flits;
    starved_ = false;
    returning_.pop();
  }
}

std::uint32_t Lane::find(std::uint32_t traffic_class, std::uint32_t& flits) {
  flits = 0;
  if (queued_[traffic_class] == 0) return 0;
  std::uint32_t pool = pointer_[traffic_class];
  for (std::uint32_t i = 0; i < pools_; ++i) {
    const Pool& p = queues_[traffic_class * pools_ + pool];
    if (!p.packets.empty() && p.credits >= p.packets.front().flits) {
      flits = p.packets.front().flits;
      return pool;
    }
    pool = pool + 1 == pools_ ? 0 : pool + 1;
  }
  return 0;
}

void* Lane::send(std::uint64_t cycle) {
  if (cycle < free_at_) return nullptr;
  if (waiting_ == 0) {
    enter(kNoPacket, cycle);
    return nullptr;
  }
  ClassScheduler::Flits flits{};
  std::uint32_t pool[kClasses];
  std::uint32_t waiting = 0;
  for (std::uint32_t c = 0; c < kClasses; ++c) {
    pool[c] = find(c, flits[c]);
    waiting |= (queued_[c] != 0 ? 1U : 0U) << c;
  }
  const std::uint32_t c = classes_.choose(flits, waiting);
  if (c == ClassScheduler::kNone) {
    starved_ = true;
    enter(kNoCredit, cycle);
    return nullptr;
  }
  Pool& p = queues_[c * pools_ + pool[c]];
  const Item item = p.packets.front();
  p.packets.pop();
  p.credits -= item.flits;
  --queued_[c];
  --waiting_;
  pointer_[c] = pool[c] + 1 == pools_ ? 0 : pool[c] + 1;
  starved_ = false;
  enter(kBusy, cycle);
  free_at_ = cycle + item.flits;
  return item.packet;
}

std::uint64_t Lane::next() const {
  if (waiting_ == 0) return kNever;
  if (!starved_) return free_at_;
  return returning_.empty() ? kNever : std::max(free_at_, returning_.front().cycle);
}

void Lane::enter(State state, std::uint64_t cycle) {
  if (stack_.state() == kBusy && free_at_ < cycle) stack_.enter(kNoPacket, free_at_);
  if (stack_.state() != state) stack_.enter(state, cycle);
}

std::vector<std::uint64_t> Lane::account(std::uint64_t cycle) const {
  TimeStack stack = stack_;
  if (stack.state() == kBusy && free_at_ < cycle) stack.enter(kNoPacket, free_at_);
  return stack.read(cycle);
}

}  // namespace aipu::directcom
