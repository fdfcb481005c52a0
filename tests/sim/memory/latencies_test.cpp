// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/latencies.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "sim/memory/source.h"

namespace aipu::memory {
namespace {

TEST(LatenciesTest, NoneIsAllZero) {
  const Latencies none;
  EXPECT_EQ(none.mean(), 0);
  EXPECT_EQ(none.percentile(99), 0);
  EXPECT_EQ(none.max(), 0);
}

TEST(LatenciesTest, AgreesWithASortedList) {
  Lcg random(3);
  Latencies latencies;
  std::vector<hbm::Tick> sorted;
  hbm::Tick sum = 0;
  for (int i = 0; i < 2001; ++i) {
    // Most are short; some lie far beyond what a counter is kept for.
    const auto value = static_cast<hbm::Tick>(random.draw() % (i % 50 == 0 ? 1'000'000 : 700));
    latencies.add(value);
    sorted.push_back(value);
    sum += value;
  }
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(latencies.count(), sorted.size());
  EXPECT_DOUBLE_EQ(latencies.mean(), static_cast<double>(sum) / 2001);
  EXPECT_EQ(latencies.min(), sorted.front());
  EXPECT_EQ(latencies.max(), sorted.back());
  for (const std::uint32_t p : {0U, 1U, 50U, 95U, 98U, 99U})
    EXPECT_EQ(latencies.percentile(p), sorted[sorted.size() * p / 100]) << p;
  EXPECT_EQ(latencies.percentile(100), sorted.back());
}

}  // namespace
}  // namespace aipu::memory
