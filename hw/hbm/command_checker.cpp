// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/command_checker.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace aipu::hbm {
namespace {

constexpr Tick kLongAgo = std::numeric_limits<Tick>::min() / 4;

constexpr CommandSet kRaisesOne = set_of(kAct, kRefpb, kRfmpb);
constexpr CommandSet kRaisesAll = set_of(kRefab, kRfmab);

constexpr bool has_bank(Command command) {
  return command < kBankCommands;
}

}  // namespace

std::string to_text(const Violation& v) {
  const LoggedCommand& c = v.command;
  std::string text = fmt::format("tick {}: {}", c.at, kCommandNames[c.command]);
  const auto field = [&text](const char* name, std::uint32_t value) {
    if (value != LoggedCommand::kNoField) text += fmt::format(" {} {}", name, value);
  };
  field("stack id", c.stack_id);
  field("bank group", c.bank_group);
  field("bank", c.bank);
  field("row", c.row);
  field("column", c.column);
  text += fmt::format(": {}", v.rule);
  if (v.earlier != Violation::kNoTick)
    text += fmt::format(": {} after tick {}", v.actual, v.earlier);
  else if (v.required != 0)
    text += fmt::format(": {}", v.actual);
  if (v.required != 0) text += fmt::format(", limit {}", v.required);
  return text;
}

CommandChecker::CommandChecker(const Config& config)
    : config_(config),
      device_(checked_device(config)),
      bank_times_(bank_count(config)),
      group_times_(std::size_t{config.stack_ids} * config.bank_groups),
      stack_times_(config.stack_ids),
      banks_(bank_count(config)),
      last_row_(kLongAgo),
      last_column_(kLongAgo),
      refresh_debt_(config, device_),
      activate_debt_(config) {
  for (auto* times : {&bank_times_, &group_times_, &stack_times_}) {
    for (Times& each : *times)
      each.fill(kLongAgo);
  }
  channel_times_.fill(kLongAgo);
  for (LoggedCommand& command : raised_)
    command.at = kLongAgo;
  for (const CheckedPair& pair : device_.pairs) {
    for (std::uint8_t from = 0; from < kCommands; ++from) {
      for (std::uint8_t to = 0; to < kCommands; ++to) {
        const auto earlier = static_cast<Command>(from);
        const auto later = static_cast<Command>(to);
        if (!has(pair.from, earlier) || !has(pair.to, later)) continue;
        // After power-down the receivers must be awake for the first cycle of a command.
        const Tick early = earlier == kPdx ? 0 : offset(later);
        const Tick distance = pair.distance + offset(earlier) - early;
        checks_[to].push_back({pair.reach, earlier, distance, pair.name});
      }
    }
  }
}

void CommandChecker::fail(const char* rule, Tick earlier, Tick required, Tick actual) {
  violations_.push_back({now_, rule, earlier, required, actual});
}

void CommandChecker::check(const LoggedCommand& command) {
  now_ = command;
  if (!locate()) {
    fail("address");
    return;
  }
  if (now_.at < last_) fail("order", last_, 0, now_.at - last_);
  last_ = std::max(last_, now_.at);
  check_overdue(now_.at);
  if (is_column(now_.command)) check_data();
  check_buses();
  check_power();
  check_pairs();
  if (has(kRaisesOne, now_.command)) check_window();
  check_bank();
  check_refresh();
  check_activates();
  remember();
}

void CommandChecker::finish(Tick end) {
  now_ = {};
  now_.at = end;
  check_overdue(end);
}

bool CommandChecker::locate() {
  if (now_.command >= kCommands) return false;
  if (!has_bank(now_.command)) return true;
  // Logs of devices with one stack id leave it out.
  const std::uint32_t stack =
      now_.stack_id == LoggedCommand::kNoField && config_.stack_ids == 1 ? 0 : now_.stack_id;
  if (stack >= config_.stack_ids || now_.bank_group >= config_.bank_groups ||
      now_.bank >= config_.banks) {
    return false;
  }
  at_.stack = stack;
  at_.group = stack * config_.bank_groups + now_.bank_group;
  at_.bank = at_.group * config_.banks + now_.bank;
  const bool needs_row = now_.command == kAct || is_column(now_.command);
  if (needs_row && now_.row >= rows(config_)) return false;
  return !is_column(now_.command) || now_.column < config_.row.count / atom(config_).count;
}

/// Only one command at a time on each command bus, and it starts with its clock.
void CommandChecker::check_buses() {
  const bool column = is_column(now_.command);
  if (column && now_.at % device_.ck != 0) fail("clock edge");
  const Tick length = column ? device_.ck : now_.command == kAct ? device_.act : 1;
  Tick& free = column ? column_bus_ : row_bus_;
  Tick& last = column ? last_column_ : last_row_;
  if (now_.at < free) {
    fail(column ? "column bus" : "row bus", last, free - last, now_.at - last);
  }
  free = std::max(free, now_.at + length);
  last = now_.at;
}

/// The data of two accesses never overlap.
void CommandChecker::check_data() {
  const bool read = now_.command == kRd || now_.command == kRda;
  const Tick begin = now_.at + (read ? device_.rl : device_.wl);
  if (begin < data_bus_) {
    const Tick actual = now_.at - last_column_;
    fail("data bus", last_column_, actual + data_bus_ - begin, actual);
  }
  data_bus_ = std::max(data_bus_, begin + device_.burst);
}

Tick CommandChecker::latest(const Check& check) const {
  switch (check.reach) {
    case Reach::kSameBank:
      return bank_times_[at_.bank][check.from];
    case Reach::kSameGroup:
      return group_times_[at_.group][check.from];
    case Reach::kChannel:
      return channel_times_[check.from];
    case Reach::kOtherStack:
      break;
  }
  Tick latest = kLongAgo;
  for (std::uint32_t stack = 0; stack < stack_times_.size(); ++stack) {
    if (stack != at_.stack) latest = std::max(latest, stack_times_[stack][check.from]);
  }
  return latest;
}

void CommandChecker::check_pairs() {
  for (const Check& check : checks_[now_.command]) {
    const Tick earlier = latest(check);
    const Tick actual = now_.at - earlier;
    if (actual < check.distance) fail(check.name, earlier, check.distance, actual);
  }
}

/// Any five activates or refreshes of single banks span at least tFAW.
void CommandChecker::check_window() {
  const LoggedCommand& first = raised_[oldest_];
  const Tick distance = device_.faw + offset(first.command) - offset(now_.command);
  const Tick actual = now_.at - first.at;
  if (actual < distance) fail("tFAW", first.at, distance, actual);
  raised_[oldest_] = now_;
  oldest_ = (oldest_ + 1) % raised_.size();
}

void CommandChecker::check_power() {
  if (powered_down_ != (now_.command == kPdx))
    fail(powered_down_ ? "power-down" : "not powered down");
  if (now_.command == kPde) powered_down_ = true;
  if (now_.command == kPdx) powered_down_ = false;
}

void CommandChecker::check_bank() {
  const auto close = [this](Bank& bank) {
    if (bank.open) --open_banks_;
    bank.open = false;
  };
  if (has(kRaisesAll, now_.command) && open_banks_ != 0) fail("all banks closed");
  if (now_.command == kPreab) std::for_each(banks_.begin(), banks_.end(), close);
  if (!has_bank(now_.command)) return;

  Bank& bank = banks_[at_.bank];
  if (has(kRaisesOne, now_.command) && bank.open) fail("bank closed");
  if (is_column(now_.command)) {
    if (!bank.open)
      fail("bank open");
    else if (bank.row != now_.row)
      fail("row open");
  }
  if (has(set_of(kPre, kRda, kWra), now_.command)) close(bank);
  if (now_.command == kAct) {
    if (!bank.open) ++open_banks_;
    bank = {true, now_.row};
  }
}

void CommandChecker::check_refresh() {
  if (now_.command == kRefpb) {
    if (!refresh_debt_.in_turn(at_.bank)) fail("refresh round");
    if (!refresh_debt_.refresh(now_.at, 1)) fail("refresh pull-in");
  } else if (now_.command == kRefab) {
    refresh_debt_.round_done();
    if (!refresh_debt_.refresh(now_.at, bank_count(config_))) fail("refresh pull-in");
  }
}

void CommandChecker::check_overdue(Tick now) {
  if (now < refresh_debt_.breach()) return;
  const Tick last = std::max({Tick{0}, channel_times_[kRefab], channel_times_[kRefpb]});
  fail("tREFI", last, refresh_debt_.breach() - last, now - last);
  refresh_debt_.reported();
}

void CommandChecker::check_activates() {
  switch (now_.command) {
    case kAct:
      if (!activate_debt_.activate(at_.bank)) {
        fail("RAAMMT", Violation::kNoTick, static_cast<Tick>(activate_debt_.limit()),
             static_cast<Tick>(activate_debt_.count(at_.bank)));
      }
      break;
    case kRefpb:
      activate_debt_.refresh(at_.bank);
      break;
    case kRfmpb:
      activate_debt_.manage(at_.bank);
      break;
    case kRefab:
    case kRfmab:
      for (std::uint32_t bank = 0; bank < banks_.size(); ++bank) {
        if (now_.command == kRefab)
          activate_debt_.refresh(bank);
        else
          activate_debt_.manage(bank);
      }
      break;
    default:
      break;
  }
}

void CommandChecker::remember() {
  channel_times_[now_.command] = now_.at;
  if (!has_bank(now_.command)) return;
  bank_times_[at_.bank][now_.command] = now_.at;
  group_times_[at_.group][now_.command] = now_.at;
  stack_times_[at_.stack][now_.command] = now_.at;
}

std::vector<Violation> check_commands(const Config& config, const std::vector<LoggedCommand>& log,
                                      Tick end) {
  CommandChecker checker(config);
  for (const LoggedCommand& command : log)
    checker.check(command);
  checker.finish(std::max(end, log.empty() ? 0 : log.back().at));
  return checker.violations();
}

}  // namespace aipu::hbm
