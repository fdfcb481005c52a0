// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "hw/base/assert.h"
#include "tlm/hbm/controller.h"

namespace aipu::hbm {

void Controller::enqueue(const Access& access, Ck now, std::vector<Issue>& issued) {
  AIPU_ASSERT(has_room(access.direction), "queue of direction {} is full", access.direction);
  AIPU_ASSERT(access.set < sets_.size() && access.atoms >= 1, "set {} atoms {}", access.set,
              access.atoms);
  advance(now - 1, issued);
  if (empty()) {
    skip_idle_refreshes(now);
    account_.became_busy(now);
  }
  time_ = std::max(time_, now);
  const std::uint16_t index = free_.back();
  free_.pop_back();
  Entry& entry = entries_[index];
  entry = Entry{};
  entry.access = access;
  entry.age = next_age_++;
  entry.arrival = now;
  for (std::uint32_t i = 0; i < std::min(access.atoms, groups_); ++i) {
    entry.mask |= 1U << ((access.unit + i) & group_mask_);
  }
  BankSet& set = sets_[access.set];
  find_blockers(set, entry);
  append(set, index);
  choose_mode();
  planned_ = false;
}

void Controller::append(BankSet& set, std::uint16_t index) {
  Entry& entry = entries_[index];
  const Direction direction = entry.access.direction;
  List& list = set.lists[direction];
  entry.prev = list.tail;
  (list.tail == kNone ? list.head : entries_[list.tail].next) = index;
  list.tail = index;
  set.dirty = true;
  occupied_ |= 1ULL << entry.access.set;
  --room_[direction];
  ++queued_[direction];
  blocked_[direction] += entry.blockers != 0 ? 1 : 0;
}

void Controller::remove(BankSet& set, std::uint16_t index) {
  Entry& entry = entries_[index];
  const Direction direction = entry.access.direction;
  List& list = set.lists[direction];
  (entry.prev == kNone ? list.head : entries_[entry.prev].next) = entry.next;
  (entry.next == kNone ? list.tail : entries_[entry.next].prev) = entry.prev;
  set.dirty = true;
  if (set.lists[kRead].head == kNone && set.lists[kWrite].head == kNone) {
    occupied_ &= ~(1ULL << entry.access.set);
  }
  ++room_[direction];
  --queued_[direction];
  free_.push_back(index);
}

namespace {

bool overlap(const Access& a, const Access& b) {
  return (a.direction == kWrite || b.direction == kWrite) && a.row == b.row &&
         a.unit < b.unit + b.atoms && b.unit < a.unit + a.atoms;
}

}  // namespace

void Controller::find_blockers(const BankSet& set, Entry& entry) {
  for (const List& list : set.lists) {
    for (std::uint16_t i = list.head; i != kNone; i = entries_[i].next) {
      if (!overlap(entries_[i].access, entry.access)) continue;
      ++entry.blockers;
      entries_[i].blocks = true;
    }
  }
}

void Controller::unblock(BankSet& set, const Entry& entry) {
  if (!entry.blocks) return;
  for (const List& list : set.lists) {
    for (std::uint16_t i = list.head; i != kNone; i = entries_[i].next) {
      Entry& other = entries_[i];
      if (other.age < entry.age || !overlap(other.access, entry.access)) continue;
      if (--other.blockers == 0) --blocked_[other.access.direction];
    }
  }
}

// Reads go first; writes are drained in a batch when enough have gathered, when nothing else can
// go, or when a read waits for one. A drain that new writes keep feeding ends after a queue length.
void Controller::choose_mode() {
  const std::uint32_t reads = queued_[kRead] - blocked_[kRead];
  const std::uint32_t writes = queued_[kWrite] - blocked_[kWrite];
  Direction mode = mode_;
  if (mode_ == kRead) {
    const bool wanted = queued_[kWrite] >= config_.write_high || blocked_[kRead] != 0;
    if (writes != 0 && (reads == 0 || wanted)) mode = kWrite;
  } else {
    const bool enough = queued_[kWrite] <= config_.write_low || drained_ >= config_.write_queue;
    if (reads != 0 && (writes == 0 || (enough && blocked_[kRead] == 0))) mode = kRead;
  }
  if (mode == mode_) return;
  mode_ = mode;
  drained_ = 0;
  planned_ = false;
}

std::uint64_t Controller::oldest_age(const BankSet& set) const {
  std::uint64_t age = next_age_;
  for (const List& list : set.lists) {
    if (list.head != kNone) age = std::min(age, entries_[list.head].age);
  }
  return age;
}

}  // namespace aipu::hbm
