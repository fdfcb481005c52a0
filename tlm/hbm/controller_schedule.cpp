// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tlm/hbm/controller.h"

namespace aipu::hbm {
namespace {

/// The lowest set bit, taken out of `mask`.
std::uint32_t take_lowest(std::uint64_t& mask) {
  const auto bit = static_cast<std::uint32_t>(__builtin_ctzll(mask));
  mask &= mask - 1;
  return bit;
}

}  // namespace

// The next command of a bank, for the request that the scheduler picks. An open row is used once by
// the request it was opened for, whatever comes meanwhile.
void Controller::evaluate(std::uint32_t b) {
  Bank& bank = banks_[b];
  const std::uint64_t bit = 1ULL << b;
  const bool was_column = (columns_ & bit) != 0;
  const bool was_row = (rows_ & bit) != 0;
  const Command next_before = bank.next;
  const std::uint16_t current_before = bank.current;
  const std::uint16_t closer_before = bank.closer;
  columns_ &= ~bit;
  rows_ &= ~bit;
  bank.next = kCommands;
  bank.closer = kNone;
  const std::uint16_t picked = bank.blocked ? kNone : pick(bank);
  if (picked != kNone) {
    if (!bank.kept || entries_[picked].access.row == bank.row) {
      if (bank.current != picked) entries_[picked].began = now_;
      bank.current = picked;
      bank.age = entries_[picked].age;
    }
    const Entry& entry = entries_[bank.current];
    if (bank.row == kClosed) {
      bank.next = kAct;
    } else if (entry.access.row == bank.row) {
      bank.next = column_command(bank, entry);
    } else {
      bank.next = kPre;
    }
    (is_column(bank.next) ? columns_ : rows_) |= bit;
    if (!config_.protect_hits && is_column(bank.next) && !bank.kept) {
      const std::uint16_t oldest = bank.lists[list_of(entry.access.direction)].head;
      if (entries_[oldest].access.row != bank.row) {
        bank.closer = oldest;
        rows_ |= bit;
      }
    }
  }
  if (bank.next == next_before && bank.current == current_before && bank.closer == closer_before &&
      bank.current != kNone) {
    return;
  }
  rank_column(b, was_column, (columns_ & bit) != 0);
  // What a bank adds is compared with the plan; what it takes away may have been the plan.
  if (was_column) column_planned_ = false;
  if (was_row) row_planned_ = false;
  if (column_planned_ && (columns_ & bit) != 0 && !powered_down_) consider_column(b);
  if (row_planned_ && (rows_ & bit) != 0 && !powered_down_) consider_row(b);
}

std::uint16_t Controller::pick(const Bank& bank) const {
  switch (config_.scheduler) {
    case Scheduler::kFifo:
      return bank.lists[kRead].head;
    case Scheduler::kFrFcfs:
      return pick_from(bank, kRead);
    case Scheduler::kFrFcfsGrp:
      return pick_grouped(bank);
    case Scheduler::kWatermark:
      return pick_from(bank, mode_);
    case Scheduler::kGrpFrFcfs: {
      const std::uint16_t first = pick_from(bank, mode_);
      return first != kNone ? first : pick_from(bank, opposite(mode_));
    }
  }
  return kNone;
}

// The oldest hit of the open row, else the oldest.
std::uint16_t Controller::pick_from(const Bank& bank, std::uint32_t list) const {
  std::uint16_t oldest = kNone;
  for (std::uint16_t i = bank.lists[list].head; i != kNone; i = entries_[i].next) {
    const Entry& entry = entries_[i];
    if (entry.blockers != 0) continue;
    if (bank.row == kClosed || entry.access.row == bank.row) return i;
    if (oldest != kNone) continue;
    oldest = i;
    if (starvation_ != 0 && !bank.kept && now_ - entry.accepted > starvation_) return i;
  }
  return oldest;
}

// As pick_from, but among the hits the oldest of the direction last served, unless an older hit is
// for the same bytes.
std::uint16_t Controller::pick_grouped(const Bank& bank) const {
  const List& list = bank.lists[kRead];
  const std::uint16_t first = pick_from(bank, kRead);
  if (first == kNone || entries_[first].access.row != bank.row) return first;
  for (std::uint16_t i = first; i != kNone; i = entries_[i].next) {
    const Burst& access = entries_[i].access;
    if (access.row != bank.row || access.direction != mode_) continue;
    bool overtakes = false;
    for (std::uint16_t j = list.head; j != i && !overtakes; j = entries_[j].next) {
      overtakes = entries_[j].access.same_bytes(access);
    }
    if (!overtakes) return i;
  }
  return first;
}

Command Controller::column_command(const Bank& bank, const Entry& entry) const {
  const Direction direction = entry.access.direction;
  const List& list = bank.lists[list_of(direction)];
  bool close = false;
  if (config_.page == Page::kClosed) {
    close = true;
  } else if (config_.page == Page::kOpenAdaptive) {
    close = list.count >= 2 && !another_hit(bank, entry);
  } else if (config_.page == Page::kClosedAdaptive) {
    close = !another_hit(bank, entry);
  }
  if (direction == kRead) return close ? kRda : kRd;
  return close ? kWra : kWr;
}

// Whether the queue has a hit besides this one; in a FIFO only the next one counts.
bool Controller::another_hit(const Bank& bank, const Entry& entry) const {
  const List& list = bank.lists[list_of(entry.access.direction)];
  const bool next_only = config_.scheduler == Scheduler::kFifo;
  for (std::uint16_t i = list.head; i != kNone; i = entries_[i].next) {
    if (&entries_[i] == &entry) continue;
    if (entries_[i].access.row == entry.access.row) return true;
    if (next_only) return false;
  }
  return false;
}

// Keeps the ranks: a bank's next request is most often a little younger than its last.
void Controller::rank_column(std::uint32_t b, bool was, bool is) {
  std::size_t at = ranks_.size();
  if (was) {
    for (at = 0; ranks_[at].bank != b; ++at) {
    }
    if (!is) {
      ranks_.erase(ranks_.begin() + static_cast<std::ptrdiff_t>(at));
      return;
    }
  } else if (is) {
    ranks_.push_back({});
  } else {
    return;
  }
  const std::uint64_t age = banks_[b].age;
  for (; at > 0 && ranks_[at - 1].age > age; --at)
    ranks_[at] = ranks_[at - 1];
  for (; at + 1 < ranks_.size() && ranks_[at + 1].age < age; ++at)
    ranks_[at] = ranks_[at + 1];
  ranks_[at] = {age, b};
}

// The earliest legal column command, the oldest on a tie. Nothing is earlier than what the rules
// for all banks allow.
void Controller::plan_column() {
  column_planned_ = true;
  column_at_ = kNever;
  if (powered_down_) return;
  Tick least = kNever;
  for (const std::uint32_t direction : {kRead, kWrite}) {
    if (queued_[direction] == 0) continue;
    least = std::min(least, timing_.column_bound(static_cast<Command>(kRd + direction)));
    if (config_.page == Page::kOpen) continue;
    least = std::min(least, timing_.column_bound(static_cast<Command>(kRda + direction)));
  }
  least = whole_ck(std::max(least, now_));
  for (const Ranked& ranked : ranks_) {
    consider_column(ranked.bank);
    if (column_at_ <= least) return;
  }
}

void Controller::consider_column(std::uint32_t b) {
  const Bank& bank = banks_[b];
  Tick at = std::max(timing_.column_bound(bank.next), now_);
  if (bank.age > column_age_ && column_at_ <= at) return;  // at best a tie
  at = whole_ck(std::max(at, timing_.bank_bound(bank.next, b)));
  if (at > column_at_ || (at == column_at_ && bank.age > column_age_)) return;
  column_at_ = at;
  column_bank_ = b;
  column_age_ = bank.age;
}

// The row command that would leave its bus first, the oldest on a tie. A refresh that is due is
// older than all, one that is pulled in younger. A command that is not yet legal holds the bus.
void Controller::plan_row() {
  row_planned_ = true;
  row_at_ = kNever;
  row_end_ = kNever;
  row_is_refresh_ = false;
  if (powered_down_) return;
  if (refresh_command_ != kCommands) {
    const Tick ready = refresh_command_ < kBankCommands
                           ? timing_.ready(refresh_command_, refresh_bank_)
                           : timing_.ready(refresh_command_);
    row_at_ = std::max(ready, now_);
    row_end_ = row_at_ + table_.length[refresh_command_];
    row_age_ = config_.refresh_yields && refresh_ahead_ ? ~0ULL : 0;
    row_is_refresh_ = true;
  }
  for (std::uint64_t mask = rows_; mask != 0;)
    consider_row(take_lowest(mask));
}

void Controller::consider_row(std::uint32_t b) {
  const Bank& bank = banks_[b];
  const bool close = bank.closer != kNone;
  const Command command = close ? kPre : bank.next;
  const Tick at = std::max(timing_.ready(command, b), now_);
  const Tick end = at + table_.length[command];
  const std::uint64_t age = close ? entries_[bank.closer].age : bank.age;
  if (end > row_end_ || (end == row_end_ && age > row_age_)) return;
  row_at_ = at;
  row_end_ = end;
  row_bank_ = b;
  row_age_ = age;
  row_is_refresh_ = false;
}

}  // namespace aipu::hbm
