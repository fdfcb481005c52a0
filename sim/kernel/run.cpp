// SPDX-License-Identifier: Apache-2.0
#include "sim/kernel/run.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

#include "hw/base/assert.h"
#include "hw/base/error.h"
#include "sim/platform/stop_watch.h"
#include "tlm/core/clock.h"

namespace aipu::kernel {
namespace {

/// Queues of a compute core, as Snapshot names their engines.
constexpr const char* kQueues[] = {"load", "store", "tensor", "vector", "directcom"};

/// First measured launch, and the end of the last one.
std::vector<platform::Moment> moments_of(const std::vector<hc_launch_t>& launches,
                                         std::size_t first) {
  platform::Moment at;
  std::vector<platform::Moment> moments;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    if (i == first) {
      moments.push_back(at);
      moments.back().launch = static_cast<std::uint32_t>(i + 1);
    }
    at.phase += launches[i].phase_signals;
    at.gather += launches[i].gather_signals + launches[i].wait_gather;
  }
  at.launch = static_cast<std::uint32_t>(launches.size());
  moments.push_back(at);
  return moments;
}

class Run {
 public:
  Run(Case& one, const config::Board& board, const platform::FirmwareImage& firmware,
      const platform::Listener& listener)
      : case_(one),
        board_(board),
        builder_(board_, one.aipus()),
        platform_(board, firmware, listener) {}

  Result run() {
    case_.build(builder_);
    for (const Builder::Write& w : builder_.writes())
      write(w.aipu, w.at, w.bytes.data(), w.bytes.size());
    for (std::uint32_t aipu = 0; aipu < builder_.aipus(); ++aipu)
      start(aipu);
    result_.ending = platform_.run();
    if (result_.ending.code != ExitCode::kGood) return std::move(result_);
    take_times();
    result_.bounds = case_.bounds();
    check_counts();
    if (builder_.functional()) {
      result_.error = case_.error([this](std::uint32_t aipu, Gaddr at, std::uint64_t bytes) {
        std::vector<std::uint8_t> data(bytes);
        const bool ok = chip(aipu).loader.read(at, data.data(), bytes);
        AIPU_ASSERT(ok, "{} bytes at {:#x} cannot be read", bytes, at.raw);
        return data;
      });
    }
    return std::move(result_);
  }

 private:
  chip::Aipu& chip(std::uint32_t aipu) { return *platform_.board().aipus[aipu]; }

  void write(std::uint32_t aipu, Gaddr at, const void* data, std::uint64_t bytes) {
    const bool ok = chip(aipu).loader.write(at, static_cast<const std::uint8_t*>(data), bytes);
    AIPU_ASSERT(ok, "{} bytes at {:#x} do not fit", bytes, at.raw);
  }

  void start(std::uint32_t aipu) {
    std::vector<hc_launch_t> entries = builder_.launches(aipu);
    hc_launch_t exit{};
    exit.kernel = HC_KERNEL_EXIT;
    exit.core_count = board_.aipu.cores;
    entries.push_back(exit);
    hc_program_t header{};
    header.magic = HC_PROGRAM_MAGIC;
    header.segments = 1;
    header.segment[0] = {0, static_cast<std::uint32_t>(entries.size()), 1, 0};
    write(aipu, Gaddr::hbm(0), &header, sizeof header);
    write(aipu, Gaddr::hbm(HC_PROGRAM_ENTRIES), entries.data(), entries.size() * sizeof exit);
    control_bytes_ += sizeof header + entries.size() * sizeof exit;
    platform_.start(aipu);
    watches_.push_back(std::make_unique<platform::StopWatch>(
        chip(aipu).cores[0]->counters(),
        moments_of(builder_.launches(aipu), builder_.first_measured(aipu)),
        [this](std::size_t moment) { heard(moment); }));
    watches_.back()->start();
  }

  void heard(std::size_t moment) {
    if (moment == 0 && started_++ == 0)
      before_ = report::take_snapshot(platform_.board(), now_ps());
    if (moment == 1 && ++ended_ == builder_.aipus())
      after_ = report::take_snapshot(platform_.board(), now_ps());
  }

  /// Growth of a count or time share of a kind of model in the measured time.
  std::int64_t grown(const std::string& kind, const std::string& what, bool share) const {
    const auto value = [&](const report::Snapshot& s) {
      const report::Account account = s.total(kind);
      const auto& map = share ? account.shares : account.counts;
      const auto found = map.find(what);
      return found == map.end() ? 0 : found->second;
    };
    return value(after_) - value(before_);
  }

  void take_times() {
    AIPU_ASSERT(ended_ == builder_.aipus(), "a kernel has no end");
    result_.ps = after_.time - before_.time;
    for (const char* queue : kQueues) {
      const std::string kind = std::string("core.") + queue;
      const auto servers = static_cast<double>(after_.total(kind).servers);
      if (servers != 0) {
        result_.busy[queue] = static_cast<double>(grown(kind, "busy", true)) /
                              (servers * static_cast<double>(result_.ps));
      }
    }
    result_.busy["hbm"] =
        static_cast<double>(grown("hbm", "busy", true)) /
        (static_cast<double>(after_.total("hbm").servers) * static_cast<double>(result_.ps));
    result_.hart = static_cast<double>(grown("core.hart", "busy", true)) /
                   (static_cast<double>(board_.aipu.cores * builder_.aipus()) *
                    static_cast<double>(result_.ps));
    result_.hbm_bytes = static_cast<std::uint64_t>(grown("hbm", "bytes_read", false) +
                                                   grown("hbm", "bytes_written", false));
  }

  void check_counts() {
    const report::Snapshot end = report::take_snapshot(platform_.board(), now_ps());
    const auto counted = [&](const std::string& kind, const char* what) {
      const report::Account account = end.total(kind);
      const auto found = account.counts.find(what);
      return found == account.counts.end() ? 0 : static_cast<std::uint64_t>(found->second);
    };
    const Expected expected = case_.expected();
    for (const auto& [queue, commands] : expected.commands) {
      // Messages of all cores are counted by the interface that they share.
      const std::uint64_t done =
          queue == "directcom" ? counted(queue, "messages") : counted("core." + queue, "commands");
      result_.checks.push_back({queue + " commands", commands, done});
    }
    // The chip-control core reads the program.
    if (expected.hbm_read) {
      result_.checks.push_back(
          {"HBM bytes read", *expected.hbm_read + control_bytes_, counted("hbm", "bytes_read")});
    }
    if (expected.hbm_written) {
      result_.checks.push_back(
          {"HBM bytes written", *expected.hbm_written, counted("hbm", "bytes_written")});
    }
    if (expected.flops)
      result_.checks.push_back({"tensor FLOPs", *expected.flops, counted("core.tensor", "flops")});
  }

  Case& case_;
  const config::Board board_;
  Builder builder_;
  platform::Platform platform_;
  std::vector<std::unique_ptr<platform::StopWatch>> watches_;
  std::uint32_t started_ = 0, ended_ = 0;
  std::uint64_t control_bytes_ = 0;
  report::Snapshot before_, after_;
  Result result_;
};

}  // namespace

std::string Result::bound_by() const {
  const auto most =
      std::max_element(bounds.begin(), bounds.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == bounds.end() ? "" : most->first;
}

double Result::share() const {
  return bounds.empty() || ps == 0 ? 0 : bounds.at(bound_by()) / seconds();
}

bool Result::good() const {
  return ending.code == ExitCode::kGood && error.value_or(0) <= 1 &&
         std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.holds(); });
}

Result run(Case& one, const config::Board& board, const platform::FirmwareImage& firmware,
           const platform::Listener& listener) {
  return Run(one, board, firmware, listener).run();
}

}  // namespace aipu::kernel
