// SPDX-License-Identifier: Apache-2.0
// A hart with a debugger: where it stops, and that stopping changes nothing.
#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "sim/load/elf.h"
#include "tlm/cpu/interpreter.h"

namespace aipu::cpu {
namespace {

constexpr std::uint32_t kBase = 0x1000;
constexpr std::uint32_t kRegister = 0x40;  // an address that only the bus knows

constexpr std::uint32_t kLoop = 0x0000006f;       // j .
constexpr std::uint32_t kStore = 0x00b52023;      // sw a1, 0(a0)
constexpr std::uint32_t kLoad = 0x00052583;       // lw a1, 0(a0)
constexpr std::uint32_t kInc = 0x00160613;        // addi a2, a2, 1
constexpr std::uint32_t kTwoIncs = 0x06050605;    // c.addi a2, 1 twice
constexpr std::uint32_t kStoreByte = 0x00b50023;  // sb a1, 0(a0)
constexpr std::uint32_t kAmoadd = 0x00b5262f;     // amoadd.w a2, a1, (a0)
constexpr std::uint32_t kWfi = 0x10500073;
constexpr std::uint32_t kBack8 = 0xff9ff06f;  // j -8

/// Memory of its own and a register that lets now and then wait, always at the same accesses.
class Memory : public Bus {
 public:
  explicit Memory(std::uint64_t base = kBase, std::size_t size = 4096) : base_(base), bytes(size) {}

  Status access(Access& access) override {
    ++tries;
    if (stall_every != 0 && tries % stall_every == 1) return Status::kStall;
    if (sync_every != 0 && tries % sync_every == 1) return Status::kSync;
    if (!access.write) access.value = tries;
    access.delay = tries % 3;
    if (on_access) on_access();
    return answer;
  }
  std::optional<std::uint16_t> fetch(std::uint64_t address) override {
    if (address < base_ || address + 2 > base_ + bytes.size()) return std::nullopt;
    std::uint16_t half = 0;
    std::memcpy(&half, &bytes[address - base_], sizeof half);
    return half;
  }
  bool synced(std::uint64_t) override { return true; }
  void code(std::initializer_list<std::uint32_t> words, std::size_t at = 0) {
    for (const std::uint32_t word : words) {
      std::memcpy(&bytes[at], &word, sizeof word);
      at += sizeof word;
    }
  }

 private:
  const std::uint64_t base_;

 public:
  std::vector<std::uint8_t> bytes;
  Status answer = Status::kDone;
  std::uint64_t tries = 0;
  std::uint64_t stall_every = 0, sync_every = 0;  ///< accesses; 0 for never
  std::function<void()> on_access;
};

template <typename U>
void set_breakpoints(Interpreter<U>& core, std::set<std::uint64_t> points) {
  core.set_breakpoints(std::make_shared<Breakpoints>(std::move(points)));
}

class DebugTest : public testing::TestWithParam<Dispatch> {
 protected:
  DebugTest() {
    core.set_memory(kBase, memory.bytes.data(), memory.bytes.size());
    core.reset(kBase, 0, 0);
  }
  void expect_halt(Stop stop, Halt::Cause cause, std::uint64_t pc) {
    ASSERT_EQ(stop, Stop::kBreakpoint);
    EXPECT_EQ(core.halt().cause, cause);
    EXPECT_EQ(core.pc(), pc);
  }
  Config config;
  Memory memory;
  Interpreter<std::uint32_t> core{config, memory, 0, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Dispatch, DebugTest,
                         testing::Values(Dispatch::kThreaded, Dispatch::kSwitch));

TEST_P(DebugTest, ABreakpointStopsBeforeItsInstructionInTheMiddleOfABlock) {
  memory.code({kInc, kInc, kInc, kLoop});
  set_breakpoints(core, {kBase + 8});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase + 8);
  EXPECT_EQ(core.reg(12), 2U);
  EXPECT_EQ(core.retired(), 2U);
  EXPECT_EQ(core.cycles(), 2U);
}

TEST_P(DebugTest, ABreakpointStopsAgainEachTimeRoundAChainedLoop) {
  memory.code({kInc, kInc, kBack8});
  core.run(50);  // chained by now
  const std::uint64_t before = core.reg(12);
  set_breakpoints(core, {kBase + 4});
  expect_halt(core.run(1000), Halt::Cause::kBreakpoint, kBase + 4);
  for (int round = 1; round < 4; ++round) {
    expect_halt(core.resume(), Halt::Cause::kBreakpoint, kBase + 4);
  }
  EXPECT_EQ(core.reg(12) - before, 2 * 3U + 1);
  core.set_breakpoints(nullptr);
  EXPECT_EQ(core.resume(), Stop::kQuantum);
}

TEST_P(DebugTest, ABreakpointOnAnInstructionThatJumpsToItselfStopsEachTime) {
  memory.code({kLoop});
  set_breakpoints(core, {kBase});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase);
  expect_halt(core.resume(), Halt::Cause::kBreakpoint, kBase);
  EXPECT_EQ(core.retired(), 1U);
}

TEST_P(DebugTest, ABreakpointBetweenCompressedInstructionsIsMet) {
  memory.code({kTwoIncs, kTwoIncs, kLoop});
  set_breakpoints(core, {kBase + 6});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase + 6);
  EXPECT_EQ(core.reg(12), 3U);
}

TEST_P(DebugTest, ABreakpointLeavesTheSharedCodeClean) {
  memory.code({kInc, kInc, kLoop});
  const auto shared = std::make_shared<CodeCache>(
      32U, config, kBase,
      std::vector<std::uint8_t>(memory.bytes.begin(), memory.bytes.begin() + 12));
  core.set_code(shared);
  Memory other_memory;
  other_memory.code({kInc, kInc, kLoop});
  Interpreter<std::uint32_t> other(config, other_memory, 1, GetParam());
  other.set_memory(kBase, other_memory.bytes.data(), other_memory.bytes.size());
  other.set_code(shared);
  other.reset(kBase, 0, 0);
  ASSERT_TRUE(core.shares_code());
  set_breakpoints(core, {kBase + 4});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase + 4);
  EXPECT_EQ(other.run(100), Stop::kQuantum);
  EXPECT_EQ(other.reg(12), 2U);
  EXPECT_TRUE(other.shares_code());
  core.set_breakpoints(nullptr);
  EXPECT_TRUE(core.shares_code());
  EXPECT_EQ(core.resume(), Stop::kQuantum);
}

TEST_P(DebugTest, AStepExecutesOneInstruction) {
  memory.code({kInc, kTwoIncs, kLoop});
  const std::uint32_t expected[] = {kBase + 4, kBase + 6, kBase + 8, kBase + 8};
  Stop stop = Stop::kQuantum;
  for (std::size_t i = 0; i < 4; ++i) {
    core.step_once();
    stop = i == 0 ? core.run(100) : core.resume();
    expect_halt(stop, Halt::Cause::kStep, expected[i]);
    EXPECT_EQ(core.retired(), i + 1);
  }
  EXPECT_EQ(core.resume(), Stop::kQuantum);
}

TEST_P(DebugTest, AStepFromABreakpointDoesNotMeetItAgain) {
  memory.code({kInc, kInc, kLoop});
  set_breakpoints(core, {kBase, kBase + 4});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase);
  core.step_once();
  expect_halt(core.resume(), Halt::Cause::kStep, kBase + 4);
  EXPECT_EQ(core.resume(), Stop::kQuantum) << "reported with the step already";
}

TEST_P(DebugTest, AStepOntoAWfiEndsWhenTheHartGoesOn) {
  memory.code({kWfi, kInc, kLoop});
  core.step_once();
  EXPECT_EQ(core.run(100), Stop::kWfi);
  EXPECT_EQ(core.pc(), kBase + 4);
  expect_halt(core.run(100), Halt::Cause::kStep, kBase + 4);
  EXPECT_EQ(core.reg(12), 0U);
}

TEST_P(DebugTest, AStepOfAStalledStoreEndsWhenTheStoreIsDone) {
  memory.code({kStore, kInc, kLoop});
  core.set_reg(10, kRegister);
  memory.stall_every = 1000;  // the first try
  set_breakpoints(core, {kBase});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase);
  core.step_once();
  EXPECT_EQ(core.resume(), Stop::kStalled);
  EXPECT_EQ(core.pc(), kBase);
  expect_halt(core.run(100), Halt::Cause::kStep, kBase + 4);
  EXPECT_EQ(core.bus_accesses(), 1U);
}

TEST_P(DebugTest, AnAccessThatSyncsDoesNotMeetItsBreakpointTwice) {
  memory.code({kStore, kInc, kLoop});
  core.set_reg(10, kRegister);
  memory.sync_every = 1000;
  set_breakpoints(core, {kBase});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase);
  EXPECT_EQ(core.resume(), Stop::kSync);
  EXPECT_EQ(core.run(100), Stop::kQuantum);
  EXPECT_EQ(core.reg(12), 1U);
}

TEST_P(DebugTest, AWatchedStoreStopsBeforeItselfWithItsAddress) {
  memory.code({kInc, kStore, kInc, kLoop});
  core.set_reg(10, kBase + 0x100);
  core.set_reg(11, 77);
  const WatchRange range{kBase + 0x102, 4, false, true};
  core.set_watch(range, true);
  expect_halt(core.run(100), Halt::Cause::kWatch, kBase + 4);
  EXPECT_EQ(core.halt().address, kBase + 0x102U);
  EXPECT_EQ(memory.bytes[0x100], 0);
  EXPECT_EQ(core.reg(12), 1U);
  core.step_once();
  expect_halt(core.resume(), Halt::Cause::kStep, kBase + 8);
  EXPECT_EQ(memory.bytes[0x100], 77);
  EXPECT_EQ(core.bus_accesses(), 0U);
  EXPECT_EQ(core.resume(), Stop::kQuantum);
}

TEST_P(DebugTest, WatchesTellReadsFromWritesAndNeighboursFromTheRange) {
  memory.code({kLoad, kStoreByte, kInc, kLoop});
  core.set_reg(10, kBase + 0x100);
  core.set_watch({kBase + 0x101, 4, false, true}, true);  // the byte beside the store
  EXPECT_EQ(core.run(50), Stop::kQuantum);
  core.set_watch({kBase + 0x101, 4, true, false}, true);  // the load reaches into it
  core.reset(kBase, 0, core.cycles());
  expect_halt(core.run(50), Halt::Cause::kWatch, kBase);
  EXPECT_TRUE(core.halt().watch.read);
  core.set_watch({kBase + 0x101, 4, true, false}, false);
  core.set_watch({kBase + 0x101, 4, false, true}, false);
  core.reset(kBase, 0, core.cycles());
  EXPECT_EQ(core.run(50), Stop::kQuantum);
}

TEST_P(DebugTest, AnAtomicMeetsReadAndWriteWatches) {
  memory.code({kAmoadd, kInc, kLoop});
  core.set_reg(10, kBase + 0x100);
  core.set_watch({kBase + 0x100, 4, true, false}, true);
  expect_halt(core.run(50), Halt::Cause::kWatch, kBase);
  core.set_watch({kBase + 0x100, 4, true, false}, false);
  core.set_watch({kBase + 0x100, 4, false, true}, true);
  core.pass_breakpoint(false);
  expect_halt(core.resume(), Halt::Cause::kWatch, kBase);
}

TEST_P(DebugTest, AWatchedRegisterStopsOnceHoweverOftenTheAccessIsTried) {
  memory.code({kStore, kInc, kLoop});
  core.set_reg(10, kRegister);
  memory.stall_every = 1000;
  core.set_watch({kRegister, 4, false, true}, true);
  expect_halt(core.run(100), Halt::Cause::kWatch, kBase);
  EXPECT_EQ(core.resume(), Stop::kStalled);
  EXPECT_EQ(core.run(100), Stop::kQuantum);
  EXPECT_EQ(core.reg(12), 1U);
}

TEST_P(DebugTest, ABreakpointOnAWatchedStoreHidesNeither) {
  memory.code({kInc, kStore, kInc, kLoop});
  core.set_reg(10, kBase + 0x100);
  core.set_watch({kBase + 0x100, 4, false, true}, true);
  set_breakpoints(core, {kBase + 4});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase + 4);
  expect_halt(core.resume(), Halt::Cause::kWatch, kBase + 4);
  EXPECT_EQ(core.resume(), Stop::kQuantum);
}

TEST_P(DebugTest, ABreakpointThatIsToBePassedIsNotMetAndOneThatIsNotIsMetAgain) {
  memory.code({kInc, kInc, kLoop});
  set_breakpoints(core, {kBase});
  core.pass_breakpoint(true);
  EXPECT_EQ(core.run(20), Stop::kQuantum);
  core.reset(kBase, 0, core.cycles());
  expect_halt(core.run(20), Halt::Cause::kBreakpoint, kBase);
  core.pass_breakpoint(false);
  expect_halt(core.resume(), Halt::Cause::kBreakpoint, kBase);
}

TEST_P(DebugTest, ACaughtTrapStopsAtItsInstructionAndIsThenTaken) {
  memory.code({kInc, kLoad, kLoop});
  memory.code({kInc, kLoop}, 0x100);
  core.set_reg(10, kRegister);
  memory.answer = Bus::Status::kFault;
  ASSERT_TRUE(core.write_csr(csr::kMtvec, kBase + 0x100));
  core.catch_traps(Debug::kFaults);
  expect_halt(core.run(100), Halt::Cause::kTrap, kBase + 4);
  EXPECT_EQ(core.halt().trap_cause, cause::kLoadFault);
  EXPECT_EQ(core.csrs().mcause(), cause::kLoadFault);
  EXPECT_EQ(core.csrs().mepc(), kBase + 4U);
  core.step_once();
  expect_halt(core.resume(), Halt::Cause::kStep, kBase + 0x100);
  EXPECT_EQ(core.resume(), Stop::kQuantum);
  EXPECT_EQ(core.reg(12), 2U);
}

TEST_P(DebugTest, AnEnvironmentCallIsNoFault) {
  memory.code({0x00000073 /* ecall */});
  memory.code({kLoop}, 0x100);
  ASSERT_TRUE(core.write_csr(csr::kMtvec, kBase + 0x100));
  core.catch_traps(Debug::kFaults);
  EXPECT_EQ(core.run(100), Stop::kQuantum);
}

TEST_P(DebugTest, ARequestFromInsideAnAccessStopsBehindIt) {
  memory.code({kStore, kInc, kLoop});
  core.set_reg(10, kRegister);
  memory.on_access = [this] { core.halt_soon(); };
  expect_halt(core.run(100), Halt::Cause::kRequest, kBase + 4);
}

TEST_P(DebugTest, ANewProgramCounterIsWhereTheHartGoesOn) {
  memory.code({kInc, kInc, kInc, kInc, kLoop});
  set_breakpoints(core, {kBase + 4});
  expect_halt(core.run(100), Halt::Cause::kBreakpoint, kBase + 4);
  core.set_pc(kBase + 12);
  EXPECT_EQ(core.resume(), Stop::kQuantum);
  EXPECT_EQ(core.reg(12), 2U);
}

/// Everything of a hart that a program or a report can see.
template <typename U>
std::vector<std::uint64_t> state_of(const Interpreter<U>& core) {
  std::vector<std::uint64_t> state{core.pc(), core.cycles(), core.retired(), core.traps(),
                                   core.bus_accesses()};
  for (unsigned i = 0; i < 32; ++i)
    state.push_back(core.reg(i));
  for (const auto& edge : core.history())
    state.push_back(std::uint64_t{edge.from} << 32U | edge.to);
  return state;
}

/// A debugger that stops, steps, plants and watches as it comes.
template <typename U>
class Nuisance {
 public:
  Nuisance(Interpreter<U>& core, std::uint64_t seed) : core_(core), random_(seed) {}

  Stop run(std::uint64_t budget) {
    Stop stop = core_.run(budget);
    while (stop == Stop::kBreakpoint) {
      ++halts;
      disturb();
      stop = core_.resume();
    }
    disturb();
    return stop;
  }
  std::uint64_t halts = 0;

 private:
  void disturb() {
    if (random_() % 2 == 0) core_.step_once();
    if (random_() % 4 == 0) {
      const auto history = core_.history();
      const std::uint64_t pc =
          history.empty() ? core_.pc() : history[random_() % history.size()].to;
      random_() % 2 == 0 ? void(points_.insert(pc)) : void(points_.erase(pc));
      set_breakpoints(core_, points_);
    }
    if (random_() % 64 == 0) {
      watched_ = !watched_;
      core_.set_watch({core_.reg(2) - 16, 32, true, true}, watched_);
    }
    if (random_() % 4096 == 0) core_.forget_debugger();
  }
  Interpreter<U>& core_;
  std::mt19937_64 random_;
  std::set<std::uint64_t> points_;
  bool watched_ = false;
};

template <typename U>
void expect_same_with_a_debugger(const std::string& name, Dispatch dispatch) {
  constexpr unsigned kXlen = 8 * sizeof(U);
  constexpr std::size_t kRoom = 0x10000;  // the stack
  constexpr int kRuns = 1500;
  const auto elf =
      load::read_elf(std::string(ISA_PROGRAMS) + "/" + name + std::to_string(kXlen) + ".elf");
  const Config config;
  const std::uint64_t base = elf.segments.front().address;
  const auto shared = std::make_shared<CodeCache>(kXlen, config, base, elf.segments.front().bytes);
  const auto fill = [&](Memory& memory, Interpreter<U>& core) {
    for (const auto& s : elf.segments) {
      std::copy(s.bytes.begin(), s.bytes.end(),
                memory.bytes.begin() + static_cast<std::ptrdiff_t>(s.address - base));
    }
    core.set_memory(base, memory.bytes.data(), memory.bytes.size());
    core.set_code(shared);
    core.reset(elf.entry, 0, 0);
  };
  const std::size_t size = elf.segments.back().end() - base + kRoom;
  Memory free_memory(base, size), debugged_memory(base, size);
  Interpreter<U> free(config, free_memory, 0, dispatch);
  Interpreter<U> debugged(config, debugged_memory, 0, dispatch);
  fill(free_memory, free);
  fill(debugged_memory, debugged);
  Nuisance<U> nuisance(debugged, 7);
  std::mt19937_64 random(11);
  for (int i = 0; i < kRuns; ++i) {
    const std::uint64_t budget = random() % 300;
    ASSERT_EQ(free.run(budget), nuisance.run(budget)) << i;
    ASSERT_EQ(state_of(free), state_of(debugged)) << "run " << i << " at pc " << free.pc();
  }
  EXPECT_EQ(free_memory.bytes, debugged_memory.bytes);
  EXPECT_GT(nuisance.halts, 1000U);
}

TEST(DebuggerChangesNothing, InARealProgramOfRv32) {
  expect_same_with_a_debugger<std::uint32_t>("bench", Dispatch::kThreaded);
}

TEST(DebuggerChangesNothing, InARealProgramOfRv64) {
  expect_same_with_a_debugger<std::uint64_t>("bench", Dispatch::kThreaded);
}

TEST(DebuggerChangesNothing, WithThePortableDispatch) {
  expect_same_with_a_debugger<std::uint32_t>("bench", Dispatch::kSwitch);
}

TEST(DebuggerChangesNothing, WithStallsSyncsSleepAndInterrupts) {
  const Config config;
  Memory memories[2];
  Interpreter<std::uint32_t> free(config, memories[0], 0), debugged(config, memories[1], 0);
  for (const auto& [core, memory] : {std::pair{&free, &memories[0]}, {&debugged, &memories[1]}}) {
    memory->code({0x04000513 /* li a0, 64 */, kTwoIncs, kStore, kInc, kLoad, kTwoIncs, kWfi, kInc,
                  0xfe1ff06f /* j -32 */});
    memory->code({0x00168693 /* addi a3, a3, 1 */, 0x30200073 /* mret */}, 0x100);
    memory->stall_every = 7;
    memory->sync_every = 5;
    core->set_memory(kBase, memory->bytes.data(), memory->bytes.size());
    core->reset(kBase, 0, 0);
    ASSERT_TRUE(core->write_csr(csr::kMtvec, kBase + 0x100));
    ASSERT_TRUE(core->write_csr(csr::kMie, 1U << 11U));
    ASSERT_TRUE(core->write_csr(csr::kMstatus, csr::kMstatusMie));
  }
  Nuisance<std::uint32_t> nuisance(debugged, 3);
  std::mt19937_64 random(5);
  for (int i = 0; i < 4000; ++i) {
    const std::uint64_t budget = random() % 60;
    ASSERT_EQ(free.run(budget), nuisance.run(budget)) << i;
    ASSERT_EQ(state_of(free), state_of(debugged)) << "run " << i;
    const bool level = random() % 8 == 0;
    free.set_line(Interrupt::kExternal, level);
    debugged.set_line(Interrupt::kExternal, level);
  }
  EXPECT_EQ(memories[0].tries, memories[1].tries);
  EXPECT_GT(free.traps(), 100U);
  EXPECT_GT(nuisance.halts, 1000U);
}

}  // namespace
}  // namespace aipu::cpu
