// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tlm/hbm/controller.h"

namespace aipu::hbm {

bool Controller::has_room(Direction direction) const {
  if (config_.admission == Admission::kBoth) return room_[kRead] != 0 && room_[kWrite] != 0;
  return room_[direction] != 0;
}

// A CK after it is offered; without room a command brings it in.
void Controller::plan_entry() {
  entry_at_ = kNever;
  if (port_.empty() || !has_room(port_.front().access.direction)) return;
  entry_at_ = std::max(std::max(port_.front().arrival, next_offer_) + ck_, now_);
}

Controller::Burst Controller::take_waiting() {
  Waiting& first = port_.front();
  const Burst access = first.access;
  --waiting_;
  if (--first.left == 0) {
    port_.pop();
    return access;
  }
  Burst& next = first.access;
  ++next.id;
  if (++next.bank % config_.bank_groups == 0) {
    next.bank = static_cast<std::uint8_t>(next.bank - config_.bank_groups);
    ++next.column;
  }
  return access;
}

void Controller::admit(bool waited) {
  const Burst access = take_waiting();
  next_offer_ = waited ? now_ + ck_ : now_;
  const std::uint16_t index = free_.back();
  free_.pop_back();
  Entry& entry = entries_[index];
  entry = Entry{};
  entry.access = access;
  entry.waited = waited;
  entry.age = ++admitted_;
  entry.accepted = now_;
  const Direction direction = access.direction;
  --room_[direction];
  plan_entry();
  if (queued_[kRead] + queued_[kWrite] == 0) account_.became_busy(now_);
  ++queued_[direction];

  Bank& bank = banks_[access.bank];
  if (lists_ == 2 && bank.lists[opposite(direction)].count != 0) {
    find_blockers(bank, entry);
  }
  List& list = bank.lists[list_of(direction)];
  entry.prev = list.tail;
  (list.tail == kNone ? list.head : entries_[list.tail].next) = index;
  list.tail = index;
  ++list.count;
  note_for_refresh(access.bank);
  choose_mode();
  if (!settled(bank, access)) evaluate(access.bank);
}

// Whether a new access leaves its bank's choice as it is. An older access stays the choice, but for
// a hit of the open row; writes are no choice among reads.
bool Controller::settled(const Bank& bank, const Burst& access) const {
  if (config_.scheduler == Scheduler::kWatermark) {
    if (access.direction != mode_) return true;
  } else if (config_.scheduler != Scheduler::kFrFcfs) {
    return false;
  }
  if (bank.next == kCommands) return false;
  if (is_column(bank.next)) return config_.page == Page::kOpen;  // else it may close the row or not
  return bank.row == kClosed || access.row != bank.row;
}

// After a command that may have freed a place.
void Controller::admit_waiting() {
  if (port_.empty()) return;
  const Waiting& first = port_.front();
  if (now_ < std::max(first.arrival, next_offer_) + ck_) return;
  if (has_room(first.access.direction)) admit(true);
}

void Controller::remove(std::uint16_t index) {
  Entry& entry = entries_[index];
  Bank& bank = banks_[entry.access.bank];
  const Direction direction = entry.access.direction;
  List& list = bank.lists[list_of(direction)];
  (entry.prev == kNone ? list.head : entries_[entry.prev].next) = entry.next;
  (entry.next == kNone ? list.tail : entries_[entry.next].prev) = entry.prev;
  --list.count;
  free_.push_back(index);
  ++(entry.opened ? open_room_ : room_[direction]);
  --queued_[direction];
  plan_entry();
  if (bank.hazards != 0) release_blocked(bank, entry);
  last_direction_ = direction;
  if (config_.scheduler != Scheduler::kWatermark && mode_ != direction) {
    mode_ = direction;
    if (config_.scheduler != Scheduler::kFifo && config_.scheduler != Scheduler::kFrFcfs) {
      reconsider_all();
    }
  }
  choose_mode();
}

// Reads and writes of the same bytes keep their order, though their queues may overtake each other.
void Controller::find_blockers(Bank& bank, Entry& entry) {
  const Direction other = opposite(entry.access.direction);
  for (std::uint16_t i = bank.lists[other].head; i != kNone; i = entries_[i].next) {
    if (entries_[i].access.same_bytes(entry.access)) ++entry.blockers;
  }
  if (entry.blockers == 0) return;
  ++bank.hazards;
  ++blocked_[entry.access.direction];
}

void Controller::release_blocked(Bank& bank, const Entry& entry) {
  const Direction other = opposite(entry.access.direction);
  for (std::uint16_t i = bank.lists[other].head; i != kNone; i = entries_[i].next) {
    Entry& later = entries_[i];
    if (later.age < entry.age || !later.access.same_bytes(entry.access)) continue;
    if (--later.blockers != 0) continue;
    --bank.hazards;
    --blocked_[other];
  }
}

// Reads until the writes are too many, or none is left; writes until they are few and a read waits.
void Controller::choose_mode() {
  if (config_.scheduler != Scheduler::kWatermark) return;
  const std::uint32_t reads = queued_[kRead];
  const std::uint32_t writes = queued_[kWrite];
  const std::uint32_t waiting_writes = config_.write_queue - room_[kWrite];
  const bool patience = starvation_ == 0 || now_ - mode_since_ <= starvation_;
  bool change = false;
  if (mode_ == kWrite) {
    const bool none = writes == blocked_[kWrite];
    change = reads != blocked_[kRead] &&
             (none || (waiting_writes <= config_.write_low && blocked_[kRead] == 0) || !patience);
  } else {
    // A read may wait for a write that waits for a read: then the reads go on.
    const bool none = reads == blocked_[kRead];
    const bool wanted = blocked_[kRead] != 0 || waiting_writes > config_.write_high || !patience;
    change = none || (wanted && writes != blocked_[kWrite]);
  }
  if (!change) return;
  mode_ = opposite(mode_);
  mode_since_ = now_;
  reconsider_all();
}

void Controller::reconsider_all() {
  for (std::uint32_t b = 0; b < banks_.size(); ++b) {
    if (banks_[b].lists[kRead].count + banks_[b].lists[kWrite].count != 0) evaluate(b);
  }
}

}  // namespace aipu::hbm
