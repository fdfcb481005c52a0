// SPDX-License-Identifier: Apache-2.0
// The profile of a whole model agrees with every count of the machine, and changes none.
#include <algorithm>
#include <gmock/gmock.h>
#include <map>

#include "sim/profile/profile_file.h"
#include "sim/trace/perfetto.h"
#include "tests/support/child.h"
#include "tests/support/pftrace.h"
#include "tests/support/systemc_test.h"
#include "tests/system/model_run.h"

namespace aipu::test {
namespace {

using profile::CoreCost;
using profile::Result;

ModelRun decode_on_two() {
  ModelRun run;
  run.plan = {2, 1};
  run.format = "bf16";
  return run;
}

ModelRun profiled() {
  ModelRun run = decode_on_two();
  run.profile.on = true;
  return run;
}

class ModelProfileTest : public SystemCTest {
 protected:
  void SetUp() override {
    ending = run.run();
    ASSERT_EQ(ending.code, ExitCode::kGood) << ending.report;
    result = run.profile();
  }
  /// The cores of the board as the profile lists them.
  std::vector<const chip::Core*> cores() const {
    std::vector<const chip::Core*> list;
    for (const auto& aipu : run.platform().board().aipus) {
      for (const auto& core : aipu->cores)
        list.push_back(core.get());
    }
    return list;
  }
  static std::map<std::string, std::uint64_t> shares(const Model& model) {
    std::map<std::string, std::uint64_t> map;
    for (const TimeShare& share : model.time_shares(now_ps()))
      map[share.cause] = share.picoseconds;
    return map;
  }

  LoadedRun run{profiled()};
  platform::Ending ending;
  Result result;
};

TEST_F(ModelProfileTest, FunctionsAddUpToTheCountersOfEveryHart) {
  const auto all = cores();
  ASSERT_EQ(result.cores.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const profile::HartCost& hart = result.cores[i].hart;
    const cpu::Hart::Stats& stats = all[i]->hart.stats();
    std::uint64_t instructions = 0, cycles = 0, queue_full = 0, reads = 0;
    for (const auto& f : hart.functions) {
      EXPECT_NE(f.name, "?");
      instructions += f.instructions;
      cycles += f.cycles;
      queue_full += f.queue_full;
      reads += f.blocking_read;
    }
    EXPECT_GT(instructions, 0U);
    EXPECT_EQ(instructions, stats.instructions.value());
    EXPECT_EQ(cycles, stats.cycles.value());
    EXPECT_EQ(queue_full, hart.queue_full);
    EXPECT_EQ(reads, hart.blocking_read);
  }
}

TEST_F(ModelProfileTest, CyclesWaitsAndSleepAddUpToTheTimeOfTheRun) {
  const auto all = cores();
  const cpu::Config config;
  // The store that ends a program ends its hart when it begins (1 GHz: 1000 ps a cycle).
  const std::uint64_t exit = (config.base + config.mmio_store).count;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const profile::HartCost& h = result.cores[i].hart;
    EXPECT_EQ(h.busy + h.queue_full + h.blocking_read + h.wfi + h.idle, result.elapsed);
    EXPECT_EQ(h.busy, (h.cycles - exit) * 1000);
    const auto own = shares(all[i]->hart);
    EXPECT_EQ(h.busy, own.at("busy"));
    EXPECT_EQ(h.queue_full, own.at("queue full"));
    EXPECT_EQ(h.blocking_read, own.at("blocking read"));
    EXPECT_EQ(h.wfi, own.at("wfi"));
  }
}

TEST_F(ModelProfileTest, CommandsBytesAndFlopsAreThoseOfTheEngines) {
  std::map<std::string, profile::EngineCost> sums;
  for (const CoreCost& core : result.cores) {
    for (const auto& engine : core.engines) {
      sums[engine.queue].commands += engine.commands;
      sums[engine.queue].bytes += engine.bytes;
      sums[engine.queue].flops += engine.flops;
      EXPECT_EQ(engine.unfinished, 0U);
    }
  }
  for (const char* queue : {"load", "store", "tensor", "vector"}) {
    EXPECT_GT(sums[queue].commands, 0U);
    EXPECT_EQ(sums[queue].commands, run.total(std::string(".") + queue, "commands")) << queue;
  }
  EXPECT_GT(sums["directcom"].commands, 0U);
  EXPECT_EQ(sums["directcom"].commands, run.total(".directcom", "messages"));
  EXPECT_EQ(sums["load"].bytes, run.total(".load", "written"));
  EXPECT_EQ(sums["store"].bytes, run.total(".store", "written"));
  EXPECT_EQ(sums["tensor"].flops, run.total(".tensor", "flops"));
  EXPECT_EQ(sums["tensor"].bytes, run.total(".tensor", "sram"));
  EXPECT_EQ(sums["vector"].bytes, run.total(".vector", "sram"));
  EXPECT_EQ(result.dropped, 0U);
  std::uint64_t commands = 0;
  for (const auto& [queue, engine] : sums)
    commands += engine.commands;
  EXPECT_EQ(result.commands.size(), commands);
}

/// Length of the union of intervals.
std::uint64_t covered(std::vector<std::pair<std::uint64_t, std::uint64_t>> intervals) {
  std::sort(intervals.begin(), intervals.end());
  std::uint64_t sum = 0, until = 0;
  for (const auto& [begin, end] : intervals) {
    if (end > std::max(begin, until)) sum += end - std::max(begin, until);
    until = std::max(until, end);
  }
  return sum;
}

TEST_F(ModelProfileTest, SlicesOfTheTraceCoverTheBusyTimeOfEveryEngineExactly) {
  const PfTrace trace(trace::perfetto_trace(result));
  std::map<std::string, std::vector<std::pair<std::uint64_t, std::uint64_t>>> busy;
  for (const PfTrace::Event& event : trace.events()) {
    if (event.texts.count("function") == 0 || event.numbers.count("issued_ps") == 0) continue;
    const std::uint64_t begin = event.numbers.at("begin_ps");
    EXPECT_EQ(event.begin, begin / 1000);
    EXPECT_EQ(event.end, (begin + event.numbers.at("ps")) / 1000);
    busy[event.track.substr(0, event.track.find(' '))].emplace_back(begin,
                                                                    begin + event.numbers.at("ps"));
  }
  std::size_t engines = 0;
  for_each_model(run.platform().board(), [&](const Model& model) {
    if (dynamic_cast<const CommandEngine*>(&model) == nullptr) return;
    std::string track = model.name();  // board.aipu0.core3.tensor
    track = track.substr(track.find('.') + 1);
    std::replace(track.begin(), track.end(), '.', '/');
    const auto own = shares(model);
    EXPECT_EQ(covered(busy[track]), own.at("busy")) << track;
    if (own.at("busy") != 0) ++engines;
  });
  EXPECT_GT(engines, 16U);
}

TEST_F(ModelProfileTest, OverlapIsThatOfTheCommands) {
  for (std::size_t i = 0; i < result.cores.size(); ++i) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> load, compute, both;
    for (const auto& c : result.commands) {
      if (c.core != i) continue;
      if (c.queue == 0) load.emplace_back(c.began, c.ended);
      if (c.queue == 2 || c.queue == 3) compute.emplace_back(c.began, c.ended);
    }
    both = load;
    both.insert(both.end(), compute.begin(), compute.end());
    const profile::Overlap& overlap = result.cores[i].overlap;
    EXPECT_EQ(overlap.load, covered(load));
    EXPECT_EQ(overlap.compute, covered(compute));
    EXPECT_EQ(overlap.load + overlap.compute - overlap.together, covered(both));
  }
}

/// In a process of its own.
std::string outcome(const ModelRun& run, bool with_files) {
  const ChildResult child = in_child([&] {
    LoadedRun loaded(run);
    const platform::Ending ending = loaded.run();
    if (!with_files) return dump(ending, loaded);
    const Result result = loaded.profile();
    return profile::profile_json(result, "") + profile::commands_csv(result) +
           trace::perfetto_trace(result);
  });
  EXPECT_TRUE(child.good) << child.output;
  return child.output;
}

TEST(ProfiledRunTest, TakesTheTimeOfARunWithoutAProfile) {
  EXPECT_EQ(difference(outcome(profiled(), false), outcome(decode_on_two(), false)), "");
}

TEST(ProfiledRunTest, GivesTheSameFilesEveryTime) {
  const std::string once = outcome(profiled(), true);
  EXPECT_GT(once.size(), 100'000U);
  EXPECT_EQ(once, outcome(profiled(), true));
}

}  // namespace
}  // namespace aipu::test
