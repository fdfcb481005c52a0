// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>

#include "sim/cosim/random_run.h"

namespace aipu::test {
namespace {

/// Seeds of one test, more with AIPU_RTL_SEEDS.
std::uint64_t seeds(std::uint64_t usual) {
  const char* const wanted = std::getenv("AIPU_RTL_SEEDS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : usual;
}

/// Accounts see the states of the ticks that a model is stepped in: they are compared where both
/// are stepped in the same ones.
enum class Steps : std::uint8_t { kEveryTick, kNamedTicks };

void run_seeds(std::uint32_t ports, std::uint32_t speedup, std::uint64_t count, Steps steps) {
  cosim::RandomRun::Result sum;
  for (std::uint64_t seed = 1; seed <= seeds(count); ++seed) {
    cosim::RandomRun run = cosim::random_run(ports, speedup, seed);
    run.every_tick = run.accounts = steps == Steps::kEveryTick;
    try {
      const auto result = run.run();
      sum.flits += result.flits;
      sum.packets += result.packets;
      sum.clocks += result.clocks;
    } catch (const cosim::Mismatch& e) {
      ADD_FAILURE() << run.name << " (" << run.topology.name << "): " << e.what();
    }
  }
  std::cout << sum.packets << " packets, " << sum.flits << " flits, " << sum.clocks
            << " clocks equal\n";
  EXPECT_GT(sum.flits, 0U);
}

TEST(LockstepTest, FourPortsAreEqualInEveryTick) {
  run_seeds(4, 1, 40, Steps::kEveryTick);
}

TEST(LockstepTest, FourPortsAreEqualInNamedTicks) {
  run_seeds(4, 1, 40, Steps::kNamedTicks);
}

TEST(LockstepTest, FourPortsAreEqualInEveryTickWithSpeedup) {
  run_seeds(4, 2, 40, Steps::kEveryTick);
}

TEST(LockstepTest, FourPortsAreEqualInNamedTicksWithSpeedup) {
  run_seeds(4, 2, 40, Steps::kNamedTicks);
}

TEST(LockstepTest, FivePortsAreEqualInEveryTick) {
  run_seeds(5, 1, 40, Steps::kEveryTick);
}

TEST(LockstepTest, FivePortsAreEqualInNamedTicks) {
  run_seeds(5, 1, 40, Steps::kNamedTicks);
}

TEST(LockstepTest, FivePortsAreEqualInEveryTickWithSpeedup) {
  run_seeds(5, 2, 40, Steps::kEveryTick);
}

TEST(LockstepTest, FivePortsAreEqualInNamedTicksWithSpeedup) {
  run_seeds(5, 2, 40, Steps::kNamedTicks);
}

TEST(LockstepTest, SixteenPortsAreEqualInEveryTick) {
  run_seeds(16, 1, 20, Steps::kEveryTick);
}

TEST(LockstepTest, SixteenPortsAreEqualInNamedTicks) {
  run_seeds(16, 1, 20, Steps::kNamedTicks);
}

TEST(LockstepTest, SixteenPortsAreEqualInEveryTickWithSpeedup) {
  run_seeds(16, 2, 20, Steps::kEveryTick);
}

TEST(LockstepTest, SixteenPortsAreEqualInNamedTicksWithSpeedup) {
  run_seeds(16, 2, 20, Steps::kNamedTicks);
}

}  // namespace
}  // namespace aipu::test
