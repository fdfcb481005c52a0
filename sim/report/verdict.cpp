// SPDX-License-Identifier: Apache-2.0
#include "sim/report/verdict.h"

#include <cmath>
#include <fmt/format.h>
#include <ostream>

#include "sim/report/resources.h"

namespace aipu::report {
namespace {

constexpr double kSteady = 0.01;  // the last two simulated layers may differ by this much

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
  out << fmt::format("{:.4g} tokens/s, {} per token, MFU {:.2f} %, {}\n", run.tokens_per_s,
                     time_text(run.time_per_token_s), 100 * run.mfu(), bound_text);
}

void print_definitions(std::ostream& out, const RunRecord& run) {
  const DType operand = workload::formats_of(run.dtype).operand;
  const double peak = peak_flops(run.board.aipu, operand);
  out << fmt::format("  step {}, HBM traffic {}, useful work {:.4g} GFLOP\n",
                     time_text(run.step_s()), bytes_text(run.hbm_bytes), run.flops * 1e-9);
  out << fmt::format("  MFU = useful FLOPs / (step time x {} AIPUs x {:.4g} TFLOP/s in {})\n",
                     run.board.aipus, peak * 1e-12, run.dtype);
  if (run.simulated_layers == 0) return;
  if (!run.extrapolated()) {
    out << fmt::format("  all {} layers simulated\n", run.model.layers);
    return;
  }
  out << fmt::format(
      "  {} of {} layers simulated ({}), the others taken as the last one: {} each\n",
      run.simulated_layers, run.model.layers,
      time_text(static_cast<double>(run.simulated_ps) * 1e-12), time_text(run.layer_s));
  if (run.unsteadiness < 0) {
    out << "  warning: one layer per stage says nothing about steadiness; use --layers 3 or more\n";
  } else if (run.unsteadiness > kSteady) {
    out << fmt::format(
        "  warning: the last two layers differ by {:.2f} %; use more --layers or --all-layers\n",
        100 * run.unsteadiness);
  } else {
    out << fmt::format("  the last two layers differ by {:.3f} %\n", 100 * run.unsteadiness);
  }
}

void print_stack(std::ostream& out, const char* name, const Account& account) {
  out << fmt::format("  {:<18}", name);
  for (const auto& [cause, tenths] : per_mille(account)) {
    if (tenths != 0 || cause == "busy") {
      out << fmt::format("  {} {:.1f}", cause, static_cast<double>(tenths) / 10);
    }
  }
  out << "\n";
}

void print_stacks(std::ostream& out, const RunRecord& run, Resource::Level level,
                  const char* title) {
  out << title << "\n";
  for (const Resource& resource : resources()) {
    if (resource.level == level) print_stack(out, resource.name, run.step.total(resource.kind));
  }
}

}  // namespace

void print_verdict(std::ostream& out, const RunRecord& run) {
  print_first_line(out, run);
  print_definitions(out, run);
  print_stacks(out, run, Resource::Level::kEngine,
               "Engines, percent of the step (all cores; each line adds up to 100)");
  print_stacks(out, run, Resource::Level::kHart, "Harts");
  print_stacks(out, run, Resource::Level::kChip, "Chip (mean of all)");
}

}  // namespace aipu::report
