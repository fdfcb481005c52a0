// SPDX-License-Identifier: Apache-2.0
#include "sim/profile/digest.h"

#include <algorithm>
#include <fmt/format.h>
#include <fnmatch.h>
#include <map>

#include "hw/base/error.h"

namespace aipu::profile {
namespace {

void add(FunctionCost& sum, const FunctionCost& f) {
  sum.name = f.name;
  sum.instructions += f.instructions;
  sum.cycles += f.cycles;
  sum.queue_full += f.queue_full;
  sum.blocking_read += f.blocking_read;
  sum.wfi += f.wfi;
}

void add(HartCost& sum, const HartCost& hart) {
  sum.instructions += hart.instructions;
  sum.cycles += hart.cycles;
  sum.busy += hart.busy;
  sum.queue_full += hart.queue_full;
  sum.blocking_read += hart.blocking_read;
  sum.wfi += hart.wfi;
  sum.idle += hart.idle;
}

void add(Overlap& sum, const Overlap& o) {
  sum.load += o.load;
  sum.compute += o.compute;
  sum.together += o.together;
  sum.active += o.active;
  sum.hart_bound += o.hart_bound;
}

/// Adds to the element with the same key, or appends; keeps the order of first appearance.
template <typename T, typename Same>
T& place_of(std::vector<T>& list, Same&& same) {
  const auto found = std::find_if(list.begin(), list.end(), same);
  if (found != list.end()) return *found;
  list.emplace_back();
  return list.back();
}

void add(EngineCost& sum, const EngineCost& engine) {
  sum.queue = engine.queue;
  sum.commands += engine.commands;
  sum.unfinished += engine.unfinished;
  sum.bytes += engine.bytes;
  sum.flops += engine.flops;
  for (const auto& share : engine.shares) {
    auto& own = place_of(sum.shares, [&](const auto& known) { return known.first == share.first; });
    own.first = share.first;
    own.second += share.second;
  }
}

void add(Region& sum, const Region& r) {
  if (r.count != 0) sum.least = sum.count == 0 ? r.least : std::min(sum.least, r.least);
  sum.most = std::max(sum.most, r.most);
  sum.number = r.number;
  sum.name = r.name;
  sum.count += r.count;
  sum.time += r.time;
  sum.unmatched += r.unmatched;
}

/// Functions and waits of a class while cores are added.
struct Sums {
  std::map<std::string, FunctionCost> functions;
  std::map<std::string, WaitCost> waits;
};

void add_phase(std::vector<CorePhase>& phases, const std::string& core, const Phase& phase) {
  const auto same = [&](const CorePhase& known) {
    const Phase& p = known.phase;
    return p.begin == phase.begin && p.end == phase.end && p.function == phase.function;
  };
  const auto found = std::find_if(phases.begin(), phases.end(), same);
  found == phases.end() ? phases.push_back({core, 1, phase}) : void(++found->cores);
}

void add_core(ClassDigest& digest, Sums& sums, const CoreCost& core) {
  ++digest.harts;
  add(digest.hart, core.hart);
  for (const FunctionCost& f : core.hart.functions)
    add(sums.functions[f.name], f);
  for (const WaitCost& w : core.hart.waits) {
    WaitCost& sum = sums.waits[w.function + '\n' + w.cause + '\n' + w.on];
    const std::uint64_t count = sum.count + w.count, time = sum.time + w.time;
    sum = w;
    sum.count = count;
    sum.time = time;
  }
  for (const EngineCost& e : core.engines)
    add(place_of(digest.engines, [&](const EngineCost& known) { return known.queue == e.queue; }),
        e);
  add(digest.overlap, core.overlap);
  digest.cores.push_back({core.name, core.overlap});
  for (const Phase& phase : core.longest)
    add_phase(digest.phases, core.name, phase);
  for (const Region& r : core.regions)
    add(place_of(digest.regions, [&](const Region& known) { return known.number == r.number; }), r);
}

void order(ClassDigest& digest, const Sums& sums) {
  for (const auto& [name, f] : sums.functions)
    digest.hart.functions.push_back(f);
  for (const auto& [name, w] : sums.waits)
    digest.hart.waits.push_back(w);
  const auto waited = [](const FunctionCost& f) { return f.queue_full + f.blocking_read + f.wfi; };
  std::stable_sort(digest.hart.functions.begin(), digest.hart.functions.end(),
                   [&](const FunctionCost& a, const FunctionCost& b) {
                     return a.cycles != b.cycles ? a.cycles > b.cycles : waited(a) > waited(b);
                   });
  std::stable_sort(digest.hart.waits.begin(), digest.hart.waits.end(),
                   [](const WaitCost& a, const WaitCost& b) { return a.time > b.time; });
  std::stable_sort(digest.phases.begin(), digest.phases.end(),
                   [](const CorePhase& a, const CorePhase& b) {
                     return a.phase.end - a.phase.begin > b.phase.end - b.phase.begin;
                   });
  std::stable_sort(digest.regions.begin(), digest.regions.end(),
                   [](const Region& a, const Region& b) { return a.number < b.number; });
  // Busy first, idle last, between them the longest wait first.
  const auto rank = [](const std::string& state) {
    return state == "busy" ? 0 : state == "idle" ? 2 : 1;
  };
  for (EngineCost& engine : digest.engines) {
    std::stable_sort(engine.shares.begin(), engine.shares.end(), [&](const auto& a, const auto& b) {
      const int left = rank(a.first), right = rank(b.first);
      return left != right ? left < right : a.second > b.second;
    });
  }
}

}  // namespace

Digest digest(const Result& result, const std::string& glob) {
  Digest digest;
  digest.elapsed = result.elapsed;
  digest.clock_hz = result.clock_hz;
  digest.cores_on_board = result.cores_on_board;
  digest.dropped = result.dropped;
  digest.dropped_from = result.dropped_from;
  digest.limit = result.limit;
  digest.selection = result.selection;
  for (const bool control : {false, true}) {
    ClassDigest one;
    one.name = control ? "control" : "core";
    Sums sums;
    for (const CoreCost& core : result.cores) {
      if (core.control == control && ::fnmatch(glob.c_str(), core.name.c_str(), 0) == 0)
        add_core(one, sums, core);
    }
    if (one.harts == 0) continue;
    order(one, sums);
    digest.classes.push_back(std::move(one));
  }
  if (digest.classes.empty()) {
    throw ConfigError(
        "--core", fmt::format("'{}' names no core of this profile, which has {}{}", glob,
                              result.cores.empty() ? "none" : result.cores.front().name,
                              result.cores.size() > 1 ? " to " + result.cores.back().name : ""));
  }
  return digest;
}

}  // namespace aipu::profile
