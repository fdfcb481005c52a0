// SPDX-License-Identifier: Apache-2.0
#include "sim/collective/run.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <memory>

#include "hw/base/assert.h"
#include "hw/base/error.h"
#include "sim/collective/data.h"
#include "sim/platform/stop_watch.h"
#include "tlm/core/clock.h"

namespace aipu::collective {
namespace {

/// Launch of the first measured entry, then the end of every repeat.
std::vector<platform::Moment> moments_of(const Spec& spec, const Program& program) {
  const std::uint32_t before = entries_before(spec);
  platform::Moment at;
  for (std::uint32_t i = 0; i < before; ++i) {
    at.phase += program.entries[i].phase_signals;
    at.gather += program.entries[i].gather_signals;
  }
  at.launch = before + 1;
  std::vector<platform::Moment> moments{at};
  for (std::uint32_t i = 0; i < spec.repeat; ++i) {
    at.phase += program.entries[before].phase_signals;
    at.gather += program.entries[before].gather_signals;
    at.launch = before + 1 + i;
    moments.push_back(at);
  }
  return moments;
}

/// One run: fills the board, starts it, watches and compares.
class Run {
 public:
  Run(const Spec& spec, const config::Board& board, const platform::FirmwareImage& firmware,
      const platform::Listener& listener, const cosim::SwitchMaker::Run& rtl)
      : config_(board), platform_(board, firmware, listener, rtl) {
    result_.spec = spec;
    result_.fabric = fabric_of(board);
    result_.shape = shape_of(spec, algorithm(spec), board.aipu.cores);
    memory_ = memory_of(spec, result_.shape, board.simulation.real_hbm, board.aipu.hbm.capacity,
                        board.aipu.sram.shared_size);
  }

  Result run() {
    load();
    if (one_packet()) follow_packet();
    result_.ending = platform_.run();
    if (result_.ending.code != ExitCode::kGood) return std::move(result_);
    take_times();
    if (functional()) compare();
    return std::move(result_);
  }

 private:
  void check_switches(const Spec& spec) const {
    const bool sums = spec.algorithm == Algorithm::kInSwitch;
    if (!sums && spec.algorithm != Algorithm::kMulticast) return;
    const directcom::SwitchConfig& s = config_.plane_switch;
    const std::uint32_t packets = config_.aipu.directcom.reduction_packets;
    if (config_.aipus <= config_.module && s.multicast_flits != 0 &&
        (!sums || (s.reduction_entries != 0 && packets != 0))) {
      return;
    }
    throw ConfigError("", fmt::format("algorithm {}: takes one module, and above 0 {}",
                                      algorithm_names()[static_cast<std::size_t>(spec.algorithm)],
                                      sums ? "switch.multicast_flits, switch.reduction_entries, "
                                             "aipu.directcom.multicast_flits and "
                                             "aipu.directcom.reduction_packets"
                                           : "switch.multicast_flits and "
                                             "aipu.directcom.multicast_flits"));
  }
  Algorithm algorithm(const Spec& spec) const {
    check_switches(spec);
    return spec.algorithm != Algorithm::kAuto ? spec.algorithm
                                              : choose_algorithm(spec, result_.fabric);
  }
  bool functional() const { return config_.simulation.data == config::DataMode::kFunctional; }
  bool one_packet() const {
    return result_.spec.kind == Kind::kKv && result_.spec.repeat == 1 &&
           result_.spec.bytes <= config_.aipu.directcom.payload.count;
  }
  chip::Aipu& aipu(std::uint32_t rank) { return *platform_.board().aipus[rank]; }

  void write(std::uint32_t rank, std::uint64_t address, const std::uint8_t* data,
             std::uint64_t bytes) {
    const bool ok = aipu(rank).loader.write(Gaddr{address}, data, bytes);
    AIPU_ASSERT(ok, "{} bytes at {:#x} do not fit", bytes, address);
  }

  void load() {
    const Spec& spec = result_.spec;
    if (functional()) inputs_ = inputs_of(spec, memory_);
    const bool rows = moves_rows(spec.kind);
    if (rows) counts_ = uneven_counts(spec);
    for (std::uint32_t rank = 0; rank < spec.ranks; ++rank) {
      const Program program = program_of(spec, result_.shape, memory_, rank, config_.aipu.cores);
      write(rank, Gaddr::hbm(0).raw, reinterpret_cast<const std::uint8_t*>(&program.header),
            sizeof program.header);
      write(rank, Gaddr::hbm(HC_PROGRAM_ENTRIES).raw,
            reinterpret_cast<const std::uint8_t*>(program.entries.data()),
            program.entries.size() * sizeof(hc_launch_t));
      if (rows) {
        const Data table = counts_table(counts_, rank);
        write(rank, memory_.counts, table.data(), table.size());
      }
      if (functional()) write(rank, memory_.in, inputs_[rank].data(), memory_.in_bytes);
      platform_.start(rank);
      watches_.push_back(std::make_unique<platform::StopWatch>(
          aipu(rank).cores[0]->counters(), moments_of(spec, program),
          [this](std::size_t m) { heard(m); }));
      watches_.back()->start();
    }
  }

  /// Time by cause, between the first launch of any rank and the last counter of all.
  void heard(std::size_t moment) {
    if (moment == 0 && launched_++ == 0) count_shares(-1);
    if (moment == result_.spec.repeat && ++ended_ == result_.spec.ranks) count_shares(1);
  }
  void count_shares(std::int64_t sign) {
    const std::uint64_t now = now_ps();
    for (const auto& chip : platform_.board().aipus)
      for (const TimeShare& share : chip->directcom.time_shares(now))
        result_.lanes[share.cause] += sign * static_cast<std::int64_t>(share.picoseconds);
    for (const auto& one : platform_.board().switches)
      for (const TimeShare& share : one->time_shares(now))
        result_.switches[share.cause] += sign * static_cast<std::int64_t>(share.picoseconds);
  }

  void take_times() {
    std::uint64_t start = ~0ULL, first = 0, last = 0;
    for (const auto& watch : watches_) {
      AIPU_ASSERT(watch->times().size() == result_.spec.repeat + 1U, "a collective has no end");
      start = std::min(start, watch->times()[0]);
      first = std::max(first, watch->times()[1]);
      last = std::max(last, watch->times().back());
    }
    result_.first_ps = first - start;
    result_.all_ps = last - start;
  }

  void compare() {
    result_.correct = true;
    Data found;
    for (std::uint32_t rank = 0; rank < result_.spec.ranks; ++rank) {
      expected(result_.spec, result_.shape, memory_, inputs_, counts_, rank,
               [&](std::uint64_t address, const std::uint8_t* data, std::uint64_t bytes) {
                 found.resize(bytes);
                 if (bytes == 0 || !*result_.correct) return;
                 const bool ok = aipu(rank).loader.read(Gaddr{address}, found.data(), bytes);
                 AIPU_ASSERT(ok, "{} bytes at {:#x} cannot be read", bytes, address);
                 const auto at = std::mismatch(found.begin(), found.end(), data).first;
                 if (at == found.end()) return;
                 result_.correct = false;
                 result_.difference = fmt::format("rank {}: byte {} of {} at {:#x} differs", rank,
                                                  at - found.begin(), bytes, address);
               });
    }
  }

  /// Runs event by event until the packet of a KV transfer has had its effect, noting when it
  /// passes the points that can be seen from outside.
  void follow_packet() {
    const chip::Aipu& from = aipu(0);
    const chip::Aipu& to = aipu(result_.spec.ranks / 2);
    std::uint64_t doorbell = 0, lane = 0, arrived = 0;
    const auto note = [](std::uint64_t& at, bool seen) {
      if (at == 0 && seen) at = now_ps();
    };
    const platform::StopWatch& source = *watches_[0];
    const platform::StopWatch& sink = *watches_[result_.spec.ranks / 2];
    while (sink.times().size() < 2 && sc_core::sc_pending_activity()) {
      sc_core::sc_start(sc_core::sc_time_to_pending_activity());
      note(doorbell, from.cores[0]->directcom.active());
      note(lane, from.directcom.stats().packets_sent.value() != 0);
      note(arrived, to.directcom.stats().received[3].value() != 0);
    }
    if (sink.times().size() < 2) return;  // run() says what went wrong
    const directcom::Config& c = config_.aipu.directcom;
    const std::uint64_t edge = c.interface_latency.count;
    const Clock link(c.link_clock());
    const std::uint64_t tail = link.span(Cycles(c.flits(result_.spec.bytes) - 1U)).count;
    const std::uint64_t hops = link.span(c.link()).count +
                               link.span(config_.plane_switch.pipeline).count +
                               link.span(config_.plane_switch.link(0)).count;
    result_.stages = {{"launch to doorbell (hart)", doorbell - source.times()[0]},
                      {"doorbell to data (begin, memory read, link edge)", lane - doorbell - edge},
                      {"interface, sending", edge},
                      {"two links and switch, head", hops},
                      {"tail behind head", tail},
                      {"interface, receiving, core edge", arrived - lane - hops - tail},
                      {"memory write and signal", sink.times()[1] - arrived}};
  }

  const config::Board config_;
  Result result_;
  Memory memory_;
  platform::Platform platform_;
  std::vector<Data> inputs_;
  Counts counts_;  // where rows are moved
  std::vector<std::unique_ptr<platform::StopWatch>> watches_;
  std::uint32_t launched_ = 0, ended_ = 0;
};

}  // namespace

Result run(const Spec& spec, const config::Board& board, const platform::FirmwareImage& firmware,
           const platform::Listener& listener, const cosim::SwitchMaker::Run& rtl) {
  return Run(spec, board, firmware, listener, rtl).run();
}

}  // namespace aipu::collective
