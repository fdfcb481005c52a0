// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/fast_memory.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "hw/hbm/constraints.h"
#include "tlm/core/clock.h"

namespace aipu::hbm {

using sc_core::sc_time;
using tlm::tlm_phase;
using tlm::tlm_sync_enum;

FastMemory::FastMemory(const sc_core::sc_module_name& name, const Config& config, Storage& storage,
                       const Calibration& calibration, std::uint64_t drain_per_us)
    : Memory(name, config, storage, kMaxRequest),
      pieces_(config),
      times_(config, calibration),
      drain_per_us_(drain_per_us),
      queue_ps_{calibration.read_granule.count * config.read_queue,
                calibration.write_granule.count * config.write_queue},
      channels_(channel_count(config)),
      rows_(channel_count(config), bank_sets(config)) {
  AIPU_ASSERT(drain_per_us != 0, "{}: nobody takes the data", this->name());
  SC_METHOD(run);
  sensitive << event_;
  dont_initialize();
}

tlm_sync_enum FastMemory::begin_request(std::uint32_t port, Payload& payload, tlm_phase& phase,
                                        sc_time& delay) {
  const std::uint64_t arrival = now_ps() + delay.value();
  const std::uint32_t index = new_job();
  Job& job = jobs_[index];
  job.payload = &payload;
  job.stream = payload.get_extension<StreamExtension>();
  job.port = port;
  move(payload, 0, payload.get_data_length());
  time_job(job, arrival);
  if (job.accepted == arrival || job.stream != nullptr) {
    phase = tlm::END_REQ;  // at the annotated time; who knows of spans honours it
    delay = sc_time::from_value(job.accepted - now_ps());
    set_alarm(index, job.announced);
    return tlm::TLM_UPDATED;
  }
  ports_[port].requesting = index;
  set_alarm(index, job.accepted);
  return tlm::TLM_ACCEPTED;
}

std::uint32_t FastMemory::new_job() {
  if (free_jobs_.empty()) {
    jobs_.emplace_back();
    return static_cast<std::uint32_t>(jobs_.size() - 1);
  }
  const std::uint32_t job = free_jobs_.back();
  free_jobs_.pop_back();
  return job;
}

// All that will happen to a request follows from what the channels owe when it comes.
void FastMemory::time_job(Job& job, std::uint64_t arrival) {
  const Payload& payload = *job.payload;
  const Direction direction = payload.is_read() ? kRead : kWrite;
  const bool spans = job.stream != nullptr && job.stream->first != 0 && direction == kWrite;
  const Passage passage = pass(payload, spans ? job.stream->first : arrival, arrival);
  const std::uint64_t latency = times_.latency[direction];
  job.done = passage.last + latency;
  job.accepted = std::max(arrival, passage.room);
  job.announced = job.done;
  if (job.stream == nullptr) return;
  if (direction == kRead) {
    const std::uint64_t ahead = payload.get_data_length() * 1'000'000ULL / drain_per_us_;
    job.announced = std::max(passage.first + latency, job.done - std::min(ahead, job.done));
    job.announced = std::max({job.announced, job.accepted, now_ps()});
    job.stream->first = job.announced;
  } else {
    job.stream->first = 0;
  }
}

// Pieces arrive evenly between `first` and `last`.
FastMemory::Passage FastMemory::pass(const Payload& payload, std::uint64_t first,
                                     std::uint64_t last) {
  const Direction direction = payload.is_read() ? kRead : kWrite;
  const std::uint64_t granule = config_.interleave.count, unit = atom(config_).count;
  const std::uint64_t begin = payload.get_address();
  const std::uint64_t end = begin + payload.get_data_length();
  const std::uint64_t pieces = (end - 1) / granule - begin / granule + 1;
  const std::uint64_t step = (last - std::min(first, last)) / pieces;
  const auto whole = static_cast<std::uint32_t>(granule / unit);
  std::uint64_t arrival = last - step * (pieces - 1);
  std::uint64_t atoms = 0, misses = 0, banks = 0;
  Passage passage;
  pieces_.visit(
      begin, end,
      [&](std::uint32_t channel, std::uint32_t set, std::uint32_t row, std::uint64_t at,
          std::uint64_t bytes) {
        ChannelServer::Piece piece{direction, rows_.open(channel, set, row), whole};
        if (bytes != granule) {
          piece.atoms = static_cast<std::uint32_t>(((at & (unit - 1)) + bytes + unit - 1) / unit);
        }
        const ChannelServer::Service service = channels_[channel].serve(arrival, piece, times_);
        passage.first = std::min(passage.first, service.end);
        passage.last = std::max(passage.last, service.end);
        passage.room = std::max(passage.room, service.begin);
        atoms += piece.atoms;
        if (piece.new_row) {
          ++misses;
          banks += std::min(piece.atoms, config_.bank_groups);
        }
        arrival += step;
      });
  stats_.atoms += atoms;
  stats_.row_hits += pieces - misses;
  stats_.row_misses += misses;
  stats_.activates += banks;
  passage.room -= std::min(passage.room, queue_ps_[direction]);
  return passage;
}

void FastMemory::set_alarm(std::uint32_t job, std::uint64_t time) {
  alarms_.push(time, job);
  schedule();
}

void FastMemory::schedule() {
  if (running_ || alarms_.next() >= scheduled_) return;
  scheduled_ = alarms_.next();
  event_.notify(sc_time::from_value(scheduled_ - now_ps()));
}

void FastMemory::run() {
  const std::uint64_t now = now_ps();
  running_ = true;
  while (alarms_.next() <= now) {
    const std::uint32_t index = alarms_.pop();
    Job& job = jobs_[index];
    Port& port = ports_[job.port];
    if (port.requesting == index) {
      set_alarm(index, job.announced);
      send_end_request(job.port, *job.payload, 0);
      continue;
    }
    // A job is entered once; another alarm only wakes a port that had to wait.
    if (job.announced != kNever) {
      job.announced = kNever;
      port.responses.push(index);
    }
    respond(job.port);
  }
  running_ = false;
  scheduled_ = kNever;
  schedule();
}

// One response at a time on each port. An annotated one may be followed at once by the next, whose
// own time then is not before the end of the last.
void FastMemory::respond(std::uint32_t port) {
  const std::uint64_t now = now_ps();
  while (ports_[port].responding == kNone && !ports_[port].responses.empty()) {
    const std::uint32_t index = ports_[port].responses.front();
    Job& job = jobs_[index];
    const std::uint64_t then = std::max({now, job.done, ports_[port].free_at});
    if (job.stream == nullptr && then > now) {  // who knows of no spans gets no annotation
      set_alarm(index, then);
      return;
    }
    send_response(port, then - now);
  }
}

// Refresh is in the calibrated rates; its commands go out at their mean rate.
const Memory::Stats& FastMemory::stats() const {
  const ConstraintTable table = constraints(config_);
  const auto ck = static_cast<std::uint64_t>(table.ticks_per_ck);
  const auto now = (Clock(command_clock(config_)).edge_at(now_ps() + 1) - 1) * ck;
  std::uint64_t commands = 0;
  if (config_.refresh == Refresh::kAllBank) commands = now / static_cast<std::uint64_t>(table.refi);
  if (config_.refresh == Refresh::kPerBank) {
    commands = now / static_cast<std::uint64_t>(table.refi_pb);
  }
  stats_.refreshes += commands * channels_.size() - stats_.refreshes.value();
  return stats_;
}

ChannelServer::Account FastMemory::account(std::uint64_t now) const {
  ChannelServer::Account sum;
  for (const ChannelServer& channel : channels_) {
    const ChannelServer::Account one = channel.account(now);
    sum.data += one.data;
    sum.turnaround += one.turnaround;
    sum.rows += one.rows;
    sum.other += one.other;
  }
  return sum;
}

std::vector<TimeShare> FastMemory::time_shares(std::uint64_t now) const {
  const ChannelServer::Account sum = account(now);
  return {{"busy", sum.data},
          {"idle", now * servers() - sum.total()},
          {"turnaround", sum.turnaround},
          {"row_miss", sum.rows},
          {"overhead", sum.other}};
}

std::string FastMemory::waiting_for() const {
  const std::size_t unanswered = jobs_.size() - free_jobs_.size();
  if (unanswered == 0) return {};
  return fmt::format("{} requests unanswered", unanswered);
}

}  // namespace aipu::hbm
