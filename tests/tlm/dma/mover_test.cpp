// SPDX-License-Identifier: Apache-2.0
#include <random>

#include "tests/tlm/dma/mover_fixture.h"

namespace aipu::dma {
namespace {

using MoverTest = MoverFixture;

TEST_F(MoverTest, LoadsAcrossBurstBoundariesThenCounts) {
  load_.push(test::copy_command(Gaddr::hbm(1000), own(64), 2048));
  run(ns(10'000));
  EXPECT_EQ(counters_.value(1), 1U);
  EXPECT_EQ(far_.request_sizes(), (std::vector<std::uint32_t>{24, 1024, 1000}));
  for (std::uint64_t i = 0; i < 2048; ++i)
    ASSERT_EQ(local(64 + i), byte_at(1000 + i)) << i;
  EXPECT_EQ(local(64 + 2048), 0);
  EXPECT_EQ(load_.stats().bursts.value(), 3U);
  EXPECT_EQ(load_.stats().read.value(), 2048U);
  EXPECT_EQ(load_.stats().written.value(), 2048U);
  EXPECT_FALSE(load_.active());
  expect_accounts_add_up();
}

TEST_F(MoverTest, StridedCopiesEqualANaiveLoop) {
  std::mt19937 random(11);
  const auto pick = [&random](std::uint32_t low, std::uint32_t high) {
    return std::uniform_int_distribution<std::uint32_t>(low, high)(random);
  };
  std::vector<std::uint8_t> far(far_.at(0), far_.at(0) + (4U << 20U));
  std::vector<std::uint8_t> near(1U << 20U);
  for (std::size_t i = 0; i < near.size(); ++i)
    near[i] = local(i) = byte_at(i + 77);
  for (std::uint32_t round = 0; round < 60; ++round) {
    const std::uint32_t bytes = pick(1, 3000);
    const std::uint32_t rows = pick(1, 6);
    const std::uint32_t planes = pick(1, 3);
    const test::Strides s{bytes + pick(0, 500), bytes + pick(0, 500), 30'000, 30'000};
    const std::uint64_t there = pick(0, 1U << 21U);
    const std::uint64_t here = pick(0, 900'000);
    const bool loads = pick(0, 1) == 0;
    const Gaddr a = Gaddr::hbm(there);
    const Gaddr b = own(here);
    (loads ? load_ : store_)
        .push(test::copy_command(loads ? a : b, loads ? b : a, bytes, rows, planes, s));
    for (std::uint32_t p = 0; p < planes; ++p) {
      for (std::uint32_t r = 0; r < rows; ++r) {
        for (std::uint32_t i = 0; i < bytes; ++i) {
          const std::uint64_t from = (loads ? there : here) + p * 30'000 + r * s.source_row + i;
          const std::uint64_t to = (loads ? here : there) + p * 30'000 + r * s.destination_row + i;
          if (loads) {
            near[to] = far[from];
          } else {
            far[to] = near[from];
          }
        }
      }
    }
    run(ns(100'000));
    ASSERT_EQ(counters_.value(1), round + 1) << faults_.faults.size();
  }
  EXPECT_TRUE(std::equal(far.begin(), far.end(), far_.at(0)));
  EXPECT_TRUE(std::equal(near.begin(), near.end(), sram_.storage().at(0)));
  expect_accounts_add_up();
}

TEST_F(MoverTest, CopiesInsideTheSramAndBetweenFarMemories) {
  for (std::uint64_t i = 0; i < 5000; ++i)
    local(i) = byte_at(i);
  store_.push(test::copy_command(own(0), own(10'001), 5000, 1, 1, {}, 1));
  load_.push(test::copy_command(Gaddr::hbm(3), Gaddr::shared(1U << 20U), 5000, 1, 1, {}, 2));
  run(ns(10'000));
  EXPECT_EQ(counters_.value(1), 1U);
  EXPECT_EQ(counters_.value(2), 1U);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    ASSERT_EQ(local(10'001 + i), byte_at(i));
    ASSERT_EQ(*far_.at((1U << 20U) + i), byte_at(3 + i));
  }
}

TEST_F(MoverTest, FillsWithThePatternOnEitherSide) {
  store_.push(test::fill_command(0x44332211, own(1), 2050, 1));
  load_.push(test::fill_command(0x44332211, Gaddr::hbm(1022), 7, 2));
  run(ns(10'000));
  EXPECT_EQ(counters_.value(1), 1U);
  EXPECT_EQ(counters_.value(2), 1U);
  for (std::uint64_t i = 0; i < 2050; ++i)
    ASSERT_EQ(local(1 + i), 0x11 * (i % 4 + 1)) << i;
  for (std::uint64_t i = 0; i < 7; ++i)
    ASSERT_EQ(*far_.at(1022 + i), 0x11 * (i % 4 + 1)) << i;
  EXPECT_EQ(*far_.at(1029), byte_at(1029));
}

TEST_F(MoverTest, WaitsForItsCounterAndBeginsOneCycleLater) {
  Command c = test::copy_command(Gaddr::hbm(0), own(0), 64);
  c.words[regs::abi::kWWait] = 7U | (1U << regs::abi::kWaitEnable0Shift);
  c.words[regs::abi::kWWait0Target] = 3;
  load_.push(c);
  run(ns(500));
  EXPECT_EQ(counters_.value(1), 0U);
  EXPECT_TRUE(far_.request_sizes().empty());
  counters_.add(7, 3);
  run(ns(500));
  EXPECT_EQ(counters_.value(1), 1U);
}

TEST_F(MoverTest, RunsCommandsOneBehindTheOtherWithoutAGap) {
  for (int i = 0; i < 8; ++i) {
    load_.push(test::copy_command(Gaddr::hbm(32'768U * static_cast<unsigned>(i)),
                                  own(32'768U * static_cast<unsigned>(i)), 32'768));
  }
  run(ns(100'000));
  EXPECT_EQ(counters_.value(1), 8U);
  // Queue 1 ns, start-up 8, latency 100, then 256 bursts of 2 cycles at the SRAM port: no gap.
  EXPECT_EQ(now_ps(), (1U + 8U + 100U + 512U) * 1000U);
  EXPECT_LE(far_.most_outstanding(), Config{}.bursts);
  EXPECT_GT(far_.most_outstanding(), 60U);
}

TEST_F(MoverTest, FaultsNameRuleQueueAndAddress) {
  Command c = test::copy_command(Gaddr::hbm(0), own(0), 64);
  c.opcode = 99;
  c.pc = 0x1234;
  store_.push(c);
  load_.push(test::copy_command(Gaddr::hbm(64U << 20U), own(0), 64));  // behind the memory
  run(ns(10'000));
  ASSERT_EQ(faults_.faults.size(), 2U);
  EXPECT_EQ(faults_.faults[0].rule, regs::abi::kRuleUnknownCommand);
  EXPECT_EQ(faults_.faults[0].queue, regs::abi::kQueueStore);
  EXPECT_EQ(faults_.faults[0].pc, 0x1234U);
  EXPECT_EQ(faults_.faults[1].rule, regs::abi::kRuleBadAddress);
  EXPECT_EQ(faults_.faults[1].address, Gaddr::hbm(64U << 20U).raw);
  EXPECT_EQ(counters_.value(1), 0U);
}

TEST_F(MoverTest, AnAddressBeyondTheOwnSramIsAFault) {
  load_.push(test::copy_command(Gaddr::hbm(0), own((1U << 20U) - 32), 64));
  store_.push(test::copy_command(own(2U << 20U), Gaddr::hbm(0), 64));
  run(ns(10'000));
  ASSERT_EQ(faults_.faults.size(), 2U);
  for (const Fault& fault : faults_.faults)
    EXPECT_EQ(fault.rule, regs::abi::kRuleBadAddress);
}

TEST_F(MoverTest, ARangeInUseIsAFault) {
  load_.push(test::copy_command(Gaddr::hbm(0), own(4096), 4096));
  store_.push(test::copy_command(own(8000), Gaddr::hbm(0), 4096));
  run(ns(10'000));
  ASSERT_EQ(faults_.faults.size(), 1U);
  EXPECT_EQ(faults_.faults[0].rule, regs::abi::kRuleOverlap);
  EXPECT_EQ(faults_.faults[0].queue, regs::abi::kQueueStore);
  EXPECT_EQ(faults_.faults[0].address, own(8000).raw);
  EXPECT_EQ(counters_.value(1), 1U);  // the load is none the worse
}

TEST_F(MoverTest, ARangeIsFreeAgainWhenItsCommandIsDone) {
  load_.push(test::copy_command(Gaddr::hbm(0), own(4096), 4096));
  Command c = test::copy_command(own(4096), Gaddr::hbm(1U << 20U), 4096);
  c.words[regs::abi::kWWait] = 1U | (1U << regs::abi::kWaitEnable0Shift);
  c.words[regs::abi::kWWait0Target] = 1;
  store_.push(c);
  run(ns(10'000));
  EXPECT_TRUE(faults_.faults.empty());
  EXPECT_EQ(counters_.value(1), 2U);
}

class ReluctantMemoryTest : public MoverFixture {
 protected:
  ReluctantMemoryTest() : MoverFixture(20_ns) {}
};

TEST_F(ReluctantMemoryTest, AWithheldEndReqHoldsTheNextRequestBack) {
  load_.push(test::copy_command(Gaddr::hbm(0), own(0), 16'384));
  run(ns(10'000));
  EXPECT_EQ(counters_.value(1), 1U);
  // 16 requests, 20 ns apart, latency 100 ns behind the last acceptance.
  EXPECT_GE(now_ps(), 16U * 20'000U + 100'000U);
  EXPECT_LT(now_ps(), 16U * 20'000U + 130'000U);
  EXPECT_EQ(load_.stats().held.value(), 16U * 20'000U);
}

class SmallMoverTest : public MoverFixture {
 protected:
  static Config small() {
    Config c;
    c.bursts = 3;
    return c;
  }
  SmallMoverTest() : MoverFixture(Picoseconds(0), small()) {}
};

TEST_F(SmallMoverTest, NeverHasMoreBurstsInFlightThanCredits) {
  load_.push(test::copy_command(Gaddr::hbm(0), own(0), 65'536));
  run(ns(100'000));
  EXPECT_EQ(counters_.value(1), 1U);
  EXPECT_EQ(far_.most_outstanding(), 3U);
  EXPECT_GT(load_.stats().credit_waits.value(), 0U);
}

}  // namespace
}  // namespace aipu::dma
