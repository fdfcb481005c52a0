// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/controller.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu::hbm {
namespace {

Tick least_opening(const ConstraintTable& table) {
  Tick least = Controller::kNever;
  for (const Constraint& rule : table.pairs) {
    if (rule.from == kAct && is_column(rule.to)) least = std::min(least, rule.distance);
  }
  return least;
}

std::array<Tick, kCommands> blocking(const ConstraintTable& table) {
  std::array<Tick, kCommands> longest{};
  for (const Constraint& rule : table.pairs) {
    if (rule.to != kAct || rule.reason != Reason::kRefresh) continue;
    longest[rule.from] = std::max(longest[rule.from], rule.distance);
  }
  return longest;
}

}  // namespace

Controller::Controller(const Config& config)
    : config_(config),
      table_(constraints(config)),
      lists_(config.scheduler == Scheduler::kGrpFrFcfs || config.scheduler == Scheduler::kWatermark
                 ? 2
                 : 1),
      starvation_(to_ticks(config, config.starvation)),
      ck_(table_.ticks_per_ck),
      managed_(config.rfm_threshold != 0),
      least_opening_(least_opening(table_)),
      blocking_(blocking(table_)),
      timing_(table_, config),
      banks_(bank_count(config)),
      entries_(std::size_t{config.read_queue} + config.write_queue + config.open_buffer),
      room_{config.read_queue, config.write_queue},
      open_room_(config.open_buffer),
      bank_accesses_(bank_count(config)) {
  for (std::size_t i = entries_.size(); i-- > 0;)
    free_.push_back(static_cast<std::uint16_t>(i));
  const auto banks = static_cast<std::int32_t>(banks_.size());
  const std::int32_t commands = config.refresh == Refresh::kPerBank ? banks : 1;
  most_owed_ = commands * static_cast<std::int32_t>(config.refresh_postpone);
  most_ahead_ = commands * static_cast<std::int32_t>(config.refresh_pull_in);
  if (config.refresh != Refresh::kNone) {
    refresh_interval_ = config.refresh == Refresh::kPerBank ? table_.refi_pb : table_.refi;
    refresh_due_ = refresh_interval_;
  }
  if (config.power_down.count != 0) power_down_after_ = to_ticks(config, config.power_down);
}

void Controller::offer_run(const Access& first, std::uint32_t atoms, Tick at) {
  const std::uint32_t groups = config_.bank_groups;
  AIPU_ASSERT(first.bank < banks_.size() &&
                  first.column + (first.bank % groups + atoms - 1) / groups <= 0xFFFF,
              "bank {} column {}", first.bank, first.column);
  const Burst burst{first.row, first.id, static_cast<std::uint16_t>(first.column),
                    static_cast<std::uint8_t>(first.bank), first.direction};
  port_.push({burst, atoms, whole_ck(at)});
  waiting_ += atoms;
  if (port_.size() == 1) plan_entry();
}

void Controller::advance(Tick until, std::vector<Issue>& issued) {
  run(until, 0, false, issued);
}

void Controller::advance_to(std::uint32_t limit, std::vector<Issue>& issued) {
  run(kNever - 1, limit, true, issued);
}

void Controller::drain(std::vector<Issue>& issued) {
  while (!empty()) {
    const Tick at = next_event();
    AIPU_ASSERT(at < kNever, "{} accesses queued, {} at the port, and nothing will happen",
                queued(), waiting_);
    step(at, issued);
  }
}

// To `until`; with `to_limit` only to the entry that leaves so many at the port.
void Controller::run(Tick until, std::uint32_t limit, bool to_limit, std::vector<Issue>& issued) {
  horizon_ = until;
  while (!to_limit || waiting_ > limit) {
    const Tick at = next_event();
    if (at > until) return;
    step(at, issued);
  }
}

Tick Controller::next_event() {
  if (!column_planned_) plan_column();
  if (!row_planned_) plan_row();
  Tick at = std::min(std::min(column_at_, row_at_), std::min(entry_at_, refresh_time()));
  if (power_down_after_ != kNever) at = std::min(at, power_time());
  return at;
}

// One thing at one time: entries come first, then what refresh wants, then the older of a row and a
// column command; the other one follows in the next step of the same tick.
void Controller::step(Tick at, std::vector<Issue>& issued) {
  now_ = at;
  if (entry_at_ <= at) return admit(false);
  if (refresh_time() <= at) return evaluate_refresh();
  if (power_down_after_ != kNever && power_time() <= at) return change_power();
  const bool column = column_at_ <= at;
  if (column && row_at_ <= at) {
    const bool row_first = row_is_refresh_ || (config_.protect_hits && row_age_ < column_age_);
    return row_first ? issue_row() : issue_column(issued);
  }
  AIPU_ASSERT(column || row_at_ <= at, "nothing to do at {}", at);
  column ? issue_column(issued) : issue_row();
}

Tick Controller::next_entry() {
  if (waiting_ == 0) return kNever;
  Tick at = std::min(entry_at_, next_issue());
  if (config_.open_buffer != 0) at = std::min(at, row_at_);  // an activate frees a place
  return std::max(at, now_);
}

Tick Controller::next_issue() {
  if (empty()) return kNever;
  if (powered_down_) return std::min(std::min(power_time(), entry_at_), refresh_time());
  if (!column_planned_) plan_column();
  if (!row_planned_) plan_row();
  // A row opened now is not used before tRCD; a bank that has it open may be used at once.
  const Tick opened = row_at_ >= kNever ? kNever : row_at_ + least_opening_;
  return std::min(std::min(column_at_, opened), std::min(entry_at_, refresh_time()));
}

void Controller::close_row(Bank& bank) {
  bank.row = kClosed;
  bank.kept = false;
  if (--open_banks_ == 0) counts_.active += now_ - active_at_;
}

// Keeps all records of a command but the request's.
void Controller::send(Command command, std::uint32_t bank, std::uint32_t row, std::uint32_t column,
                      Tick at) {
  timing_.apply(command, bank, at);
  ++counts_.commands[command];
  note_for_refresh(bank);
  if (timing_.disturbs_rows(command) || refreshes(bank)) row_planned_ = false;
  if (timing_.disturbs_columns(command)) column_planned_ = false;
  if (sink_ == nullptr) return;
  LoggedCommand line;
  line.at = at;
  line.command = command;
  if (command < kBankCommands) {
    const std::uint32_t set = bank / config_.bank_groups;
    line.stack_id = set / config_.banks;
    line.bank = set % config_.banks;
    line.bank_group = bank % config_.bank_groups;
    line.row = row;
    if (is_column(command)) line.column = column;
  }
  sink_->command(line);
}

void Controller::issue_column(std::vector<Issue>& issued) {
  const std::uint32_t b = column_bank_;
  Bank& bank = banks_[b];
  const std::uint16_t index = bank.current;
  const Entry& entry = entries_[index];
  const Direction direction = entry.access.direction;
  const Command command = bank.next;
  const Tick ready = timing_.bank_ready(command, b);
  const Tick done = now_ + table_.latency[direction] + table_.burst;
  account_column(bank, entry, command);
  split_latency(bank, entry, ready, done);
  issued.push_back({entry.access.id, direction, entry.waited, entry.accepted, now_, done});
  ++counts_.accesses[direction];
  ++bank_accesses_[b];
  if (!entry.missed) ++counts_.row_hits;
  send(command, b, entry.access.row, entry.access.column, now_);
  bank.current = kNone;
  bank.kept = false;
  if (command == kRda || command == kWra) {
    close_row(bank);
    row_planned_ = false;
  }
  remove(index);
  if (queued() == 0) {
    account_.became_empty();
    idle_since_ = now_;
  }
  evaluate(b);
  admit_waiting();
}

void Controller::issue_row() {
  if (row_is_refresh_) return refreshed(refresh_command_, refresh_bank_);
  const std::uint32_t b = row_bank_;
  Bank& bank = banks_[b];
  const bool close = bank.closer != kNone;
  Entry& entry = entries_[close ? bank.closer : bank.current];
  const Command command = close ? kPre : bank.next;
  if (command == kAct) {
    const Tick ready = timing_.bank_ready(kAct, b);
    const Tick windows = std::max(
        {timing_.group_ready(kAct, b), timing_.channel_ready(kAct), timing_.window_ready(kAct)});
    bank.window = std::max<Tick>(0, std::min(now_, windows) - std::max(ready, entry.began));
    bank.row = entry.access.row;
    bank.kept = true;
    entry.missed = true;
    if (open_room_ != 0 && !entry.opened) {
      entry.opened = true;
      --open_room_;
      ++room_[entry.access.direction];
      plan_entry();
    }
    if (open_banks_++ == 0) active_at_ = now_;
    ++bank.activates;
    if (managed_ && bank.activates >= config_.rfm_threshold) hot_banks_ |= 1ULL << b;
  } else {
    close_row(bank);
  }
  send(command, b, entry.access.row, 0, now_);
  evaluate(b);
  if (entry.opened) admit_waiting();
}

// Why the data of a column command begin when they do, and not when the last ones end.
void Controller::account_column(const Bank& bank, const Entry& entry, Command command) {
  const Direction direction = entry.access.direction;
  const Tick latency = table_.latency[direction];
  const Tick begin = now_ + latency;
  if (account_.follows(begin)) return account_.follow(table_.burst);
  const std::uint32_t b = entry.access.bank;
  const Tick channel = timing_.channel_ready(command);
  const Tick group = std::max(timing_.group_ready(command, b), timing_.stack_id_ready(command, b));
  BusAccount::Levels levels;
  const auto level = [&](Cause cause) -> Tick& { return levels.until[index(cause)]; };
  const bool turn = direction != last_direction_;
  level(Cause::kIdle) = account_.waiting_since();
  level(Cause::kLatency) = account_.waiting_since() + latency;
  level(Cause::kPowerDown) = power_up_at_ + latency;
  level(Cause::kTurnaround) = turn ? std::max(channel, group) + latency : 0;
  level(Cause::kBankGroup) = std::max(channel, group) + latency;
  level(Cause::kRefresh) = bank.refreshed + latency;
  level(Cause::kActWindow) = entry.missed ? bank.window : 0;
  levels.drained = turn && config_.scheduler == Scheduler::kWatermark;
  account_.burst(now_, begin, table_.burst, levels);
}

void Controller::split_latency(const Bank& bank, const Entry& entry, Tick ready, Tick done) {
  LatencySplit& sum = counts_.latency[entry.access.direction];
  const Tick began = std::max(entry.began, entry.accepted);
  const Tick opened = std::clamp(ready, began, now_);
  const auto overlap = [&bank](Tick from, Tick to) {
    return std::max<Tick>(0, std::min(to, bank.refreshed) - std::max(from, bank.blocked_at));
  };
  const Tick queue_refresh = overlap(entry.accepted, began);
  const Tick bank_refresh = overlap(began, opened);
  sum.queue += began - entry.accepted - queue_refresh;
  sum.bank += opened - began - bank_refresh;
  sum.refresh += queue_refresh + bank_refresh;
  sum.bus += now_ - opened;
  sum.data += done - now_;
}

ControllerCounts Controller::counts(Tick now) const {
  ControllerCounts result = counts_;
  if (open_banks_ != 0) result.active += now - active_at_;
  if (powered_down_) result.power_down += now - powered_at_;
  if (powered_down_ && open_banks_ != 0) result.active_power_down += now - powered_at_;
  return result;
}

BusShares Controller::shares(Tick now) const {
  return account_.read(now, table_.latency[kRead]);
}

}  // namespace aipu::hbm
