// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/replay.h"

#include <algorithm>
#include <ctime>

#include "hw/base/assert.h"

namespace aipu::memory {
namespace {

using hbm::Tick;

constexpr std::size_t kBatch = 4096;  // requests read at a time
constexpr std::uint32_t kPortFull =
    512;                                // accesses at the port of a pseudo-channel: from so many...
constexpr std::uint32_t kPortLow = 64;  // ...to so few it is worked off. Never 0: see Lane::offer()
constexpr Tick kSilence = 1 << 20;      // ticks between arrivals from which one is passed quickly

/// One pseudo-channel, and when the requests at it arrived.
class Lane {
 public:
  explicit Lane(const hbm::Config& device)
      : controller(device), ticks_per_ck_(hbm::ticks_per_ck(device)) {}

  void offer(hbm::Access access, Tick arrival, Replay& result) {
    if (controller.waiting() >= kPortFull) work_off(result);
    if (arrival - latest_ > kSilence) pass_silence(arrival, result);
    latest_ = arrival;
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(arrivals_.size()));
      arrivals_.push_back(0);
    }
    access.id = free_.back();
    free_.pop_back();
    arrivals_[access.id] = arrival;
    // Behind another request, which enters no earlier than `floor_`: the time there changes
    // nothing.
    controller.offer(access, std::max(arrival, floor_));
  }

  void finish(Replay& result) {
    controller.drain(issued_);
    collect(result);
  }

  hbm::Controller controller;

 private:
  void work_off(Replay& result) {
    controller.advance_to(kPortLow, issued_);
    floor_ = controller.next_entry();
    collect(result);
  }

  // A controller that begins empty and with all refreshes done skips those to come; one that has an
  // access waiting far ahead does not.
  void pass_silence(Tick arrival, Replay& result) {
    Tick at = latest_;
    do {
      at += kSilence;
      controller.advance(std::min(at, arrival - 1), issued_);
    } while (at < arrival && !controller.empty());
    if (controller.empty()) controller.advance(arrival - 1, issued_);
    collect(result);
  }

  void collect(Replay& result) {
    for (const hbm::Issue& issue : issued_) {
      // The port took it a CK before it entered, unless it was waiting for the place it got.
      const Tick accepted = issue.accepted - (issue.waited ? 0 : ticks_per_ck_);
      result.latency[issue.direction].add(issue.done - accepted);
      result.since_arrival[issue.direction] += issue.done - arrivals_[issue.id];
      result.end = std::max(result.end, issue.done);
      free_.push_back(issue.id);
    }
    issued_.clear();
  }

  const Tick ticks_per_ck_;
  std::vector<hbm::Issue> issued_;
  std::vector<Tick> arrivals_;  // by the id of an access
  std::vector<std::uint32_t> free_;
  Tick floor_ = 0;
  Tick latest_ = 0;  // arrival
};

/// What the controllers counted up to the last data beat; nothing was queued before `begin`.
void add_up(std::vector<Lane>& lanes, Replay& result) {
  std::vector<hbm::Issue> none;
  for (Lane& lane : lanes) {
    lane.controller.advance(result.end, none);
    result.add(lane.controller.counts(result.end), lane.controller.shares(result.end),
               lane.controller.bank_accesses());
    result.shares[hbm::index(hbm::Cause::kIdle)] -= result.begin;
  }
  AIPU_ASSERT(none.empty(), "{} accesses after the last", none.size());
}

}  // namespace

void Replay::add(const hbm::ControllerCounts& of_channel, const hbm::BusShares& shares_of_channel,
                 const std::vector<std::uint64_t>& banks_of_channel) {
  for (std::size_t i = 0; i < shares.size(); ++i)
    shares[i] += shares_of_channel[i];
  bank_accesses.insert(bank_accesses.end(), banks_of_channel.begin(), banks_of_channel.end());
  for (std::size_t i = 0; i < counts.commands.size(); ++i)
    counts.commands[i] += of_channel.commands[i];
  counts.row_hits += of_channel.row_hits;
  counts.power_down += of_channel.power_down;
  counts.active_power_down += of_channel.active_power_down;
  counts.active += of_channel.active;
  for (std::size_t d = 0; d < hbm::kDirections; ++d) {
    counts.accesses[d] += of_channel.accesses[d];
    hbm::LatencySplit& to = counts.latency[d];
    const hbm::LatencySplit& from = of_channel.latency[d];
    to.queue += from.queue;
    to.bank += from.bank;
    to.bus += from.bus;
    to.refresh += from.refresh;
    to.data += from.data;
  }
}

double cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Replay replay(const hbm::Config& device, Source& source,
              const std::vector<hbm::CommandSink*>& sinks) {
  const hbm::AddressMap map(device);
  const Tick ck = hbm::ticks_per_ck(device);
  const std::uint32_t groups = device.bank_groups;
  std::vector<Lane> lanes;
  lanes.reserve(channel_count(device));
  for (std::uint32_t c = 0; c < channel_count(device); ++c)
    lanes.emplace_back(device);
  for (std::size_t c = 0; c < sinks.size() && c < lanes.size(); ++c)
    lanes[c].controller.log_to(sinks[c]);

  Replay result;
  std::vector<Request> batch;
  source.next(batch, kBatch);
  if (!batch.empty()) result.begin = batch.front().arrival * ck;
  for (; !batch.empty(); source.next(batch, kBatch)) {
    result.paced |= batch.back().arrival * ck != result.begin;
    const double start = cpu_time();
    for (const Request& request : batch) {
      const hbm::Location at = map.locate(request.address);
      lanes[at.channel].offer({request.direction, at.set * groups + at.group, at.row, at.column, 0},
                              request.arrival * ck, result);
    }
    result.cpu_seconds += cpu_time() - start;
  }
  const double start = cpu_time();
  for (Lane& lane : lanes)
    lane.finish(result);
  result.cpu_seconds += cpu_time() - start;
  add_up(lanes, result);
  return result;
}

}  // namespace aipu::memory
