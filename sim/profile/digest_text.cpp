// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "hw/base/schema_value.h"
#include "hw/base/units.h"
#include "sim/profile/digest.h"

namespace aipu::profile {
namespace {

/// "-" for a part of nothing.
std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.2f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string duration(double ps) {
  constexpr double kNs = 1e3, kUs = 1e6, kMs = 1e9;
  if (ps < kUs) return fmt::format("{:.1f} ns", ps / kNs);
  if (ps < kMs) return fmt::format("{:.3f} us", ps / kUs);
  return fmt::format("{:.3f} ms", ps / kMs);
}
std::string duration(std::uint64_t ps) {
  return duration(static_cast<double>(ps));
}

double per(std::uint64_t sum, std::uint64_t count) {
  return count == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(count);
}

std::string more(std::size_t all, std::size_t shown) {
  return all > shown ? fmt::format("  and {} more (--top)\n", all - shown) : "";
}

/// What a report says of one class of cores.
class ClassText {
 public:
  ClassText(std::ostream& out, const Digest& whole, const ClassDigest& one, std::size_t top)
      : out_(out),
        one_(one),
        top_(top),
        elapsed_(whole.elapsed),
        time_(whole.elapsed * one.harts) {}

  void print() const {
    out_ << fmt::format("\n{} of class {}, shares of their time\n", harts(), one_.name);
    hart();
    functions();
    waits();
    engines();
    overlap();
    phases();
    regions();
  }

 private:
  std::string harts() const {
    return fmt::format("{} hart{}", one_.harts, one_.harts == 1 ? "" : "s");
  }

  std::uint64_t commands() const {
    std::uint64_t sum = 0;
    for (const EngineCost& engine : one_.engines)
      sum += engine.commands;
    return sum;
  }

  void hart() const {
    const HartCost& h = one_.hart;
    out_ << fmt::format(
        "  busy {}, queue full {}, blocking read {}, wfi {}, idle {}\n"
        "  {} instructions, {} cycles: {:.2f} cycles per instruction\n"
        "  busy {} of the time in which the core had work; {:.1f} instructions and {:.1f} cycles "
        "for "
        "each of {} commands\n",
        percent(h.busy, time_), percent(h.queue_full, time_), percent(h.blocking_read, time_),
        percent(h.wfi, time_), percent(h.idle, time_), h.instructions, h.cycles,
        per(h.cycles, h.instructions), percent(h.busy, one_.overlap.active),
        per(h.instructions, commands()), per(h.cycles, commands()), commands());
  }

  void functions() const {
    const auto& list = one_.hart.functions;
    out_ << fmt::format("\nHot functions\n  {:<28}{:>14}{:>14}{:>11}{:>10}{:>14}{:>14}\n", "",
                        "instructions", "cycles", "of cycles", "of time", "queue full",
                        "read or wfi");
    for (std::size_t i = 0; i < std::min(list.size(), top_); ++i) {
      const FunctionCost& f = list[i];
      const double clock = per(one_.hart.busy, one_.hart.cycles);  // ps per cycle
      const auto busy = static_cast<std::uint64_t>(static_cast<double>(f.cycles) * clock);
      out_ << fmt::format("  {:<28}{:>14}{:>14}{:>11}{:>10}{:>14}{:>14}\n", f.name, f.instructions,
                          f.cycles, percent(f.cycles, one_.hart.cycles), percent(busy, time_),
                          percent(f.queue_full, time_), percent(f.blocking_read + f.wfi, time_));
    }
    out_ << more(list.size(), top_);
  }

  void waits() const {
    const auto& list = one_.hart.waits;
    if (list.empty()) return;
    out_ << "\nWhere harts wait\n";
    for (std::size_t i = 0; i < std::min(list.size(), top_); ++i) {
      const WaitCost& w = list[i];
      const std::string what = w.on.empty() ? w.cause : fmt::format("{}: {}", w.cause, w.on);
      out_ << fmt::format("  {:<28}{:<36}{:>9} times, mean {:>11}, {} of the time\n", w.function,
                          what, w.count, duration(per(w.time, w.count)), percent(w.time, time_));
    }
    out_ << more(list.size(), top_);
  }

  void engines() const {
    out_ << "\nEngines\n";
    for (const EngineCost& e : one_.engines) {
      if (e.commands + e.unfinished == 0) continue;
      std::string line = fmt::format("  {:<10}", e.queue);
      for (std::size_t i = 0; i < e.shares.size(); ++i) {
        line += fmt::format("{}{} {}", i == 0 ? "" : ", ", e.shares[i].first,
                            percent(e.shares[i].second, time_));
      }
      line += fmt::format("\n            {} commands, {} each", e.commands,
                          to_text(Bytes(e.commands == 0 ? 0 : e.bytes / e.commands)));
      if (e.flops != 0)
        line += fmt::format(", {:.3f} GFLOP in all", static_cast<double>(e.flops) * 1e-9);
      if (e.unfinished != 0) line += fmt::format(", {} unfinished", e.unfinished);
      out_ << line << "\n";
    }
  }

  void overlap() const {
    const Overlap& o = one_.overlap;
    if (o.compute == 0) return;
    const auto share = [](const CoreOverlap& c) { return c.overlap.together; };
    const auto [least, most] =
        std::minmax_element(one_.cores.begin(), one_.cores.end(),
                            [&](const auto& a, const auto& b) { return share(a) < share(b); });
    out_ << fmt::format(
        "\nOverlap\n  load runs {}, tensor or vector {}, both together {} of the time: {} of the "
        "shorter is hidden\n  least {} ({}), most {} ({})\n",
        percent(o.load, time_), percent(o.compute, time_), percent(o.together, time_),
        percent(o.together, std::min(o.load, o.compute)), percent(share(*least), elapsed_),
        least->core, percent(share(*most), elapsed_), most->core);
  }

  void phases() const {
    out_ << fmt::format(
        "\nHart-bound: {} of the time the hart is busy and no queue has a command\n",
        percent(one_.overlap.hart_bound, time_));
    for (std::size_t i = 0; i < std::min(one_.phases.size(), top_); ++i) {
      const auto& [core, cores, phase] = one_.phases[i];
      const std::string who = cores == 1 ? core : fmt::format("{} and {} more", core, cores - 1);
      out_ << fmt::format("  {:<26} {:>11} from {:>11} on, mostly in {}\n", who,
                          duration(phase.end - phase.begin), duration(phase.begin), phase.function);
    }
    out_ << more(one_.phases.size(), top_);
  }

  void regions() const {
    if (one_.regions.empty()) return;
    out_ << "\nRegions\n";
    for (const Region& r : one_.regions) {
      const std::string name = r.name.empty() ? fmt::format("region {}", r.number) : r.name;
      out_ << fmt::format("  {:<28}{:>9} times, mean {}, least {}, most {}, {} of the time", name,
                          r.count, duration(per(r.time, r.count)), duration(r.least),
                          duration(r.most), percent(r.time, time_));
      if (r.unmatched != 0) out_ << fmt::format(", {} without begin or end", r.unmatched);
      out_ << "\n";
    }
  }

  std::ostream& out_;
  const ClassDigest& one_;
  const std::size_t top_;
  const std::uint64_t elapsed_;  ///< of the run
  const std::uint64_t time_;     ///< of all harts of the class together
};

}  // namespace

void print_digest(std::ostream& out, const Digest& digest, std::size_t top) {
  std::uint64_t cores = 0;
  for (const ClassDigest& one : digest.classes)
    cores += one.harts;
  out << fmt::format("Firmware: {} simulated, {} of {} cores, {}\n", duration(digest.elapsed),
                     cores, digest.cores_on_board, to_text(Hertz(digest.clock_hz)));
  if (digest.dropped != 0) {
    out << fmt::format(
        "Note: {} single commands, slices and marks from {} on are not in commands.csv and the "
        "trace (--profile-limit {}); every number here is complete\n",
        digest.dropped, duration(digest.dropped_from), digest.limit);
  }
  for (const ClassDigest& one : digest.classes)
    ClassText(out, digest, one, top).print();
}

}  // namespace aipu::profile
