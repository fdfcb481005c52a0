// SPDX-License-Identifier: Apache-2.0
// What an observer of a hart hears adds up to the hart's own counts, and changes none of them.
#include "tlm/cpu/hart_observer.h"

#include <gmock/gmock.h>
#include <map>

#include "tests/support/systemc_test.h"
#include "tests/tlm/cpu/hart_board.h"

namespace aipu {
namespace {

using cpu::HartState;
using test::HartBoard;

class Recorder : public cpu::HartObserver {
 public:
  struct Entered {
    HartState state;
    std::uint64_t now;
    std::uint32_t pc, address;
  };
  void ran(std::uint64_t pc, std::uint64_t n, std::uint64_t used) override {
    pcs.push_back(static_cast<std::uint32_t>(pc));
    instructions += n;
    cycles += used;
  }
  void entered(HartState state, std::uint64_t now, std::uint32_t pc,
               std::uint32_t address) override {
    entries.push_back({state, now, pc, address});
  }
  std::map<HartState, std::uint64_t> spent(std::uint64_t now) const {
    std::map<HartState, std::uint64_t> sum;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const std::uint64_t end = i + 1 < entries.size() ? entries[i + 1].now : now;
      sum[entries[i].state] += end - entries[i].now;
    }
    return sum;
  }

  std::vector<std::uint32_t> pcs;
  std::vector<Entered> entries;
  std::uint64_t instructions = 0, cycles = 0;
};

class HartObserverTest : public test::SystemCTest {
 protected:
  HartObserverTest() {
    const auto elf = load::read_elf(std::string(ISA_PROGRAMS) + "/hart_flow32.elf");
    seen.hart.observe(&recorder);
    seen.load(elf);
    plain.load(elf);
  }
  HartBoard seen{"seen", cpu::Config{}};
  HartBoard plain{"plain", cpu::Config{}};
  Recorder recorder;
};

TEST_F(HartObserverTest, ChangesNothingThatTheHartDoes) {
  run(ns(100'000));
  ASSERT_TRUE(plain.hart.ended() && seen.hart.ended());
  EXPECT_EQ(seen.accesses, plain.accesses);
  EXPECT_EQ(seen.hart.cycles(), plain.hart.cycles());
  EXPECT_EQ(seen.hart.instructions(), plain.hart.instructions());
  EXPECT_EQ(seen.hart.core().history().size(), plain.hart.core().history().size());
}

TEST_F(HartObserverTest, HearsOfEveryInstructionAndCycle) {
  run(ns(100'000));
  EXPECT_EQ(recorder.instructions, seen.hart.stats().instructions.value());
  EXPECT_EQ(recorder.cycles, seen.hart.stats().cycles.value());
  EXPECT_GT(recorder.pcs.size(), 300U);  // the loop of the program, block by block
}

TEST_F(HartObserverTest, HearsWhenItWaitsAndForWhichAccess) {
  run(ns(100'000));
  const auto spent = recorder.spent(now_ps());
  std::map<std::string, std::uint64_t> shares;
  for (const TimeShare& s : seen.hart.time_shares(now_ps()))
    shares[s.cause] = s.picoseconds;
  EXPECT_EQ(spent.at(HartState::kBusy), shares.at("busy"));
  EXPECT_EQ(spent.at(HartState::kQueueFull), shares.at("queue full"));
  EXPECT_EQ(spent.at(HartState::kBlockingRead), shares.at("blocking read"));
  EXPECT_EQ(spent.at(HartState::kWfi), shares.at("wfi"));
  // At 1 GHz. The store that ends the program ends the hart when it begins.
  const cpu::Config config;
  const std::uint64_t exit = (config.base + config.mmio_store).count;
  EXPECT_EQ(spent.at(HartState::kBusy), (seen.hart.stats().cycles.value() - exit) * 1000);
  for (const auto& e : recorder.entries) {
    const std::uint32_t address = e.state == HartState::kQueueFull      ? test::kDoorbell
                                  : e.state == HartState::kBlockingRead ? test::kWaitRead
                                                                        : 0;
    EXPECT_EQ(e.address, address);
    std::uint32_t insn = 0;
    std::memcpy(&insn, &seen.bytes[e.pc - test::kSram], sizeof insn);
    if (e.state == HartState::kWfi) {
      EXPECT_EQ(insn, 0x10500073U);
    }
  }
}

}  // namespace
}  // namespace aipu
