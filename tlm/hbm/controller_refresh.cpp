// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tlm/hbm/controller.h"

namespace aipu::hbm {

Tick Controller::next_refresh_thought() const {
  if (refresh_considered_ < refresh_due_) return std::max(now_, refresh_due_);
  return refresh_due_ + refresh_interval_;
}

void Controller::evaluate_refresh() {
  const Command before = refresh_command_;
  const std::uint32_t bank_before = refresh_bank_;
  refresh_changed_ = false;
  refresh_considered_ = now_;
  refresh_command_ = kCommands;
  if (now_ >= refresh_due_ && !powered_down_) {
    if (now_ >= refresh_due_ + refresh_interval_) {
      refresh_due_ += refresh_interval_;
      if (!refresh_ahead_) ++refresh_owed_;
      refresh_ahead_ = false;
    }
    config_.refresh == Refresh::kAllBank ? evaluate_refresh_all() : evaluate_refresh_bank();
  }
  if (hot_banks_ != 0 && !powered_down_) evaluate_management();
  if (refresh_command_ != before || refresh_bank_ != bank_before) row_planned_ = false;
}

// All banks together: forced when too many are owed, else put off while a bank works.
void Controller::evaluate_refresh_all() {
  const bool idle = std::all_of(banks_.begin(), banks_.end(),
                                [](const Bank& bank) { return bank.current == kNone; });
  if (!refresh_ahead_ && refresh_owed_ >= most_owed_) {
    for (std::uint32_t b = 0; b < banks_.size(); ++b)
      block(b);
  } else if (!idle) {
    if (!refresh_ahead_) ++refresh_owed_;
    refresh_ahead_ = false;
    refresh_due_ += refresh_interval_;
    return;
  }
  refresh_command_ = open_banks_ != 0 ? kPreab : kRefab;
}

// One bank of those left in this round: the first idle one; when too many are owed and none is
// idle, the first.
void Controller::evaluate_refresh_bank() {
  const bool forced = !refresh_ahead_ && refresh_owed_ >= most_owed_;
  if (!refresh_chosen_) {
    if (turns_left_ == 0) turns_left_ = ~0ULL >> (64 - banks_.size());
    bool found = false;
    for (std::uint64_t mask = turns_left_; mask != 0 && !found; mask &= mask - 1) {
      const auto turn = static_cast<std::uint32_t>(__builtin_ctzll(mask));
      found = banks_[refresh_bank(turn)].current == kNone;
      if (found) refresh_turn_ = turn;
    }
    if (!found && !forced) {
      if (!refresh_ahead_) ++refresh_owed_;
      refresh_ahead_ = false;
      refresh_due_ += refresh_interval_;
      return;
    }
    if (!found) refresh_turn_ = static_cast<std::uint32_t>(__builtin_ctzll(turns_left_));
  }
  refresh_bank_ = refresh_bank(refresh_turn_);
  refresh_command_ = banks_[refresh_bank_].row != kClosed ? kPre : kRefpb;
  if (!forced || refresh_chosen_) return;
  // Hits that keep coming must not keep the row open.
  block(refresh_bank_);
  refresh_chosen_ = true;
}

// Activates that refreshes have not made good: from the threshold on an idle bank gets refresh
// management, at the limit its requests wait for it; a row that was just opened is used first.
void Controller::evaluate_management() {
  for (std::uint64_t mask = hot_banks_; mask != 0; mask &= mask - 1) {
    const auto b = static_cast<std::uint32_t>(__builtin_ctzll(mask));
    if (banks_[b].activates >= config_.rfm_limit && !banks_[b].kept) block(b);
    if (refresh_command_ != kCommands) continue;
    if (!banks_[b].blocked && banks_[b].current != kNone) continue;
    refresh_bank_ = b;
    refresh_command_ = banks_[b].row != kClosed ? kPre : kRfmpb;
  }
}

void Controller::block(std::uint32_t b) {
  Bank& bank = banks_[b];
  if (bank.blocked) return;
  bank.blocked = true;
  bank.blocked_at = now_;
  evaluate(b);
}

// A command of refresh goes out.
void Controller::refreshed(Command command, std::uint32_t b) {
  const bool all = command >= kBankCommands;
  send(command, b, banks_[b].current == kNone ? 0 : entries_[banks_[b].current].access.row, 0,
       now_);
  refresh_command_ = kCommands;
  row_planned_ = false;
  for (std::uint32_t i = all ? 0 : b; i < (all ? banks_.size() : b + 1); ++i)
    refreshed_bank(command, i);
  if (command == kRefab || command == kRefpb) {
    refresh_chosen_ = false;
    if (command == kRefpb) turns_left_ &= ~(1ULL << refresh_turn_);
    if (refresh_ahead_ || refresh_owed_ > most_owed_) {
      --refresh_owed_;
    } else {
      refresh_ahead_ = true;
    }
    if (refresh_owed_ == -most_ahead_) {
      refresh_ahead_ = false;
      refresh_due_ += refresh_interval_;
    }
    skip_idle_refreshes();
  }
}

void Controller::refreshed_bank(Command command, std::uint32_t b) {
  Bank& bank = banks_[b];
  if (command == kPre || command == kPreab) {
    if (bank.row != kClosed) close_row(bank);
  } else {
    if (!bank.blocked) bank.blocked_at = now_;
    bank.blocked = false;
    bank.refreshed = now_ + blocking_[command];
    const std::uint32_t off = command == kRfmpb ? config_.rfm_threshold : config_.rfm_decrement;
    bank.activates -= std::min(bank.activates, off);
    if (managed_ && bank.activates < config_.rfm_threshold) hot_banks_ &= ~(1ULL << b);
  }
  evaluate(b);
}

// Refreshes go bank by bank through a bank group, then to the next, then to the next stack id.
std::uint32_t Controller::refresh_bank(std::uint32_t turn) const {
  const std::uint32_t bank = turn % config_.banks;
  const std::uint32_t group = turn / config_.banks % config_.bank_groups;
  const std::uint32_t stack_id = turn / config_.banks / config_.bank_groups;
  return (stack_id * config_.banks + bank) * config_.bank_groups + group;
}

// With nothing queued every interval is like the last; only the latest rounds leave a trace.
void Controller::skip_idle_refreshes() {
  const Tick until = std::min(horizon_, entry_at_);
  const auto round = static_cast<Tick>(banks_.size());
  const bool steady = queued() == 0 && refresh_owed_ == -most_ahead_ && open_banks_ == 0 &&
                      !refresh_ahead_ && !managed_ && now_ < refresh_due_;
  if (!steady || sink_ != nullptr || power_down_after_ != kNever || until >= kNever - 1) return;
  const Tick rounds = (until - refresh_due_) / (refresh_interval_ * round) - 2;
  if (rounds <= 0) return;
  const Tick skipped = rounds * round;  // whole rounds: the turn stays what it is
  refresh_due_ += skipped * refresh_interval_;
  counts_.commands[config_.refresh == Refresh::kAllBank ? kRefab : kRefpb] +=
      static_cast<std::uint64_t>(skipped);
}

}  // namespace aipu::hbm
