// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tlm/hbm/controller.h"

namespace aipu::hbm {

std::uint64_t Controller::refreshes_due(Ck now) const {
  return refresh_interval_ >= kNever ? 0 : static_cast<std::uint64_t>(now / refresh_interval_);
}

// A refresh that is owed goes out as soon as it disturbs nobody, at the latest when more than
// `refresh_postpone` are owed.
Ck Controller::refresh_time() const {
  if (refresh_interval_ >= kNever) return kNever;
  const Ck due = static_cast<Ck>(units_done_ + 1) * refresh_interval_;
  const bool idle = config_.refresh == Refresh::kPerBank && (refreshable_ & ~occupied_) != 0;
  return std::max(time_, idle ? due : due + config_.refresh_postpone * refresh_interval_);
}

void Controller::refresh(Ck now) {
  if (config_.refresh == Refresh::kAllBank) {
    refresh_all(now);
    return;
  }
  // The bank set whose first access is the youngest; one without accesses before any other.
  std::uint32_t chosen = 0;
  std::uint64_t best = 0;
  for (std::uint64_t left = refreshable_; left != 0; left &= left - 1) {
    const auto s = static_cast<std::uint32_t>(__builtin_ctzll(left));
    const std::uint64_t age = oldest_age(sets_[s]) + 1;
    if (age <= best) continue;
    best = age;
    chosen = s;
  }
  refresh_set(chosen, now);
}

// The per-bank commands of one bank set, tRREFD apart. Every set is refreshed once per round; a set
// may be one round ahead of the slowest, as the standard lets the order inside a round be free.
void Controller::refresh_set(std::uint32_t s, Ck now) {
  BankSet& set = sets_[s];
  Ck at = std::max(now, refresh_ok_);
  for (std::uint32_t g = 0; g < groups_; ++g) {
    Bank& bank = set.banks[g];
    if (bank.row >= 0) {
      const Ck precharge = std::max(now, bank.pre_ok);
      bank.act_ok = std::max(bank.act_ok, precharge + timings_.pre_to_ref);
      bank.row = -1;
    }
    at = std::max(at, bank.act_ok);
    bank.act_ok = at + timings_.ref_bank_to_act;
    bank.refreshed = bank.act_ok;
    at += timings_.ref_to_ref;
    ++counts_.refreshes;
  }
  refresh_ok_ = at;
  set.dirty = true;
  ++units_done_;
  ++set_units_[s];
  const std::uint64_t slowest = *std::min_element(set_units_.begin(), set_units_.end());
  refreshable_ = 0;
  for (std::uint32_t i = 0; i < sets_.size(); ++i) {
    if (set_units_[i] <= slowest) refreshable_ |= 1ULL << i;
  }
}

void Controller::refresh_all(Ck now) {
  Ck at = std::max(now, refresh_ok_);
  for (BankSet& set : sets_) {
    for (std::uint32_t g = 0; g < groups_; ++g) {
      Bank& bank = set.banks[g];
      const Ck closed = std::max(now, bank.pre_ok) + timings_.pre_to_ref;
      at = std::max(at, bank.row >= 0 ? closed : bank.act_ok);
    }
  }
  for (BankSet& set : sets_) {
    set.dirty = true;
    for (Bank& bank : set.banks) {
      bank.row = -1;
      bank.act_ok = at + timings_.ref_all_to_act;
      bank.refreshed = bank.act_ok;
    }
  }
  refresh_ok_ = at + timings_.ref_all_to_act + timings_.act_slots - 1;
  ++units_done_;
  ++counts_.refreshes;
}

// While nothing was queued every refresh went out when it was due. All but the last rounds are only
// counted.
void Controller::skip_idle_refreshes(Ck now) {
  const std::uint64_t due = refreshes_due(now - 1);
  const std::uint64_t round = config_.refresh == Refresh::kPerBank ? sets_.size() : 1;
  const std::uint64_t commands = config_.refresh == Refresh::kPerBank ? groups_ : 1;
  if (due > units_done_ + 2 * round) {
    const std::uint64_t rounds = (due - units_done_) / round - 1;
    units_done_ += rounds * round;
    counts_.refreshes += rounds * round * commands;
    for (std::uint64_t& units : set_units_)
      units += rounds;
  }
  while (units_done_ < due) {
    refresh(std::max(time_, static_cast<Ck>(units_done_ + 1) * refresh_interval_));
  }
}

}  // namespace aipu::hbm
