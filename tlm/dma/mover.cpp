// SPDX-License-Identifier: Apache-2.0
#include "tlm/dma/mover.h"

#include <algorithm>

#include "hw/base/assert.h"
#include "regs/abi.h"

namespace aipu::dma {
namespace {

/// A side with more separate pieces than this is not guarded: a claim costs time for each.
constexpr std::uint64_t kMostClaims = 16;

}  // namespace

Mover::Mover(const sc_core::sc_module_name& name, const Config& config, const EngineWiring& wiring,
             std::uint32_t aipu, bool control, Bytes hbm_request)
    : CommandEngine(name, wiring, config.queue_depth),
      config_(config),
      owner_{aipu, wiring.core, control},
      hbm_request_(std::min(hbm_request, config.buffer).count),
      interval_ps_(wiring.clock.span(config.issue_interval).count),
      ahead_ps_(wiring.clock.span(config.issue_ahead).count),
      jobs_(config.commands),
      flights_(config.bursts) {
  for (Job& job : jobs_)
    free_jobs_.push_back(&job);
  for (Flight& flight : flights_)
    free_flights_.push_back(&flight);
  issuing_.reserve(jobs_.size());
  landings_.reserve(flights_.size());
  local_.set_extension(&local_phantom_);
  local_.set_extension(&local_stream_);
  mem_out.register_nb_transport_bw(this, &Mover::nb_transport_bw);
  SC_HAS_PROCESS(Mover);
  SC_METHOD(wake);
  sensitive << wake_event_;
  dont_initialize();
}

Mover::~Mover() {
  local_.clear_extension(&local_phantom_);
  local_.clear_extension(&local_stream_);
}

bool Mover::can_begin(const Slot&) const {
  return !free_jobs_.empty();
}

void Mover::begin(Slot& slot) {
  const Decoded decoded = decode(slot.command.opcode, slot.command.words, owner_);
  if (decoded.rule != regs::abi::kRuleNone) {
    stopped_ = true;
    fail(slot, decoded.rule, decoded.address);
    return;
  }
  if (!claim_sides(slot, decoded.descriptor)) return;
  Job& job = *free_jobs_.back();
  free_jobs_.pop_back();
  job.slot = &slot;
  job.descriptor = decoded.descriptor;
  const std::uint64_t largest = largest_request(decoded.descriptor);
  job.cursor = Cursor(decoded.descriptor, largest, largest <= config_.burst.count);
  job.ready = now_ps() + wiring().clock.span(config_.startup).count;
  job.outstanding = 0;
  job.failed = false;
  issuing_.push_back(&job);
  if (hbm_request_ == 0) {
    arm(job.ready);
  } else {
    issue();  // annotated, which saves an event
  }
}

std::uint64_t Mover::largest_request(const Descriptor& d) const {
  const Side& far = d.source.local ? d.destination : d.source;
  const bool long_ones =
      !d.fill && d.source.local != d.destination.local && far.base.space() == Gaddr::Space::kHbm;
  return long_ones ? std::max(hbm_request_, config_.burst.count) : config_.burst.count;
}

bool Mover::claim_sides(const Slot& slot, const Descriptor& d) {
  return (!d.source.local || claim_side(slot, d, d.source, false)) &&
         (!d.destination.local || claim_side(slot, d, d.destination, true)) &&
         (!d.source.local || d.fill || may_read_source(slot, d));
}

bool Mover::claim_side(const Slot& slot, const Descriptor& d, const Side& side, bool write) {
  if (std::uint64_t{d.rows} * d.planes > kMostClaims) return true;
  for (std::uint32_t plane = 0; plane < d.planes; ++plane) {
    for (std::uint32_t row = 0; row < d.rows; ++row) {
      const Gaddr begin = side.base + std::uint64_t{plane} * side.plane_stride +
                          std::uint64_t{row} * side.row_stride;
      const std::uint64_t end = begin.offset() + d.bytes;
      const auto other = claim(slot, begin.offset(), end, write);
      if (!other) continue;
      stopped_ = true;
      fail_clash(slot, begin.offset(), end, write, *other, begin.raw);
      return false;
    }
  }
  return true;
}

bool Mover::may_read_source(const Slot& slot, const Descriptor& d) {
  if (wiring().sram_written == nullptr) return true;
  for (std::uint32_t plane = 0; plane < d.planes; ++plane) {
    for (std::uint32_t row = 0; row < d.rows; ++row) {
      const Gaddr begin = d.source.base + std::uint64_t{plane} * d.source.plane_stride +
                          std::uint64_t{row} * d.source.row_stride;
      if (may_read(slot, begin.offset(), begin.offset() + d.bytes, begin.raw)) continue;
      stopped_ = true;
      return false;
    }
  }
  return true;
}

void Mover::arm(std::uint64_t at) {
  if (at >= armed_) return;
  armed_ = at;
  const std::uint64_t now = now_ps();
  wake_event_.notify(to_time(Picoseconds(at > now ? at - now : 0)));
}

void Mover::wake() {
  const std::uint64_t now = now_ps();
  armed_ = kNever;
  while (landings_.next() <= now) {
    Flight& flight = *landings_.pop();
    Job& job = *flight.job;
    stats_.bursts += bursts_in(flight.burst.bytes);
    bytes_in_flight_ -= flight.burst.bytes;
    free_flights_.push_back(&flight);
    --job.outstanding;
    if (job.outstanding == 0 && job.cursor.done() && !job.failed) finish(job);
  }
  issue();
  if (!landings_.empty()) arm(landings_.next());
}

bool Mover::has_credit(const Job& job) {
  const std::uint64_t bytes = std::max(config_.burst.count, job.cursor.next_at_most());
  if (!free_flights_.empty() && bytes_in_flight_ + bytes <= config_.buffer.count) return true;
  ++stats_.credit_waits;
  return false;
}

void Mover::issue() {
  const std::uint64_t now = now_ps();
  const std::uint64_t horizon = now + ahead_ps_;
  while (!stopped_ && request_ == nullptr) {
    const std::uint64_t port_ready = std::max({now, issue_ready_, request_ready_});
    if (!forwards_.empty()) {
      const std::uint64_t start = std::max(port_ready, forwards_.front().ready);
      if (start > horizon) return arm(start);
      forward(start);
      continue;
    }
    if (issuing_.empty()) return;
    Job& job = *issuing_.front();
    const std::uint64_t start = std::max(port_ready, job.ready);
    if (start > horizon) return arm(start);
    if (!has_credit(job)) return;
    launch(job, std::max({now, issue_ready_, job.ready}));
    if (job.cursor.done()) issuing_.erase(issuing_.begin());
  }
}

void Mover::finish(Job& job) {
  Slot& slot = *job.slot;
  job.slot = nullptr;
  free_jobs_.push_back(&job);
  release(slot);
  ++stats_.commands;
  complete(slot);
}

}  // namespace aipu::dma
