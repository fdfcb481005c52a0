// SPDX-License-Identifier: Apache-2.0
// The profile of a program whose every wait is known: profiled.c.
#include <algorithm>
#include <gmock/gmock.h>

#include "hw/config/load.h"
#include "sim/platform/platform.h"
#include "sim/profile/profile_file.h"
#include "sim/trace/perfetto.h"
#include "tests/support/pftrace.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

using profile::Region;
using profile::Result;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t kCommands = 40, kTileBytes = 0x10000;  // of profiled.c

class GuestProfileTest : public SystemCTest {
 protected:
  Result profile_of(const profile::Request& request) {
    platform::Listener listener;
    listener.console = [this](const std::string& line) { console += line + "\n"; };
    platform = std::make_unique<platform::Platform>(
        config::load("aipu", {"aipus=1", "aipu.cores=2", "simulation.max_time=2 ms"}),
        platform::FirmwareImage{elf, elf}, listener);
    platform->profile(request);
    platform->start(0);
    EXPECT_EQ(platform->run().code, ExitCode::kGood);
    return platform->profile_result();
  }
  static profile::Request everything() {
    profile::Request request;
    request.on = request.trace = true;
    return request;
  }

  const load::Elf elf = load::read_elf(PROFILED_ELF);
  std::unique_ptr<platform::Platform> platform;
  std::string console;
};

TEST_F(GuestProfileTest, NamesFunctionAndQueueOfEveryWait) {
  const Result result = profile_of(everything());
  const profile::HartCost& hart = result.cores[0].hart;

  ASSERT_EQ(hart.waits.size(), 2U);
  const auto& full = hart.waits[0].cause == "queue full" ? hart.waits[0] : hart.waits[1];
  const auto& read = hart.waits[0].cause == "queue full" ? hart.waits[1] : hart.waits[0];
  EXPECT_EQ(full.function, "issue");
  EXPECT_EQ(full.on, "load");
  EXPECT_EQ(full.time, hart.queue_full);
  // Once the queue is full, every doorbell waits for one command to end.
  const auto first = std::find_if(
      result.slices.begin(), result.slices.end(), [](const profile::SliceRecord& slice) {
        return slice.state == static_cast<std::uint8_t>(cpu::HartState::kQueueFull);
      });
  ASSERT_NE(first, result.slices.end());
  const auto ended = std::count_if(result.commands.begin(), result.commands.end(),
                                   [&](const auto& c) { return c.ended <= first->begin; });
  const std::uint64_t depth = platform->config().aipu.dma.queue_depth;
  EXPECT_EQ(full.count, kCommands - depth - static_cast<std::uint64_t>(ended));
  EXPECT_EQ(read.cause, "blocking read");
  EXPECT_EQ(read.function, "main");
  EXPECT_EQ(read.on, "counter 20");
  EXPECT_EQ(read.count, 1U);
}

TEST_F(GuestProfileTest, FollowsEveryCommandFromDoorbellToEnd) {
  const Result result = profile_of(everything());

  ASSERT_EQ(result.commands.size(), kCommands);
  const profile::EngineCost& load = result.cores[0].engines[0];
  EXPECT_EQ(load.commands, kCommands);
  EXPECT_EQ(load.bytes, kCommands * kTileBytes);
  for (std::size_t i = 0; i < result.commands.size(); ++i) {
    const profile::CommandRecord& c = result.commands[i];
    EXPECT_EQ(result.functions[c.function], "issue");
    EXPECT_EQ(c.bytes, kTileBytes);
    EXPECT_LT(c.issued, c.began);
    EXPECT_LT(c.began, c.ended);
    if (i == 0) continue;
    EXPECT_EQ(c.wait, profile::WaitKind::kCounter);
    EXPECT_EQ(c.counter, 20U);
    EXPECT_GE(c.began, result.commands[i - 1].ended);
  }
}

TEST_F(GuestProfileTest, MeasuresRegionsUnderTheNamesThatFirmwareGives) {
  const Result result = profile_of(everything());
  const std::vector<Region>& regions = result.cores[0].regions;

  ASSERT_EQ(regions.size(), 3U);
  EXPECT_EQ(regions[0].name, "setup");
  EXPECT_EQ(regions[0].count, 1U);
  EXPECT_EQ(regions[1].name, "copies");
  // From behind the first doorbells to behind the end of the last command.
  EXPECT_GT(regions[1].time, result.commands.back().ended - result.commands.front().issued);
  EXPECT_EQ(regions[2].name, "");
  EXPECT_EQ(regions[2].unmatched, 1U);
  EXPECT_EQ(result.cores[0].points, 1U);
  EXPECT_THAT(console, HasSubstr("mark 9 (all issued)"));
  EXPECT_THAT(console, Not(HasSubstr("mark 1")));
  const auto& think =
      std::find_if(result.cores[0].hart.functions.begin(), result.cores[0].hart.functions.end(),
                   [](const auto& f) { return f.name.rfind("think", 0) == 0; });
  ASSERT_NE(think, result.cores[0].hart.functions.end());
  EXPECT_GT(regions[0].time, think->cycles * 1000);  // at 1 GHz, and the calls
  EXPECT_LT(regions[0].time, (think->cycles + 20) * 1000);
}

TEST_F(GuestProfileTest, NamesOfMarkersAreNotLoaded) {
  EXPECT_EQ(elf.markers.at(9), "all issued");
  for (const load::Elf::Segment& segment : elf.segments) {
    const std::string bytes(segment.bytes.begin(), segment.bytes.end());
    EXPECT_EQ(bytes.find("all issued"), std::string::npos);
  }
}

TEST_F(GuestProfileTest, ALimitBoundsRecordsButNoTotal) {
  profile::Request request = everything();
  request.limit = 10;
  const Result result = profile_of(request);

  EXPECT_EQ(result.commands.size() + result.slices.size() + result.marks.size(), 10U);
  EXPECT_GT(result.dropped, kCommands - 10);
  EXPECT_GT(result.dropped_from, 0U);
  EXPECT_EQ(result.cores[0].engines[0].commands, kCommands);
  EXPECT_EQ(result.cores[0].regions.size(), 3U);
}

TEST_F(GuestProfileTest, AGlobChoosesCores) {
  profile::Request request = everything();
  request.cores = "aipu?.control";
  const Result result = profile_of(request);

  ASSERT_EQ(result.cores.size(), 1U);
  EXPECT_EQ(result.cores[0].name, "aipu0.control");
  EXPECT_GT(result.cores[0].hart.instructions, 0U);
  EXPECT_EQ(result.cores_on_board, 3U);
}

TEST_F(GuestProfileTest, AGlobThatNamesNoCoreIsRefused) {
  profile::Request request = everything();
  request.cores = "core0";
  try {
    profile_of(request);
    FAIL();
  } catch (const ConfigError& e) {
    EXPECT_THAT(e.what(), HasSubstr("aipu0.core0 to aipu0.core1 and aipu0.control"));
  }
}

TEST_F(GuestProfileTest, TheTraceShowsSlicesWaitsAndMarkers) {
  const Result result = profile_of(everything());
  const PfTrace trace(trace::perfetto_trace(result));

  std::map<std::string, int> seen;
  for (const PfTrace::Event& event : trace.events()) {
    ++seen[event.track + ": " + event.name];
    EXPECT_EQ(event.begin, event.numbers.at("begin_ps") / 1000);
    if (event.track != "aipu0/core0/load") continue;
    EXPECT_EQ(event.texts.at("function"), "issue");
    const bool first = event.numbers.at("issued_ps") == result.commands.front().issued;
    EXPECT_EQ(event.texts.count("waited_for"), first ? 0U : 1U);
  }
  EXPECT_EQ(seen["aipu0/core0/load: fill"], static_cast<int>(kCommands));
  EXPECT_EQ(seen["aipu0/core0/markers: all issued"], 1);
  EXPECT_EQ(seen["aipu0/core0/regions: setup"], 1);
  EXPECT_EQ(seen["aipu0/core0/regions: copies"], 1);
  EXPECT_EQ(seen["aipu0/core0/regions: region 3"], 1);
  EXPECT_GT(seen["aipu0/core0/hart: queue full: load"], 20);
  EXPECT_EQ(seen["aipu0/core0/hart: waits for counter 20"], 1);
  EXPECT_EQ(trace::perfetto_trace(result), trace::perfetto_trace(result));
}

}  // namespace
}  // namespace aipu::test
