// SPDX-License-Identifier: Apache-2.0
// What accesses to the registers of a core do.
#include <gmock/gmock.h>

#include "tests/tlm/chip/register_bench.h"

namespace aipu::test {
namespace {

using cpu::Interrupt;
using testing::ElementsAre;
using testing::HasSubstr;

namespace control = regs::control;
namespace counter = regs::counter;
namespace queue = regs::queue;

constexpr auto kRead = tlm::TLM_READ_COMMAND;
constexpr auto kWrite = tlm::TLM_WRITE_COMMAND;

std::uint32_t add_word(std::uint32_t id, std::uint32_t amount, std::uint32_t scope) {
  return id | amount << counter::kAddAmountShift | scope << counter::kAddScopeShift;
}

class RegisterEffectTest : public RegisterTest {
 protected:
  void ring(std::uint32_t opcode) {
    EXPECT_TRUE(bench_.write(kQueues + queue::kDoorbell, opcode).ok());
  }
  std::uint32_t status() { return bench_.read(kQueues + queue::kStatus).value; }
};

TEST_F(RegisterEffectTest, ADoorbellEnqueuesACopyOfTheWordsWithOpcodeAndPc) {
  bench_.write(kQueues + 4 * 5, 0x1234);
  MmioExtension extension;
  extension.pc = 0x10000040;
  EXPECT_TRUE(bench_.access(kWrite, kQueues + queue::kDoorbell, 7, &extension).ok());
  bench_.write(kQueues + 4 * 5, 0x5678);  // for the next command
  run(ns(10));

  ASSERT_EQ(bench_.load.commands.size(), 1U);
  EXPECT_EQ(bench_.load.commands[0].opcode, 7U);
  EXPECT_EQ(bench_.load.commands[0].pc, 0x10000040U);
  EXPECT_EQ(bench_.load.commands[0].words[5], 0x1234U);
  EXPECT_EQ(bench_.store.commands.size(), 0U);
  EXPECT_EQ(status(), 1U | 1U << queue::kStatusBusyShift);
}

TEST_F(RegisterEffectTest, AFullQueueStallsTheDoorbellUntilASlotIsFree) {
  ring(1);
  ring(2);
  EXPECT_EQ(status(), 1U << queue::kStatusBusyShift);

  MmioExtension extension;
  EXPECT_TRUE(bench_.access(kWrite, kQueues + queue::kDoorbell, 3, &extension).ok());
  EXPECT_TRUE(extension.stalled);
  EXPECT_EQ(bench_.write(kQueues + queue::kDoorbell, 3).status, tlm::TLM_COMMAND_ERROR_RESPONSE)
      << "an initiator that cannot be told to come back";
  run(ns(10));
  EXPECT_EQ(bench_.load.commands.size(), 2U) << "neither was enqueued";

  bench_.load.finish_oldest();
  extension.stalled = false;
  EXPECT_TRUE(bench_.access(kWrite, kQueues + queue::kDoorbell, 3, &extension).ok());
  EXPECT_FALSE(extension.stalled);
  run(ns(10));
  EXPECT_EQ(bench_.load.commands.back().opcode, 3U);
}

TEST_F(RegisterEffectTest, AQueueWithoutAnEngineIsAnIllegalAct) {
  MmioExtension extension;
  extension.pc = 0x10000080;
  EXPECT_TRUE(
      bench_.access(kWrite, kQueues + 2 * queue::kStride + queue::kDoorbell, 1, &extension).ok());

  ASSERT_EQ(bench_.outside.faults.size(), 1U);
  EXPECT_EQ(bench_.outside.faults[0].rule, regs::abi::kRuleUnknownCommand);
  EXPECT_EQ(bench_.outside.faults[0].queue, regs::abi::kQueueTensor);
  EXPECT_EQ(bench_.outside.faults[0].pc, 0x10000080U);
  EXPECT_TRUE(bench_.pending(Interrupt::kFault));
}

TEST_F(RegisterEffectTest, TheFirstFaultIsLatchedUntilItIsCleared) {
  bench_.registers.fault({regs::abi::kRuleOverlap, 3, 2, 0x2FFF'0000'0004'0000ULL, 0x10000100});
  bench_.registers.fault({regs::abi::kRuleBadSize, 1, 1, 4, 0x10000200});

  EXPECT_EQ(bench_.read(kControl + control::kFaultStatus).value,
            regs::abi::kRuleOverlap | 3U << control::kFaultStatusQueueShift);
  EXPECT_EQ(bench_.read(kControl + control::kFaultAddrLo).value, 0x00040000U);
  EXPECT_EQ(bench_.read(kControl + control::kFaultAddrHi).value, 0x2FFF0000U);
  EXPECT_EQ(bench_.read(kControl + control::kFaultPc).value, 0x10000100U);
  EXPECT_EQ(bench_.outside.faults.size(), 1U);
  EXPECT_TRUE(bench_.pending(Interrupt::kFault));

  EXPECT_TRUE(bench_.write(kControl + control::kFaultStatus, 0).ok());
  EXPECT_EQ(bench_.read(kControl + control::kFaultStatus).value, 0U);
  EXPECT_FALSE(bench_.pending(Interrupt::kFault));
  bench_.registers.fault({regs::abi::kRuleBadSize, 1, 1, 4, 0x10000200});
  EXPECT_EQ(bench_.outside.faults.size(), 2U);
}

TEST_F(RegisterEffectTest, ABlockingReadStallsUntilItsCounterIsThere) {
  bench_.write(kCounters + counter::kWaitId, 9);
  bench_.write(kCounters + counter::kWaitTarget, 4);
  EXPECT_EQ(bench_.read(kCounters + counter::kWaitRead).status, tlm::TLM_COMMAND_ERROR_RESPONSE);
  MmioExtension extension;
  EXPECT_TRUE(bench_.access(kRead, kCounters + counter::kWaitRead, 0, &extension).ok());
  EXPECT_TRUE(extension.stalled);
  EXPECT_THAT(bench_.registers.waiting_for(), HasSubstr("counter 9 = 0, wants 4"));

  bench_.write(kCounters + counter::kAdd, add_word(9, 6, regs::abi::kScopeSelf));
  EXPECT_EQ(bench_.registers.waiting_for(), "");
  extension.stalled = false;
  const auto answer = bench_.access(kRead, kCounters + counter::kWaitRead, 0, &extension);
  EXPECT_FALSE(extension.stalled);
  EXPECT_EQ(answer.value, 6U);
}

TEST_F(RegisterEffectTest, ABlockingReadThatWasBrokenOffWaitsForWhatTheNextOneSays) {
  MmioExtension extension;
  bench_.write(kCounters + counter::kWaitId, 9);
  bench_.write(kCounters + counter::kWaitTarget, 4);
  bench_.access(kRead, kCounters + counter::kWaitRead, 0, &extension);  // an interrupt ends it
  bench_.write(kCounters + counter::kWaitId, 10);
  bench_.write(kCounters + counter::kWaitTarget, 1);
  bench_.access(kRead, kCounters + counter::kWaitRead, 0, &extension);
  EXPECT_THAT(bench_.registers.waiting_for(), HasSubstr("counter 10 = 0, wants 1"));
}

TEST_F(RegisterEffectTest, AddsGoToTheOwnCountersOrToTheFabric) {
  bench_.write(kCounters + counter::kAdd, add_word(1, 255, regs::abi::kScopeSelf));
  bench_.write(kCounters + counter::kAdd, add_word(1, 2, 3));  // the own number
  EXPECT_EQ(bench_.read(kCounters + 4).value, 257U);
  EXPECT_TRUE(bench_.outside.signals.empty());

  bench_.write(kCounters + counter::kAdd, add_word(2, 1, regs::abi::kScopeAllCores));
  bench_.write(kCounters + counter::kAdd, add_word(2, 4, 32));  // the chip-control core
  using Signal = std::array<std::uint32_t, 3>;
  EXPECT_THAT(bench_.outside.signals,
              ElementsAre(Signal{regs::abi::kScopeAllCores, 2, 1}, Signal{32, 2, 4}));

  bench_.write(kCounters + counter::kAdd, add_word(2, 4, 33));
  ASSERT_EQ(bench_.outside.faults.size(), 1U);
  EXPECT_EQ(bench_.outside.faults[0].rule, regs::abi::kRuleBadCounter);
}

TEST_F(RegisterEffectTest, AnOverflowingCounterKeepsItsValueAndIsAFault) {
  ASSERT_TRUE(bench_.counters.add(8, 0xFFFFFFFE));
  bench_.write(kCounters + counter::kAdd, add_word(8, 1, regs::abi::kScopeSelf));
  EXPECT_TRUE(bench_.outside.faults.empty());
  bench_.write(kCounters + counter::kAdd, add_word(8, 1, regs::abi::kScopeSelf));
  ASSERT_EQ(bench_.outside.faults.size(), 1U);
  EXPECT_EQ(bench_.outside.faults[0].rule, regs::abi::kRuleCounterOverflow);
  EXPECT_EQ(bench_.outside.faults[0].address, 8U);
  EXPECT_EQ(bench_.counters.value(8), 0xFFFFFFFFU);
}

TEST_F(RegisterEffectTest, TheCounterInterruptIsPendingWhileEnabledAndReached) {
  bench_.write(kCounters + counter::kIrqId, 11);
  bench_.write(kCounters + counter::kIrqTarget, 2);
  bench_.write(kCounters + counter::kIrqEnable, 1);
  bench_.counters.add(11, 1);
  EXPECT_FALSE(bench_.pending(Interrupt::kExternal));
  bench_.counters.add(11, 1);
  EXPECT_TRUE(bench_.pending(Interrupt::kExternal));

  bench_.write(kCounters + counter::kIrqTarget, 3);
  EXPECT_FALSE(bench_.pending(Interrupt::kExternal));
  bench_.counters.add(11, 1);
  EXPECT_TRUE(bench_.pending(Interrupt::kExternal));
  bench_.write(kCounters + counter::kIrqEnable, 0);
  EXPECT_FALSE(bench_.pending(Interrupt::kExternal));
  bench_.write(kCounters + counter::kIrqEnable, 1);
  EXPECT_TRUE(bench_.pending(Interrupt::kExternal)) << "reached before it was enabled";
}

TEST_F(RegisterEffectTest, TimeCountsCoreCyclesAndTheDelayOfTheAccess) {
  EXPECT_EQ(bench_.read(kControl + control::kMtimeLo).value, 0U);
  sc_core::sc_start(ns(1234));
  EXPECT_EQ(bench_.read(kControl + control::kMtimeLo).value, 1234U);
  EXPECT_EQ(bench_.access(kRead, kControl + control::kMtimeLo, 0, nullptr, 66'000).value, 1300U);
  EXPECT_EQ(bench_.read(kControl + control::kMtimeHi).value, 0U);
}

TEST_F(RegisterEffectTest, TheTimerInterruptIsPendingFromItsCycleOnUntilMovedAway) {
  bench_.write(kControl + control::kMtimecmpLo, 500);
  EXPECT_FALSE(bench_.pending(Interrupt::kTimer)) << "the high word is still all ones";
  bench_.write(kControl + control::kMtimecmpHi, 0);
  sc_core::sc_start(ns(499));
  EXPECT_FALSE(bench_.pending(Interrupt::kTimer));
  sc_core::sc_start(ns(2));
  EXPECT_TRUE(bench_.pending(Interrupt::kTimer));
  bench_.write(kControl + control::kMtimecmpLo, 600);
  EXPECT_FALSE(bench_.pending(Interrupt::kTimer));
  sc_core::sc_start(ns(100));
  EXPECT_TRUE(bench_.pending(Interrupt::kTimer));
}

TEST_F(RegisterEffectTest, ConsoleBytesComeAsLines) {
  for (const char c : std::string("one\n\ntwo"))
    bench_.write(kControl + control::kConsole, static_cast<std::uint8_t>(c));
  EXPECT_THAT(bench_.outside.lines, ElementsAre("one", ""));
  bench_.write(kControl + control::kConsole, '\n');
  EXPECT_THAT(bench_.outside.lines, ElementsAre("one", "", "two"));
  for (int i = 0; i < 5000; ++i)
    bench_.write(kControl + control::kConsole, 'x');
  ASSERT_EQ(bench_.outside.lines.size(), 4U) << "a line without end comes in pieces";
  EXPECT_EQ(bench_.outside.lines[3], std::string(4096, 'x'));
}

TEST_F(RegisterEffectTest, MailMarkAndExitReachTheHost) {
  bench_.write(kControl + control::kMail, 42);
  bench_.write(kControl + control::kMail, 43);
  bench_.write(kControl + control::kMark, 5);
  bench_.write(kControl + control::kExit, 9);
  EXPECT_THAT(bench_.outside.mails, ElementsAre(42U, 43U));
  EXPECT_THAT(bench_.outside.marks, ElementsAre(5U));
  EXPECT_THAT(bench_.outside.exits, ElementsAre(9U));
  EXPECT_TRUE(bench_.hart.ended());
}

}  // namespace
}  // namespace aipu::test
