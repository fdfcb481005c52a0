// SPDX-License-Identifier: Apache-2.0
#include "tlm/chip/signal_fabric.h"

#include <gtest/gtest.h>

#include "hw/base/units.h"
#include "regs/abi.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

using regs::abi::kScopeAllCores;

/// Three compute cores and the chip-control core (number 3), signals of 20 cycles at 1 GHz.
class SignalFabricTest : public SystemCTest {
 protected:
  struct Faults : FaultSink {
    void fault(const Fault& f) override { seen.push_back(f); }
    std::vector<Fault> seen;
  };

  SignalFabricTest() {
    fabric_.connect({&counters_[0], &counters_[1], &counters_[2], &counters_[3]},
                    {&faults_[0], &faults_[1], &faults_[2], &faults_[3]});
  }
  std::vector<std::uint32_t> values(std::uint32_t counter) const {
    std::vector<std::uint32_t> out;
    for (const CounterFile& file : counters_)
      out.push_back(file.value(counter));
    return out;
  }
  using Values = std::vector<std::uint32_t>;

  std::array<CounterFile, 4> counters_;
  std::array<Faults, 4> faults_;
  chip::SignalFabric fabric_{"fabric", Clock(1_GHz), 20_cycles};
};

TEST_F(SignalFabricTest, AnAddArrivesOneLatencyLater) {
  fabric_.signal(0, 2, 7, 5);
  sc_core::sc_start(sc_core::sc_time::from_value(19'999));
  EXPECT_EQ(values(7), (Values{0, 0, 0, 0}));
  sc_core::sc_start(sc_core::sc_time::from_value(1));
  sc_core::sc_start(sc_core::sc_time::from_value(1));  // what happens at 20 ns has happened
  EXPECT_EQ(values(7), (Values{0, 0, 5, 0}));
}

TEST_F(SignalFabricTest, AllCoresMeansTheComputeCores) {
  fabric_.signal(3, kScopeAllCores, 1, 2);
  fabric_.signal(1, 3, 1, 9);  // the chip-control core has a number
  run(ns(100));
  EXPECT_EQ(values(1), (Values{2, 2, 2, 9}));
}

TEST_F(SignalFabricTest, SignalsDoNotDelayEachOther) {
  fabric_.signal(0, 1, 4, 1);
  sc_core::sc_start(ns(5));
  for (int i = 0; i < 10; ++i)
    fabric_.signal(2, 1, 4, 1);
  sc_core::sc_start(ns(16));
  EXPECT_EQ(values(4), (Values{0, 1, 0, 0}));
  sc_core::sc_start(ns(5));
  EXPECT_EQ(values(4), (Values{0, 11, 0, 0}));
}

TEST_F(SignalFabricTest, AScopeThatNamesNoCoreIsAFaultOfTheSender) {
  fabric_.signal(1, 4, 0, 1);
  ASSERT_EQ(faults_[1].seen.size(), 1U);
  EXPECT_EQ(faults_[1].seen[0].rule, regs::abi::kRuleBadCounter);
  EXPECT_EQ(faults_[1].seen[0].address, 4U);
  run(ns(100));
  EXPECT_EQ(values(0), (Values{0, 0, 0, 0}));
}

TEST_F(SignalFabricTest, AnOverflowIsAFaultOfTheCoreWhoseCounterItIs) {
  ASSERT_TRUE(counters_[2].add(6, 0xFFFFFFFF));
  fabric_.signal(0, kScopeAllCores, 6, 1);
  run(ns(100));
  ASSERT_EQ(faults_[2].seen.size(), 1U);
  EXPECT_EQ(faults_[2].seen[0].rule, regs::abi::kRuleCounterOverflow);
  EXPECT_EQ(faults_[2].seen[0].address, 6U);
  EXPECT_TRUE(faults_[0].seen.empty());
  EXPECT_EQ(values(6), (Values{1, 1, 0xFFFFFFFF, 0}));
}

}  // namespace
}  // namespace aipu::test
