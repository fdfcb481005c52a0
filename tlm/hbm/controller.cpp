// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/controller.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu::hbm {

Controller::Controller(const Config& config)
    : config_(config),
      timings_(cycle_timings(config)),
      groups_(config.bank_groups),
      group_mask_(config.bank_groups - 1),
      starvation_(to_ck(config, config.starvation)),
      sets_(bank_sets(config)),
      entries_(config.read_queue + config.write_queue),
      room_{config.read_queue, config.write_queue},
      set_units_(bank_sets(config), 0),
      refreshable_(sets_.size() == 64 ? ~0ULL : (1ULL << sets_.size()) - 1) {
  AIPU_ASSERT(groups_ <= kMaxGroups && sets_.size() <= 64, "{} bank groups, {} bank sets", groups_,
              sets_.size());
  for (std::size_t i = entries_.size(); i-- > 0;)
    free_.push_back(static_cast<std::uint16_t>(i));
  for (std::uint32_t s = 0; s < sets_.size(); ++s)
    sets_[s].stack_id = s / config.banks;
  last_group_column_.fill(-kNever);
  last_group_direction_.fill(kRead);
  recent_acts_.fill(-kNever);
  if (config.refresh == Refresh::kAllBank) refresh_interval_ = timings_.refi;
  if (config.refresh == Refresh::kPerBank) {
    refresh_interval_ = std::max<Ck>(1, timings_.refi / static_cast<Ck>(sets_.size()));
  }
}

void Controller::advance(Ck now, std::vector<Issue>& issued) {
  while (!empty()) {
    const Plan next = plan();
    const Ck at = std::min({next.column_at, next.row_at, next.refresh_at});
    if (at > now) return;
    time_ = std::max(time_, at);
    planned_ = false;
    if (next.refresh_at == at) {
      refresh(at);
    } else if (next.column_at == at) {
      issue_column(next.column_set, at, issued);
    } else {
      issue_row(next.row_set, at);
    }
  }
}

void Controller::issue_column(std::uint32_t s, Ck now, std::vector<Issue>& issued) {
  BankSet& set = sets_[s];
  const std::uint16_t index = set.column;
  const Entry entry = entries_[index];
  const Access& access = entry.access;
  account_column(set, entry, now);

  const Ck last = now + (access.atoms - 1) * timings_.spacing;
  for (std::uint32_t i = 0; i < std::min(access.atoms, groups_); ++i) {
    const std::uint32_t g = (access.unit + i) & group_mask_;
    const Ck column = now + (i + ((access.atoms - 1 - i) & ~group_mask_)) * timings_.spacing;
    Bank& bank = set.banks[g];
    bank.pre_ok = std::max(bank.pre_ok, column + timings_.col_to_pre[access.direction]);
    last_group_column_[g] = column;
    last_group_direction_[g] = access.direction;
    for (const Direction next : {kRead, kWrite}) {
      column_group_ok_[next][g] = column + timings_.col_to_col_group[access.direction][next];
    }
  }
  for (const Direction next : {kRead, kWrite}) {
    column_ok_[next] = last + timings_.col_to_col[access.direction][next];
  }
  last_column_ = last;
  last_direction_ = access.direction;
  last_stack_id_ = set.stack_id;
  issued.push_back({access.id, now, account_.data_end()});
  counts_.atoms += access.atoms;
  ++(entry.missed ? counts_.row_misses : counts_.row_hits);

  remove(set, index);
  unblock(set, entry);
  if (access.direction == kWrite) ++drained_;
  if (empty()) account_.became_empty();
  choose_mode();
}

void Controller::account_column(const BankSet& set, const Entry& entry, Ck now) {
  const Access& access = entry.access;
  const Ck latency = timings_.latency[access.direction];
  const Ck begin = now + latency;
  const Ck busy = access.atoms * timings_.burst;
  const Ck end = begin + (access.atoms - 1) * timings_.spacing + timings_.burst;
  if (begin == account_.data_end() && end - begin == busy) {
    account_.run(now, begin, end, busy, {});
    return;
  }
  const bool turn = access.direction != last_direction_;
  Ck group = last_column_ + timings_.col_to_col_stack_id;
  Ck refreshed = 0;
  Ck window = 0;
  Ck turned = turn ? last_column_ + timings_.col_to_col[last_direction_][access.direction] : 0;
  for (std::uint32_t i = 0; i < std::min(access.atoms, groups_); ++i) {
    const std::uint32_t g = (access.unit + i) & group_mask_;
    const Ck rule = timings_.col_to_col_group[last_group_direction_[g]][access.direction];
    Ck& level = last_group_direction_[g] == access.direction ? group : turned;
    level = std::max(level, last_group_column_[g] + rule - i * timings_.spacing);
    refreshed = std::max(refreshed, set.banks[g].refreshed);
    window = std::max(window, set.banks[g].window);
  }
  const Ck since = account_.waiting_since();
  const Ck after_refresh = refreshed + timings_.act_to_col[access.direction] + latency;
  account_.run(now, begin, end, busy,
               {since, since + latency, turned + latency, group + latency, after_refresh, window});
}

void Controller::issue_row(std::uint32_t s, Ck now) {
  BankSet& set = sets_[s];
  Entry& entry = entries_[set.row];
  for (std::uint32_t g = 0; g < groups_; ++g) {
    if ((set.row_mask >> g & 1U) == 0) continue;
    Bank& bank = set.banks[g];
    if (set.precharge) {
      bank.row = -1;
      bank.act_ok = std::max(bank.act_ok, now + timings_.pre_to_act);
    } else {
      activate(bank, g, entry, now);
    }
  }
  entry.missed = true;
  set.dirty = true;
}

void Controller::activate(Bank& bank, std::uint32_t group, const Entry& entry, Ck ready) {
  const Ck window = window_ok(group);
  const Ck at = std::max({ready, bank.act_ok, window});
  bank.row = entry.access.row;
  bank.window = at == window ? at - std::max(bank.act_ok, entry.arrival) : 0;
  bank.act_ok = at + timings_.act_to_act;
  bank.pre_ok = at + timings_.act_to_pre;
  bank.col_ok = {at + timings_.act_to_col[kRead], at + timings_.act_to_col[kWrite]};
  act_any_ok_ = at + timings_.act_to_act_any;
  act_group_ok_[group] = at + timings_.act_to_act_group;
  recent_acts_[oldest_act_] = at;
  oldest_act_ = (oldest_act_ + 1) % static_cast<std::uint32_t>(recent_acts_.size());
  ++counts_.activates;
}

ControllerCounts Controller::counts(Ck now) const {
  ControllerCounts counts = counts_;
  if (empty() && refreshes_due(now) > units_done_) {
    const std::uint64_t commands = config_.refresh == Refresh::kPerBank ? groups_ : 1;
    counts.refreshes += (refreshes_due(now) - units_done_) * commands;
  }
  return counts;
}

}  // namespace aipu::hbm
