// SPDX-License-Identifier: Apache-2.0
// A module of 16 AIPUs, 528 harts, costs next to nothing while it sleeps.
#include <cstdio>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/child.h"
#include "tests/system/model_run.h"

namespace aipu::test {
namespace {

constexpr double kMostSeconds = 0.5;
constexpr std::uint64_t kMostBytes = 1ULL << 30U;

void expect_light(const char* what, const ChildResult& child) {
  std::printf("%s: %.3f s CPU, %.0f MiB resident at its peak, %s\n", what, child.cpu_seconds,
              static_cast<double>(child.peak_bytes) / (1 << 20), child.output.c_str());
  EXPECT_TRUE(child.good) << child.output;
  EXPECT_LT(child.cpu_seconds, kMostSeconds);
  EXPECT_LT(child.peak_bytes, kMostBytes);
}

std::string harts(const platform::Platform& platform) {
  std::size_t count = 0;
  for (const auto& aipu : platform.board().aipus)
    count += aipu->cores.size();
  return fmt::format("{} harts", count);
}

TEST(SleepingModuleTest, ElaboratesWithoutAProgram) {
  const ChildResult child = in_child([] {
    const platform::Platform platform(config::load("hc1000_module"), platform::builtin_firmware(),
                                      {});
    return harts(platform);
  });
  expect_light("no program", child);
  EXPECT_EQ(child.output, "528 harts");
}

TEST(SleepingModuleTest, LoadsFirmwareAndProgramsInTimingMode) {
  ModelRun run;
  run.plan = {8, 2};
  run.cores = 32;
  run.prompt = 0;
  run.sequences = 8;
  const ChildResult child = in_child([&] {
    const LoadedRun loaded(run);
    return harts(loaded.platform());
  });
  expect_light("program loaded", child);
  EXPECT_EQ(child.output, "528 harts");
}

// 66 harts that wait for launches which never come: nothing is simulated between then and the
// limit.
TEST(SleepingModuleTest, HartsThatWaitForEverAreFoundWithoutSimulatingTheirWait) {
  const ChildResult child = in_child([] {
    const platform::FirmwareImage image = platform::builtin_firmware();
    platform::Platform platform(
        config::load("hc1000_module", {"aipus=2", "simulation.max_time=10 s"}),
        {image.core, image.core}, {});
    platform.start(0);
    platform.start(1);
    return fmt::format("code {}", static_cast<int>(platform.run().code));
  });
  expect_light("66 harts asleep", child);
  EXPECT_EQ(child.output, "code 3");
}

}  // namespace
}  // namespace aipu::test
