// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>

#include "tests/rtl/switch/random_run.h"

namespace aipu::test {
namespace {

/// Seeds of one test, more with AIPU_RTL_SEEDS.
std::uint64_t seeds(std::uint64_t usual) {
  const char* const wanted = std::getenv("AIPU_RTL_SEEDS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : usual;
}

void run_seeds(std::uint32_t ports, std::uint32_t speedup, std::uint64_t count) {
  RandomRun::Result sum;
  for (std::uint64_t seed = 1; seed <= seeds(count); ++seed) {
    const RandomRun run = random_run(ports, speedup, seed);
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

TEST(LockstepTest, FourPortsAreEqualUnderRandomTraffic) {
  run_seeds(4, 1, 40);
}

TEST(LockstepTest, FourPortsAreEqualUnderRandomTrafficWithSpeedup) {
  run_seeds(4, 2, 40);
}

TEST(LockstepTest, FivePortsAreEqualUnderRandomTraffic) {
  run_seeds(5, 1, 40);
}

TEST(LockstepTest, FivePortsAreEqualUnderRandomTrafficWithSpeedup) {
  run_seeds(5, 2, 40);
}

TEST(LockstepTest, SixteenPortsAreEqualUnderRandomTraffic) {
  run_seeds(16, 1, 20);
}

TEST(LockstepTest, SixteenPortsAreEqualUnderRandomTrafficWithSpeedup) {
  run_seeds(16, 2, 20);
}

}  // namespace
}  // namespace aipu::test
