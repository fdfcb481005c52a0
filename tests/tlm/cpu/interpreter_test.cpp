// SPDX-License-Identifier: Apache-2.0
#include "tlm/cpu/interpreter.h"

#include <array>
#include <cstring>
#include <gtest/gtest.h>

namespace aipu::cpu {
namespace {

constexpr std::uint32_t kBase = 0x1000;

/// 4 KiB of memory and one register that does as it is told.
class Bench : public Bus {
 public:
  Status access(Access& access) override {
    last = access;
    if (answer == Status::kDone && !access.write) access.value = 0x80;
    access.delay = delay;
    if (on_access) on_access();
    return answer;
  }
  std::optional<std::uint16_t> fetch(std::uint64_t address) override {
    if (address < kBase || address + 2 > kBase + bytes.size()) return std::nullopt;
    std::uint16_t half = 0;
    std::memcpy(&half, &bytes[address - kBase], sizeof half);
    return half;
  }
  bool synced(std::uint64_t) override { return in_sync; }

  void code(std::initializer_list<std::uint32_t> words, std::size_t at = 0) {
    for (const std::uint32_t word : words) {
      std::memcpy(&bytes[at], &word, sizeof word);
      at += sizeof word;
    }
  }

  std::array<std::uint8_t, 4096> bytes{};
  Status answer = Status::kDone;
  std::uint64_t delay = 0;
  bool in_sync = true;
  Access last;
  std::function<void()> on_access;
};

class InterpreterTest : public testing::Test {
 protected:
  InterpreterTest() {
    core.set_memory(kBase, bench.bytes.data(), bench.bytes.size());
    core.reset(kBase, 0, 0);
  }
  Config config;
  Bench bench;
  Interpreter<std::uint32_t> core{config, bench, 3};
};

constexpr std::uint32_t kLoop = 0x0000006f;   // j .
constexpr std::uint32_t kStore = 0x00b52023;  // sw a1, 0(a0)
constexpr std::uint32_t kLoad = 0x00052583;   // lw a1, 0(a0)
constexpr std::uint32_t kInc = 0x00160613;    // addi a2, a2, 1
constexpr std::uint32_t kWfi = 0x10500073;

TEST_F(InterpreterTest, StopsWhenItsBudgetIsUsedUp) {
  bench.code({kInc, kLoop});
  EXPECT_EQ(core.run(100), Stop::kQuantum);
  EXPECT_GE(core.cycles(), 100U);
  EXPECT_LE(core.cycles(), 103U);
  const std::uint64_t before = core.cycles();
  EXPECT_EQ(core.run(50), Stop::kQuantum);
  EXPECT_GE(core.cycles(), before + 50);
}

TEST_F(InterpreterTest, AStalledStoreIsRepeatedAndCountedOnce) {
  bench.code({kInc, kStore, kInc, kLoop});
  core.set_reg(10, 0x40);
  bench.answer = Bus::Status::kStall;
  EXPECT_EQ(core.run(100), Stop::kStalled);
  EXPECT_EQ(core.pc(), kBase + 4);
  EXPECT_EQ(core.cycles(), 1U);
  EXPECT_EQ(core.retired(), 1U);
  EXPECT_TRUE(core.stalled_on_write());
  core.advance_to(51, &Clocks::store_stall);
  bench.answer = Bus::Status::kDone;
  EXPECT_EQ(core.run(10), Stop::kQuantum);
  EXPECT_EQ(bench.last.cycles, 51U);
  EXPECT_EQ(bench.last.pc, kBase + 4);
  EXPECT_EQ(core.reg(12), 2U);
  EXPECT_EQ(core.bus_accesses(), 1U);
  EXPECT_EQ(core.clocks().store_stall, 50U);
}

TEST_F(InterpreterTest, AnAccessThatMustSyncLeavesNoTrace) {
  bench.code({kInc, kInc, kLoad, kInc, kLoop});
  core.set_reg(10, 0x40);
  core.set_reg(11, 5);
  bench.answer = Bus::Status::kSync;
  EXPECT_EQ(core.run(100), Stop::kSync);
  EXPECT_EQ(core.cycles(), 2U);
  EXPECT_EQ(core.reg(11), 5U);
  bench.answer = Bus::Status::kDone;
  bench.delay = 7;
  core.run(1);
  EXPECT_EQ(core.reg(11), 0x80U);
  // load, its register access and delay, then addi and the jump
  EXPECT_EQ(core.cycles(), 2 + 1 + config.mmio_load.count + 7 + 1 + 1 + config.jump.count);
}

TEST_F(InterpreterTest, LoadsExtendWhatTheBusReturns) {
  bench.code({0x00050583 /* lb a1, 0(a0) */, 0x00054603 /* lbu a2, 0(a0) */, kLoop});
  core.set_reg(10, 0x41);
  core.run(1);
  EXPECT_EQ(core.reg(11), 0xffffff80U);
  EXPECT_EQ(core.reg(12), 0x80U);
  EXPECT_EQ(bench.last.bytes, 1U);
}

TEST_F(InterpreterTest, AnExitRequestEndsBehindTheStore) {
  bench.code({kStore, kInc, kLoop});
  bench.on_access = [this] { core.request_exit(); };
  EXPECT_EQ(core.run(100), Stop::kExit);
  EXPECT_EQ(core.pc(), kBase + 4);
  EXPECT_EQ(core.retired(), 1U);
  EXPECT_EQ(core.reg(12), 0U);
}

TEST_F(InterpreterTest, AnInterruptRaisedByAnAccessIsTakenBehindIt) {
  bench.code({kStore, kInc, kLoop});
  bench.code({kLoop}, 0x100);
  bench.code({0x30571073 /* csrw mtvec, a4 */, 0x3047d073 /* csrwi mie, 15 */, 0x30045073, kLoop},
             0x200);
  bench.code(
      {0x30471073 /* csrw mie, a4 */, 0x30046073 /* csrsi mstatus, 8 */, kStore, kInc, kLoop},
      0x300);
  core.set_reg(14, kBase + 0x100);
  core.reset(kBase + 0x200, 0, 0);
  core.run(1);
  core.reset(kBase + 0x300, 0, 0);
  core.set_reg(14, 1U << 11U);
  bench.on_access = [this] { core.set_line(Interrupt::kExternal, true); };
  core.run(100);
  EXPECT_EQ(core.pc(), kBase + 0x100);
  EXPECT_EQ(core.csrs().mepc(), kBase + 0x30cU);
  EXPECT_EQ(core.csrs().mcause(), 0x8000000bU);
  EXPECT_EQ(core.reg(12), 0U);
}

TEST_F(InterpreterTest, WfiStopsBehindItself) {
  bench.code({kInc, kWfi, kInc, kLoop});
  EXPECT_EQ(core.run(100), Stop::kWfi);
  EXPECT_EQ(core.pc(), kBase + 8);
  EXPECT_EQ(core.retired(), 2U);
}

TEST_F(InterpreterTest, CodeWrittenByOthersIsSeenAfterInvalidate) {
  bench.code({kInc, kLoop});
  core.run(1);
  EXPECT_EQ(core.reg(12), 1U);
  bench.code({0x06400613 /* li a2, 100 */});
  core.reset(kBase, 0, core.cycles());
  core.invalidate(kBase, 4);
  core.run(1);
  EXPECT_EQ(core.reg(12), 100U);
}

TEST_F(InterpreterTest, RemembersTheLastTakenBranches) {
  bench.code({0x0080006f /* j +8 */, 0, kLoop});
  core.run(2);
  const auto history = core.history();
  ASSERT_GE(history.size(), 1U);
  EXPECT_EQ(history[0].from, kBase);
  EXPECT_EQ(history[0].to, kBase + 8);
  core.run(1000);
  EXPECT_EQ(core.history().size(), 32U);
  EXPECT_EQ(core.history().back().from, kBase + 8);
}

TEST_F(InterpreterTest, TheLastBytesOfMemoryAreReachable) {
  bench.code({kStore, 0x00450583 /* lb a1, 4(a0) */, kLoop});
  core.set_reg(10, kBase + 4092);
  core.set_reg(11, 0xabcdef01);
  bench.answer = Bus::Status::kFault;
  EXPECT_EQ(core.run(1), Stop::kFault);  // one byte beyond
  EXPECT_EQ(bench.bytes[4095], 0xab);
  EXPECT_EQ(core.fault().value, kBase + 4096U);
  EXPECT_EQ(core.bus_accesses(), 0U);
}

TEST_F(InterpreterTest, AFetchFaultNamesTheHalfThatIsMissing) {
  const std::uint64_t last = kBase + bench.bytes.size() - 2;
  bench.code({0x00008067 /* ret */});
  std::memset(&bench.bytes[bench.bytes.size() - 2], 0x13, 1);  // the first half of an addi
  core.set_reg(1, last);
  EXPECT_EQ(core.run(100), Stop::kFault);
  EXPECT_EQ(core.fault().cause, cause::kFetchFault);
  EXPECT_EQ(core.fault().pc, last);
  EXPECT_EQ(core.fault().value, last + 2);
  core.reset(kBase + bench.bytes.size(), 0, 0);
  EXPECT_EQ(core.run(100), Stop::kFault);
  EXPECT_EQ(core.fault().value, kBase + bench.bytes.size());
}

}  // namespace
}  // namespace aipu::cpu
