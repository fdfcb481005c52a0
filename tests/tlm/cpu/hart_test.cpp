// SPDX-License-Identifier: Apache-2.0
#include <ctime>
#include <gmock/gmock.h>
#include <numeric>

#include "tests/support/systemc_test.h"
#include "tests/tlm/cpu/hart_board.h"

namespace aipu {
namespace {

using cpu::Config;
using cpu::Interrupt;
using test::HartBoard;

load::Elf program(const std::string& name) {
  return load::read_elf(std::string(ISA_PROGRAMS) + "/" + name + "32.elf");
}

std::uint64_t total(const std::vector<TimeShare>& shares) {
  return std::accumulate(shares.begin(), shares.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const TimeShare& s) { return sum + s.picoseconds; });
}

std::uint64_t share(const cpu::Hart& hart, const std::string& cause) {
  for (const TimeShare& s : hart.time_shares(now_ps())) {
    if (s.cause == cause) return s.picoseconds;
  }
  return 0;
}

Config with_quantum(std::uint64_t n) {
  Config config;
  config.quantum = Cycles(n);
  config.interrupt_quantum = std::min(config.interrupt_quantum, config.quantum);
  return config;
}

enum : unsigned {
  kS1 = 9,
  kA0 = 10,
  kS2 = 18,
  kS3 = 19,
  kS5 = 21,
  kS6 = 22,
  kS7 = 23,
  kS8 = 24,
  kS9 = 25,
  kS10 = 26
};

class HartTest : public test::SystemCTest {
 protected:
  HartBoard& board(const Config& config = {}, bool dmi = true) {
    boards_.push_back(
        std::make_unique<HartBoard>(sc_core::sc_gen_unique_name("board"), config, dmi));
    return *boards_.back();
  }

  std::vector<std::unique_ptr<HartBoard>> boards_;
};

TEST_F(HartTest, SeesRegistersAtItsOwnTime) {
  HartBoard& b = board();
  b.load(program("hart_flow"));
  run(ns(100'000));
  ASSERT_TRUE(b.hart.ended());
  ASSERT_FALSE(b.accesses.empty());
  const auto& console = b.accesses.front();
  EXPECT_EQ(console.address, 0x02000040U);
  EXPECT_EQ(console.value, 'A');
  // mtime was read at the time that it shows, which is after the loop.
  EXPECT_EQ(b.accesses[3].address, test::kMtimeLo);
  EXPECT_EQ(b.accesses[3].at_ps, b.hart.reg(kS1) * 1000ULL);
  EXPECT_GT(b.hart.reg(kS1), 300U * 6);
}

TEST_F(HartTest, StaysOnAStalledAccessUntilItIsServed) {
  HartBoard& b = board();
  b.load(program("hart_flow"));
  run(ns(100'000));
  const Config c;
  // mtime load, then the doorbell: the stall is all but the two register accesses.
  EXPECT_EQ(b.hart.reg(kS3) - b.hart.reg(kS1),
            b.stall_ns + (c.base + c.mmio_load + c.base + c.mmio_store).count);
  EXPECT_EQ(b.hart.reg(kS6) - b.hart.reg(kS3), b.stall_ns + 2 * (c.base + c.mmio_load).count);
  EXPECT_EQ(b.hart.reg(kS5), test::kWaitRead);
  EXPECT_EQ(b.hart.reg(kA0), b.stall_ns);      // mhpmcounter3
  EXPECT_EQ(b.hart.reg(kA0 + 2), b.stall_ns);  // mhpmcounter5
  EXPECT_EQ(b.hart.stats().stalls.value(), 2U);
}

TEST_F(HartTest, WakesFromWfiByAVectoredTimerInterrupt) {
  HartBoard& b = board();
  b.load(program("hart_flow"));
  run(ns(100'000));
  EXPECT_EQ(b.hart.reg(kS7), 0x80000007U);
  EXPECT_EQ(b.hart.reg(kS8), 0x80U);  // pending in the handler
  EXPECT_EQ(b.hart.reg(kS9), 0U);     // and no longer after mtimecmp was moved
  // wake latency, trap entry, jump of the table, csrr, csrr, li, sw, csrr, then the read of mtime
  const std::uint32_t due = b.hart.reg(kS6) + 2000;
  EXPECT_GE(b.hart.reg(kS10), due + 4);
  EXPECT_LE(b.hart.reg(kS10), due + 30);
  EXPECT_GT(b.hart.reg(kA0 + 1), 1900U);
  EXPECT_EQ(b.hart.stats().sleeps.value(), 1U);
  EXPECT_EQ(b.hart.stats().traps.value(), 1U);
}

TEST_F(HartTest, ResultsDoNotDependOnTheQuantum) {
  for (const std::uint64_t quantum : {1U, 7U, 100U, 1000U, 10000U}) {
    board(with_quantum(quantum)).load(program("hart_flow"));
  }
  run(ns(100'000));
  const HartBoard& first = *boards_.front();
  for (const auto& b : boards_) {
    EXPECT_TRUE(b->hart.ended());
    EXPECT_EQ(b->accesses, first.accesses);
    EXPECT_EQ(b->hart.cycles(), first.hart.cycles());
    EXPECT_EQ(b->hart.instructions(), first.hart.instructions());
    for (unsigned r = 0; r < 32; ++r)
      EXPECT_EQ(b->hart.reg(r), first.hart.reg(r)) << "x" << r;
    for (const char* cause : {"busy", "wfi", "queue full", "blocking read", "idle"}) {
      EXPECT_EQ(share(b->hart, cause), share(first.hart, cause)) << cause;
    }
  }
}

TEST_F(HartTest, TimeSharesAddUpToNow) {
  HartBoard& b = board();
  HartBoard& unused = board();
  b.load(program("hart_flow"));
  run(ns(100'000));
  EXPECT_EQ(total(b.hart.time_shares(now_ps())), now_ps());
  EXPECT_EQ(share(b.hart, "queue full"), 500'000U);
  EXPECT_EQ(share(b.hart, "blocking read"), 500'000U);
  EXPECT_EQ(share(unused.hart, "idle"), now_ps());
}

TEST_F(HartTest, RunsWithoutDirectMemory) {
  HartBoard& fast = board();
  HartBoard& slow = board({}, /*dmi=*/false);
  fast.load(program("hart_flow"));
  slow.load(program("hart_flow"));
  run(ns(100'000));
  EXPECT_TRUE(slow.hart.ended());
  EXPECT_EQ(slow.accesses, fast.accesses);
  EXPECT_EQ(slow.hart.cycles(), fast.hart.cycles());
}

TEST_F(HartTest, TakesAnInterruptWithinTheInterruptQuantum) {
  HartBoard& b = board();
  b.load(program("hart_spin"));
  run(ns(5'000));
  b.hart.set_interrupt(Interrupt::kExternal, true);
  run(ns(5'000));
  ASSERT_TRUE(b.hart.ended());
  EXPECT_EQ(b.hart.reg(kS2), 0x8000000bU);
  EXPECT_GT(b.hart.reg(kS3), 5'000U);
  EXPECT_LE(b.hart.reg(kS3), 5'000U + Config{}.interrupt_quantum.count + 20);
}

TEST_F(HartTest, ATrapWithoutAHandlerEndsTheHartAndIsReported) {
  HartBoard& b = board();
  const auto elf = program("hart_fault");
  b.load(elf);
  run(ns(10'000));
  EXPECT_TRUE(b.hart.ended());
  ASSERT_EQ(b.faults.size(), 1U);
  EXPECT_EQ(b.faults[0].pc, *elf.symbol("faulting"));
  EXPECT_EQ(b.faults[0].cause, cpu::cause::kLoadFault);
  EXPECT_EQ(b.faults[0].value, 64U);
  EXPECT_FALSE(b.faults[0].nested);
  EXPECT_THAT(b.faults[0].text(), testing::HasSubstr("load access fault"));
  EXPECT_EQ(total(b.hart.time_shares(now_ps())), now_ps());
}

TEST_F(HartTest, ATrapInTheFirstInstructionOfTheHandlerEndsTheHart) {
  HartBoard& b = board();
  const auto elf = program("hart_fault");
  b.load(elf);
  b.hart.set_reg(kA0, 1);
  run(ns(10'000));
  ASSERT_EQ(b.faults.size(), 1U);
  EXPECT_EQ(b.faults[0].pc, *elf.symbol("handler"));
  EXPECT_TRUE(b.faults[0].nested);
}

TEST_F(HartTest, SaysWhatItWaitsFor) {
  HartBoard& b = board();
  b.stall_ns = 1'000'000;
  b.load(program("hart_flow"));
  run(ns(100'000));
  EXPECT_THAT(b.hart.waiting_for(), testing::HasSubstr("full queue at pc 0x1000"));
  EXPECT_EQ(total(b.hart.time_shares(now_ps())), now_ps());
}

TEST_F(HartTest, HartsOfOneImageShareDecodedCodeWhileTheirMemoryAgrees) {
  const auto elf = program("hart_flow");
  const auto code = std::make_shared<cpu::CodeCache>(32, Config{}, elf.segments[0].address,
                                                     elf.segments[0].bytes);
  for (int i = 0; i < 3; ++i) {
    HartBoard& b = board();
    b.hart.set_code(code);
    b.load(elf);
  }
  boards_[2]->bytes[elf.segments[0].bytes.size() - 8] ^= 1U;  // a vector that nobody takes
  run(ns(100'000));
  EXPECT_TRUE(boards_[0]->hart.core().shares_code());
  EXPECT_TRUE(boards_[1]->hart.core().shares_code());
  EXPECT_FALSE(boards_[2]->hart.core().shares_code());
  EXPECT_EQ(boards_[0]->hart.core().own_code().blocks(), 0U);
  EXPECT_EQ(boards_[0]->accesses, boards_[1]->accesses);
  EXPECT_EQ(boards_[0]->accesses, boards_[2]->accesses);
}

TEST_F(HartTest, ManyIdleHartsCostNothing) {
  struct Host : sc_core::sc_module {
    explicit Host(const sc_core::sc_module_name& n) : sc_module(n) {
      for (int i = 0; i < 528; ++i) {
        harts.push_back(std::make_unique<cpu::Hart>(sc_core::sc_gen_unique_name("hart"), Config{},
                                                    Clock(Hertz(1'000'000'000)), 0, nullptr,
                                                    nullptr));
      }
    }
    std::vector<std::unique_ptr<cpu::Hart>> harts;
  };
  const std::clock_t start = std::clock();
  Host host("host");
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, 0.25);  // 0.1 s aimed for; room for a loaded machine and sanitizers
}

}  // namespace
}  // namespace aipu
