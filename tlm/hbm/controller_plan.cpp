// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tlm/hbm/controller.h"

namespace aipu::hbm {

std::uint32_t Controller::closed_for(const BankSet& set, const Entry& entry) const {
  std::uint32_t mask = 0;
  for (std::uint32_t g = 0; g < groups_; ++g) {
    if (set.banks[g].row != entry.access.row) mask |= 1U << g;
  }
  return mask & entry.mask;
}

// First ready, first come: the oldest access whose rows are open, and the oldest that needs rows
// opened where neither a hit nor an older access has a claim. A starving access has all claims.
void Controller::offer(BankSet& set, Direction mode) {
  set.dirty = false;
  set.mode = mode;
  set.column = kNone;
  set.row = kNone;
  set.fewest_atoms = ~0U;
  const std::uint16_t head = set.lists[mode].head;
  std::uint32_t reserved = 0;  // by a starving access
  if (head != kNone && entries_[head].blockers == 0 &&
      time_ - entries_[head].arrival > starvation_) {
    reserved = closed_for(set, entries_[head]);
  }
  std::uint32_t claimed = 0;
  for (std::uint16_t i = head; i != kNone; i = entries_[i].next) {
    const Entry& entry = entries_[i];
    set.fewest_atoms = std::min(set.fewest_atoms, entry.access.atoms);
    if (entry.blockers != 0 || closed_for(set, entry) != 0 || (entry.mask & reserved) != 0)
      continue;
    claimed |= entry.mask;
    if (set.column == kNone) set.column = i;
  }
  for (std::uint16_t i = head; i != kNone && set.row == kNone; i = entries_[i].next) {
    const Entry& entry = entries_[i];
    if (entry.blockers != 0) continue;
    const std::uint32_t closed = closed_for(set, entry);
    if (closed != 0 && (closed & claimed) == 0) {
      set.row = i;
      set.row_mask = closed;
    }
    claimed |= entry.mask;
  }
  if (set.column != kNone) {
    const Access& access = entries_[set.column].access;
    set.column_ready = 0;
    for (std::uint32_t i = 0; i < std::min(access.atoms, groups_); ++i) {
      const Bank& bank = set.banks[(access.unit + i) & group_mask_];
      set.column_ready = std::max(set.column_ready, bank.col_ok[mode] - i * timings_.spacing);
    }
  }
  if (set.row == kNone) return;
  std::uint32_t open = 0;
  for (std::uint32_t g = 0; g < groups_; ++g) {
    if ((set.row_mask >> g & 1U) != 0 && set.banks[g].row >= 0) open |= 1U << g;
  }
  set.precharge = open != 0;
  if (set.precharge) set.row_mask = open;
  set.row_ready = 0;
  set.row_lead = -kNever;
  const std::uint32_t unit = entries_[set.row].access.unit;
  Ck order = 0;  // of the activates: they go out one tRRD after the other
  for (std::uint32_t g = 0; g < groups_; ++g) {
    if ((set.row_mask >> g & 1U) == 0) continue;
    const Bank& bank = set.banks[g];
    const Ck ready = set.precharge ? bank.pre_ok : bank.act_ok - order;
    set.row_ready = std::max(set.row_ready, ready);
    set.row_lead = std::max(set.row_lead, order - ((g - unit) & group_mask_) * timings_.spacing);
    if (!set.precharge) order += timings_.act_to_act_any;
  }
}

Ck Controller::column_time(const BankSet& set, const Entry& entry) const {
  const Direction direction = entry.access.direction;
  Ck at = std::max(set.column_ready, column_ok_[direction]);
  if (set.stack_id != last_stack_id_ && direction == last_direction_) {
    at = std::max(at, last_column_ + timings_.col_to_col_stack_id);
  }
  const std::uint32_t groups = std::min(entry.access.atoms, groups_);
  Ck later = 0;  // of the atom of each bank group than the first
  for (std::uint32_t i = 0; i < groups; ++i, later += timings_.spacing) {
    at = std::max(at, column_group_ok_[direction][(entry.access.unit + i) & group_mask_] - later);
  }
  return at;
}

Ck Controller::window_ok(std::uint32_t group) const {
  return std::max(
      {act_any_ok_, act_group_ok_[group], recent_acts_[oldest_act_] + timings_.four_acts});
}

Ck Controller::row_time(const BankSet& set) const {
  if (set.precharge) return set.row_ready;
  std::uint32_t first = 0;
  while ((set.row_mask >> first & 1U) == 0)
    ++first;
  return std::max(set.row_ready, window_ok(first));
}

void Controller::plan_column(std::uint32_t s) {
  const BankSet& set = sets_[s];
  const Entry& entry = entries_[set.column];
  const Ck at = std::max(time_, column_time(set, entry));
  if (at > plan_.column_at || (at == plan_.column_at && entry.age > plan_.column_age)) return;
  plan_.column_at = at;
  plan_.column_set = s;
  plan_.column_age = entry.age;
}

Ck Controller::plan_row(std::uint32_t s) {
  const BankSet& set = sets_[s];
  const Entry& entry = entries_[set.row];
  const Ck at = std::max(time_, row_time(set));
  if (at < plan_.row_at || (at == plan_.row_at && entry.age < plan_.row_age)) {
    plan_.row_at = at;
    plan_.row_set = s;
    plan_.row_age = entry.age;
  }
  return at + set.row_lead + timings_.act_to_col[mode_] + (set.precharge ? timings_.pre_to_act : 0);
}

// Rows of the other direction are opened ahead of an expected turn, where no access of the present
// one wants the banks.
bool Controller::turn_expected() const {
  constexpr std::uint32_t kAhead = 4;
  if (mode_ == kRead) {
    return queued_[kWrite] + kAhead >= config_.write_high || queued_[kRead] <= kAhead;
  }
  return queued_[kWrite] <= config_.write_low + kAhead;
}

const Controller::Plan& Controller::plan() {
  if (planned_) return plan_;
  planned_ = true;
  plan_ = Plan{};
  std::uint32_t atoms = ~0U;
  const bool ahead = turn_expected();
  const Direction other = mode_ == kRead ? kWrite : kRead;
  for (std::uint64_t left = occupied_; left != 0; left &= left - 1) {
    const auto s = static_cast<std::uint32_t>(__builtin_ctzll(left));
    BankSet& set = sets_[s];
    const bool present = set.lists[mode_].head != kNone;
    if (!present && !ahead) continue;
    const Direction mode = present ? mode_ : other;
    if (set.dirty || set.mode != mode) offer(set, mode);
    if (!present) {
      if (set.row != kNone) plan_row(s);
      continue;
    }
    atoms = std::min(atoms, set.fewest_atoms);
    if (set.column != kNone) plan_column(s);
    if (set.row != kNone) plan_.issue_at = std::min(plan_.issue_at, plan_row(s));
  }
  plan_.refresh_at = refresh_time();
  plan_.issue_at =
      std::max(std::min(plan_.issue_at, plan_.column_at), std::min(plan_.row_at, plan_.column_at));
  if (plan_.issue_at < kNever) {
    plan_.done_at =
        plan_.issue_at + timings_.latency[mode_] + (atoms - 1) * timings_.spacing + timings_.burst;
  }
  return plan_;
}

Ck Controller::next_issue() {
  return empty() ? kNever : plan().issue_at;
}

Ck Controller::next_wake() {
  return empty() ? kNever : plan().done_at;
}

}  // namespace aipu::hbm
