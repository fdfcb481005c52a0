// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/subsystem.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"

namespace aipu::hbm {

Subsystem::Subsystem(const sc_core::sc_module_name& name, const Config& config, Storage& storage)
    : Memory(name, config, storage),
      interleaving_(config),
      clock_(command_clock(config)),
      fixed_latency_((config.controller_latency + config.phy_latency).count),
      calendar_(channel_count(config)) {
  channels_.reserve(channel_count(config));
  for (std::uint32_t i = 0; i < channel_count(config); ++i)
    channels_.emplace_back(config);
  SC_METHOD(run);
  sensitive << event_;
  dont_initialize();
}

// Everything due now, in order of time; then one notification for what comes next.
void Subsystem::run() {
  const std::uint64_t now = now_ps();
  running_ = true;
  scheduled_ = Calendar::kNever;
  while (true) {
    if (!alarms_.empty() && alarms_.front().time <= now) {
      run_alarm();
    } else if (calendar_.earliest() <= now) {
      run_channel(calendar_.first(), now);
    } else {
      break;
    }
  }
  running_ = false;
  schedule();
}

void Subsystem::schedule() {
  if (running_) return;
  const std::uint64_t alarm = alarms_.empty() ? Calendar::kNever : alarms_.front().time;
  const std::uint64_t next = std::min(alarm, calendar_.earliest());
  if (next >= scheduled_) return;
  scheduled_ = next;
  event_.notify(sc_core::sc_time::from_value(next - now_ps()));
}

void Subsystem::set_alarm(std::uint32_t port, std::uint64_t time) {
  alarms_.push_back({time, alarm_order_++, port});
  std::push_heap(alarms_.begin(), alarms_.end());
  schedule();
}

void Subsystem::run_alarm() {
  std::pop_heap(alarms_.begin(), alarms_.end());
  const std::uint32_t port = alarms_.back().port;
  const std::uint64_t now = alarms_.back().time;
  alarms_.pop_back();
  const std::uint32_t job = port_at(port).requesting;
  // A request that arrives now; one that waits for room is in a channel's list and has begun.
  if (job != kNone && !jobs_[job].waiting && jobs_[job].arrival <= now && admit(job, now)) {
    send_end_request(port);
  }
  respond(port);
}

void Subsystem::run_channel(std::uint32_t index, std::uint64_t now) {
  Channel& channel = channels_[index];
  settle(index, static_cast<Ck>(clock_.edge_at(now + 1)) - 1);
  for (Ring<std::uint32_t>& waiting : channel.waiting) {
    const auto direction = static_cast<Direction>(&waiting - channel.waiting.data());
    while (!waiting.empty() && channel.controller.has_room(direction)) {
      const std::uint32_t port = waiting.pop();
      jobs_[ports_[port].requesting].waiting = false;
      jobs_[ports_[port].requesting].first_in_line = true;
      if (admit(ports_[port].requesting, now)) send_end_request(port);
    }
  }
  while (!channel.done.empty() && channel.done.front().time <= now) {
    const std::uint32_t part = channel.done.pop().part;
    const std::uint32_t job = parts_[part].job;
    free_parts_.push_back(part);
    if (--jobs_[job].parts != 0 || jobs_[job].admitted != jobs_[job].payload->get_data_length()) {
      continue;
    }
    const std::uint32_t port = jobs_[job].port;
    ports_[port].responses.push(job);
    respond(port);
  }
  reschedule(index, now);
}

// Hands the parts of a request to their channels; false when one of them has no room, and the port
// then waits there for it.
bool Subsystem::admit(std::uint32_t index, std::uint64_t now) {
  const auto edge = static_cast<Ck>(clock_.edge_at(now));
  Job& job = jobs_[index];
  const auto direction = job.payload->is_read() ? kRead : kWrite;
  const std::uint32_t length = job.payload->get_data_length();
  while (job.admitted < length) {
    const std::uint64_t address = job.payload->get_address() + job.admitted;
    const auto bytes = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(interleaving_.bytes_left(address), length - job.admitted));
    const Location at = interleaving_.locate(address);
    Channel& channel = channels_[at.channel];
    settle(at.channel, edge - 1);
    const bool in_line = !channel.waiting[direction].empty() && !job.first_in_line;
    job.first_in_line = false;
    if (in_line || !channel.controller.has_room(direction)) {
      channel.waiting[direction].push(job.port);
      job.waiting = true;
      reschedule(at.channel, now);
      return false;
    }
    const std::uint32_t part =
        free_parts_.empty() ? static_cast<std::uint32_t>(parts_.size()) : free_parts_.back();
    if (free_parts_.empty()) {
      parts_.emplace_back();
    } else {
      free_parts_.pop_back();
    }
    parts_[part] = {index, job.admitted, bytes};
    const auto unit = static_cast<std::uint32_t>(atom(config_).count);
    const auto head = static_cast<std::uint32_t>(address % unit);
    channel.controller.enqueue(
        {direction, at.set, at.row, at.column * config_.bank_groups + at.group,
         (head + bytes + unit - 1) / unit, part},
        edge, issued_);
    job.admitted += bytes;
    ++job.parts;
    reschedule(at.channel, now);
  }
  return true;
}

// Brings a controller up to `now`; bytes move here, in the order in which accesses take effect.
void Subsystem::settle(std::uint32_t index, Ck now) {
  Channel& channel = channels_[index];
  issued_.clear();
  channel.controller.advance(now, issued_);
  for (const Issue& issue : issued_) {
    const Part& part = parts_[issue.id];
    move(*jobs_[part.job].payload, part.offset, part.bytes);
    const std::uint64_t done = clock_.edge_ps(static_cast<std::uint64_t>(issue.done));
    channel.done.push({issue.id, done + fixed_latency_});
  }
  issued_.clear();
}

void Subsystem::reschedule(std::uint32_t index, std::uint64_t now) {
  Channel& channel = channels_[index];
  std::uint64_t wake = channel.done.empty() ? Calendar::kNever : channel.done.front().time;
  if (!channel.controller.empty()) {
    const Ck next = channel.controller.next_wake();
    wake = std::min(wake, clock_.edge_ps(static_cast<std::uint64_t>(next)) + fixed_latency_);
    for (const std::uint32_t d : {kRead, kWrite}) {
      if (channel.waiting[d].empty()) continue;
      const Ck issue = channel.controller.has_room(static_cast<Direction>(d))
                           ? 0
                           : channel.controller.next_issue();
      wake = std::min(wake, clock_.edge_ps(static_cast<std::uint64_t>(issue)));
    }
  }
  calendar_.set(index, std::max(wake, now));
  schedule();
}

const Memory::Stats& Subsystem::stats() const {
  ControllerCounts sum;
  const auto now = static_cast<Ck>(clock_.edge_at(now_ps() + 1)) - 1;
  for (const Channel& channel : channels_) {
    const ControllerCounts counts = channel.controller.counts(now);
    sum.activates += counts.activates;
    sum.row_hits += counts.row_hits;
    sum.row_misses += counts.row_misses;
    sum.refreshes += counts.refreshes;
    sum.atoms += counts.atoms;
  }
  const auto raise = [](Counter& counter, std::uint64_t value) {
    counter += value - counter.value();
  };
  raise(stats_.activates, sum.activates);
  raise(stats_.row_hits, sum.row_hits);
  raise(stats_.row_misses, sum.row_misses);
  raise(stats_.refreshes, sum.refreshes);
  raise(stats_.atoms, sum.atoms);
  return stats_;
}

std::vector<TimeShare> Subsystem::time_shares(std::uint64_t now) const {
  const auto edge = static_cast<Ck>(clock_.edge_at(now + 1)) - 1;
  BusShares sum{};
  for (const Channel& channel : channels_) {
    const BusShares shares = channel.controller.shares(edge);
    for (std::size_t i = 0; i < kCauses; ++i)
      sum[i] += shares[i];
  }
  // Cycles become whole picoseconds; what rounding leaves, below a cycle, is idle.
  std::vector<TimeShare> result;
  std::uint64_t named = 0;
  for (std::size_t i = 0; i < kCauses; ++i) {
    const std::uint64_t ps = clock_.edge_ps(static_cast<std::uint64_t>(sum[i]));
    named += ps;
    result.push_back({to_string(static_cast<Cause>(i)), ps});
  }
  result[index(Cause::kIdle)].picoseconds += now * servers() - named;
  return result;
}

std::string Subsystem::waiting_for() const {
  std::uint32_t queued = 0;
  for (const Channel& channel : channels_) {
    queued += channel.controller.queued(kRead) + channel.controller.queued(kWrite);
  }
  std::uint32_t unanswered = 0;
  for (const Port& port : ports_)
    unanswered += port.responding != kNone ? 1 : 0;
  if (queued == 0 && unanswered == 0) return {};
  return fmt::format("{} accesses queued, {} initiators owe END_RESP", queued, unanswered);
}

}  // namespace aipu::hbm
