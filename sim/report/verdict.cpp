// SPDX-License-Identifier: Apache-2.0
#include "sim/report/verdict.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <ostream>

#include "sim/report/resources.h"

namespace aipu::report {
namespace {

constexpr double kSteady = 0.01;  // of the step, that extrapolation may be off by

std::string time_text(double seconds) {
  if (seconds >= 1) return fmt::format("{:.3f} s", seconds);
  if (seconds >= 1e-3) return fmt::format("{:.3f} ms", seconds * 1e3);
  return fmt::format("{:.3f} us", seconds * 1e6);
}

std::string bytes_text(double bytes) {
  const char* units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit < 5; ++unit)
    bytes /= 1000;
  return fmt::format("{:.4g} {}", bytes, units[unit]);
}

void print_first_line(std::ostream& out, const RunRecord& run) {
  const Bound bound = find_bound(run.step);
  const bool alone = bound.name == bound.busiest;
  const std::string bound_text =
      alone ? fmt::format("bound by {} ({:.1f} % busy; next: {} {:.1f} %)", bound.name,
                          100 * bound.utilisation, bound.next, 100 * bound.next_utilisation)
            : fmt::format("bound by {} (busiest: {} {:.1f} %, {} {:.1f} %)", bound.name,
                          bound.busiest, 100 * bound.utilisation, bound.next,
                          100 * bound.next_utilisation);
  const std::string speed =
      run.time_per_token_s > 0
          ? fmt::format("{:.4g} tokens/s, {} per token, MFU {:.2f} %", run.tokens_per_s,
                        time_text(run.time_per_token_s), 100 * run.mfu())
          : std::string("no token yet");
  out << speed << ", " << bound_text << "\n";
}

void print_extrapolation(std::ostream& out, const RunRecord& run) {
  if (!run.extrapolated()) {
    out << fmt::format("  all {} layers simulated\n", run.model.layers);
    return;
  }
  out << fmt::format("  {} of {} layers simulated ({}); the others taken at {} each",
                     run.simulated_layers, run.model.layers,
                     time_text(static_cast<double>(run.simulated_ps) * 1e-12),
                     time_text(run.layer_s));
  const double off = run.step_uncertainty();
  if (off >= 0) out << fmt::format(", step +-{:.2f} %", 100 * off);
  out << "\n";
  if (off < 0) {
    out << "  warning: too few layers to say how steady they are; use --layers 4 or more\n";
  } else if (off > kSteady) {
    out << "  warning: the layers differ; use more --layers, or --all-layers\n";
  }
}

void print_definitions(std::ostream& out, const RunRecord& run) {
  const DType operand = workload::formats_of(run.dtype).operand;
  out << fmt::format(
      "  MFU = useful FLOPs {:.4g} G / (step {} x {} AIPUs x {:.4g} TFLOP/s in {})\n",
      static_cast<double>(run.flops) * 1e-9, time_text(run.step_s()), run.board.aipus,
      peak_flops(run.board.aipu, operand) * 1e-12, run.dtype);
  out << fmt::format("  HBM traffic {}; no faster than {} (HBM) and {} (tensor) by the roofline\n",
                     bytes_text(static_cast<double>(run.hbm_bytes)), time_text(run.hbm_bound_s()),
                     time_text(run.tensor_bound_s()));
  print_extrapolation(out, run);
  if (run.board.simulation.memory == config::MemoryFidelity::kFast) {
    out << "  HBM in fast fidelity (simulation.memory): calibrated servers, all else exact\n";
  }
}

/// Rows of one table, and the columns that any of them needs.
struct Stacks {
  using Row = std::map<std::string, std::int64_t>;
  std::vector<std::string> causes;
  std::vector<std::pair<const char*, Row>> rows;

  void add(const char* name, const Account& account) {
    Row row;
    for (const auto& [cause, tenths] : per_mille(account)) {
      if (tenths == 0) continue;
      row[cause] = tenths;
      const auto known = std::find(causes.begin(), causes.end(), cause);
      if (known == causes.end() && cause != "busy" && cause != "idle") causes.push_back(cause);
    }
    if (!row.empty()) rows.emplace_back(name, row);
  }
};

void print_stacks(std::ostream& out, const RunRecord& run, Resource::Level level,
                  const char* title) {
  Stacks stacks;
  for (const Resource& resource : resources()) {
    if (resource.level == level) stacks.add(resource.name, run.step.total(resource.kind));
  }
  std::sort(stacks.causes.begin(), stacks.causes.end());
  stacks.causes.insert(stacks.causes.begin(), "busy");
  stacks.causes.emplace_back("idle");
  out << fmt::format("{:<18}", title);
  for (const std::string& cause : stacks.causes)
    out << fmt::format("  {:>5}", cause);
  out << "\n";
  for (const auto& [name, row] : stacks.rows) {
    out << fmt::format("  {:<16}", name);
    for (const std::string& cause : stacks.causes) {
      const auto share = row.find(cause);
      const std::string text =
          share == row.end() ? "." : fmt::format("{:.1f}", static_cast<double>(share->second) / 10);
      out << fmt::format("  {:>{}}", text, std::max<std::size_t>(5, cause.size()));
    }
    out << "\n";
  }
}

/// Where chips differ: the least and the most busy one for each resource that may bind.
void print_spread(std::ostream& out, const RunRecord& run) {
  if (run.board.aipus < 2) return;
  out << "busy, least and most busy chip:";
  for (const Resource& resource : resources()) {
    if (!resource.bounds()) continue;
    double low = 1, high = 0;
    for (std::uint32_t chip = 0; chip < run.board.aipus; ++chip) {
      const double busy = utilisation(run.step.of_chip(resource.kind, chip));
      low = std::min(low, busy);
      high = std::max(high, busy);
    }
    out << fmt::format("  {} {:.1f}..{:.1f} %", resource.name, 100 * low, 100 * high);
  }
  out << "\n";
}

}  // namespace

void print_verdict(std::ostream& out, const RunRecord& run) {
  if (run.ending == ExitCode::kInterrupted) out << "INTERRUPTED: what follows is partial\n";
  if (run.ending != ExitCode::kGood && run.ending != ExitCode::kInterrupted) {
    out << "FAILED: what follows is partial\n";
  }
  if (run.simulated_ps == 0) return;
  print_first_line(out, run);
  print_definitions(out, run);
  out << "Where the time went, percent of the step; every line adds up to 100\n";
  print_stacks(out, run, Resource::Level::kEngine, "engines, all cores");
  print_stacks(out, run, Resource::Level::kHart, "harts");
  print_stacks(out, run, Resource::Level::kChip, "chips, mean");
  print_spread(out, run);
}

}  // namespace aipu::report
