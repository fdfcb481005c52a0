// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/timing_state.h"

#include "hw/base/assert.h"

namespace aipu::hbm {
namespace {

constexpr Tick kLongAgo = -(Tick{1} << 60);

/// Whether a controller of this configuration ever sends a command: rules of others are left out.
std::array<bool, kCommands> used_by(const Config& config) {
  const bool managed = config.rfm_threshold != 0;
  const bool powers_down = config.power_down.count != 0;
  const bool closes = config.page != Page::kOpen;
  const bool all_banks = config.refresh == Refresh::kAllBank;
  std::array<bool, kCommands> used{};
  for (const Command command : {kAct, kPre, kRd, kWr})
    used[command] = true;
  used[kRda] = used[kWra] = closes;
  used[kPreab] = used[kRefab] = all_banks;
  used[kRefpb] = config.refresh == Refresh::kPerBank;
  used[kRfmpb] = managed;
  used[kPde] = used[kPdx] = powers_down;
  return used;
}

}  // namespace

TimingState::TimingState(const ConstraintTable& table, const Config& config)
    : length_(table.length), offset_(table.offset), several_stack_ids_(config.stack_ids > 1) {
  const std::uint32_t count = bank_count(config);
  for (std::uint32_t bank = 0; bank < count; ++bank) {
    const std::uint32_t stack_id = bank / config.bank_groups / config.banks;
    const std::uint32_t group = bank % config.bank_groups;
    group_of_.push_back(static_cast<std::uint8_t>(stack_id * config.bank_groups + group));
    stack_id_of_.push_back(static_cast<std::uint8_t>(stack_id));
  }
  banks_.resize(count);
  groups_.resize(std::size_t{config.stack_ids} * config.bank_groups);
  stack_ids_.resize(config.stack_ids);
  const auto used = used_by(config);
  for (const Constraint& rule : table.pairs) {
    if (used[rule.from] && used[rule.to]) add(rule);
  }
  for (const Window& window : table.windows) {
    Recent recent;
    recent.at.assign(window.count, kLongAgo);
    recent.span = window.span;
    for (const Command command : window.commands) {
      recent.members[command] = true;
      in_window_[command] = true;
      disturbs_[command][0] = true;
    }
    windows_.push_back(recent);
  }
  for (std::size_t c = 0; c < kCommands; ++c)
    disturbs_[c][is_column(static_cast<Command>(c))] = true;  // by its command bus
}

// Several rules for the same pair and scope become the longest.
void TimingState::add(const Constraint& rule) {
  AIPU_ASSERT(rule.scope == Scope::kChannel || rule.to < kBankCommands,
              "rule {} restrains a bank with a command to all banks", rule.name);
  Effects& effects = effects_[rule.from][static_cast<std::size_t>(rule.scope)];
  const auto same = std::find_if(effects.begin(), effects.end(),
                                 [&](const Effect& effect) { return effect.to == rule.to; });
  if (same == effects.end()) {
    effects.push_back({rule.to, rule.distance});
  } else {
    same->distance = std::max(same->distance, rule.distance);
  }
  const bool wide = rule.scope != Scope::kBank && rule.to < kBankCommands;
  if (wide) disturbs_[rule.from][is_column(rule.to)] = true;
}

Tick TimingState::window_ready(Command command) const {
  Tick at = kLongAgo;
  for (const Recent& window : windows_) {
    if (!window.members[command]) continue;
    at = std::max(at, window.at[window.oldest] + window.span - offset_[command]);
  }
  return at;
}

void TimingState::apply(Command command, std::uint32_t bank, Tick at) {
  const auto& effects = effects_[command];
  raise(channel_, effects[static_cast<std::size_t>(Scope::kChannel)], at);
  bus_free_[is_column(command)] = at + length_[command];
  if (command >= kBankCommands) return;
  raise(banks_[bank], effects[static_cast<std::size_t>(Scope::kBank)], at);
  raise(groups_[group_of_[bank]], effects[static_cast<std::size_t>(Scope::kBankGroup)], at);
  if (several_stack_ids_) {
    for (std::size_t other = 0; other < stack_ids_.size(); ++other) {
      if (other == stack_id_of_[bank]) continue;
      raise(stack_ids_[other], effects[static_cast<std::size_t>(Scope::kOtherStackId)], at);
    }
  }
  if (!in_window_[command]) return;
  for (Recent& window : windows_) {
    if (!window.members[command]) continue;
    window.at[window.oldest] = at + offset_[command];
    window.oldest = window.oldest + 1 == window.at.size() ? 0 : window.oldest + 1;
  }
}

}  // namespace aipu::hbm
