// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <gtest/gtest.h>
#include <systemc>

namespace aipu::test {

/// Fixture of a test that simulates. One simulation per process: ctest runs every case on its own,
/// and a second one in the same process ends it. A SystemC warning fails the test.
class SystemCTest : public ::testing::Test {
 protected:
  SystemCTest() {
    static int simulations = 0;
    if (++simulations > 1) {
      std::fputs("one simulation per process: run a single case (--gtest_filter), or use ctest\n",
                 stderr);
      std::exit(2);
    }
  }
  ~SystemCTest() override {
    EXPECT_EQ(sc_core::sc_report_handler::get_count(sc_core::SC_WARNING), 0)
        << "SystemC warned, see above";
  }

  static sc_core::sc_time ns(std::uint64_t n) { return sc_core::sc_time::from_value(n * 1'000U); }
  /// Runs for `limit` at most, less when nothing is left to happen.
  static void run(sc_core::sc_time limit) {
    sc_core::sc_start(limit, sc_core::SC_EXIT_ON_STARVATION);
  }
};

}  // namespace aipu::test
