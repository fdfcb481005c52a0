// SPDX-License-Identifier: Apache-2.0
// Life of a command: begin in order, finish in any order, retire in order; waits, adds, accounts.
#include "tlm/core/command_engine.h"

#include <gmock/gmock.h>

#include "hw/base/units.h"
#include "regs/abi.h"
#include "tests/support/systemc_test.h"

namespace aipu::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

namespace abi = regs::abi;

/// Holds up to `room` commands until the test finishes them by opcode.
class ManualEngine : public CommandEngine {
 public:
  ManualEngine(const sc_core::sc_module_name& name, const EngineWiring& wiring)
      : CommandEngine(name, wiring, 3) {}
  void finish(std::uint32_t opcode) {
    for (Slot* slot : began)
      if (slot->command.opcode == opcode && slot->used && !slot->finished) return complete(*slot);
    FAIL() << "command " << opcode << " does not run";
  }
  void set_room(std::uint32_t room) {
    room_ = room;
    retry();
  }
  std::vector<Slot*> began;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> order;  ///< opcode, ps
  std::uint32_t illegal = 0;                                   ///< opcode that breaks a rule

 protected:
  bool can_begin(const Slot&) const override { return running() < room_; }
  void begin(Slot& slot) override {
    order.emplace_back(slot.command.opcode, now_ps());
    if (slot.command.opcode == illegal) return fail(slot, abi::kRuleBadSize, 77);
    began.push_back(&slot);
  }

 private:
  std::uint32_t room_ = 8;
};

class CommandEngineTest : public SystemCTest,
                          public SignalRouter,
                          public FaultSink,
                          public SpaceListener {
 protected:
  CommandEngineTest() { run(sc_core::SC_ZERO_TIME); }

  void signal(std::uint32_t, std::uint32_t scope, std::uint32_t counter, std::uint32_t n) override {
    signals_.push_back({scope, counter, n});
  }
  void fault(const Fault& f) override { faults_.push_back(f); }
  void space_available() override { ++spaces_; }

  static Command command(std::uint32_t opcode) {
    Command c;
    c.opcode = opcode;
    c.pc = 0x1000 + opcode;
    return c;
  }
  static void wait_for(Command& c, unsigned which, std::uint32_t counter, std::uint32_t target) {
    const auto shift = which == 0 ? abi::kWaitCounter0Shift : abi::kWaitCounter1Shift;
    const auto enable = which == 0 ? abi::kWaitEnable0Shift : abi::kWaitEnable1Shift;
    c.words[abi::kWWait] |= counter << shift | 1U << enable;
    c.words[which == 0 ? abi::kWWait0Target : abi::kWWait1Target] = target;
  }
  static void then_add(Command& c, unsigned which, std::uint32_t counter, std::uint32_t amount,
                       std::uint32_t scope = abi::kScopeSelf) {
    c.words[which == 0 ? abi::kWAdd0 : abi::kWAdd1] =
        counter | amount << abi::kAdd0AmountShift | scope << abi::kAdd0ScopeShift;
  }
  EngineWiring wiring() {
    EngineWiring w{Clock(1_GHz)};
    w.core = 4;
    w.queue = abi::kQueueVector;
    w.counters = &counters_;
    w.signals = this;
    w.faults = this;
    return w;
  }
  void advance(std::uint64_t nanoseconds) { sc_core::sc_start(ns(nanoseconds)); }
  std::uint64_t share(const std::string& cause) const {
    std::uint64_t sum = 0;
    for (const TimeShare& s : engine_.time_shares(now_ps()))
      if (s.cause == cause) sum += s.picoseconds;
    return sum;
  }
  void expect_accounts_add_up() const {
    std::uint64_t sum = 0;
    for (const TimeShare& s : engine_.time_shares(now_ps()))
      sum += s.picoseconds;
    EXPECT_EQ(sum, now_ps());
  }

  CounterFile counters_;
  std::vector<std::array<std::uint32_t, 3>> signals_;
  std::vector<Fault> faults_;
  int spaces_ = 0;
  ManualEngine engine_{"engine", wiring()};
};

TEST_F(CommandEngineTest, BeginsInOrderOneCycleAfterTheDoorbell) {
  engine_.push(command(1));
  engine_.push(command(2));
  advance(5);
  EXPECT_THAT(engine_.order,
              ElementsAre(std::pair{1U, std::uint64_t{1000}}, std::pair{2U, std::uint64_t{1000}}));
}

TEST_F(CommandEngineTest, FinishesInAnyOrderAndRetiresInOrder) {
  for (std::uint32_t i = 1; i <= 3; ++i) {
    Command c = command(i);
    then_add(c, 0, i, 10 * i);
    engine_.push(c);
  }
  advance(5);
  engine_.finish(3);
  engine_.finish(2);
  EXPECT_EQ(counters_.value(2) + counters_.value(3), 0U);
  EXPECT_EQ(engine_.free_slots(), 0U);
  engine_.finish(1);
  EXPECT_EQ(counters_.value(1), 10U);
  EXPECT_EQ(counters_.value(2), 20U);
  EXPECT_EQ(counters_.value(3), 30U);
  EXPECT_EQ(engine_.free_slots(), 3U);
  EXPECT_FALSE(engine_.active());
}

TEST_F(CommandEngineTest, WaitsForBothCountersAndBeginsOneCycleAfterTheAdd) {
  Command c = command(1);
  wait_for(c, 0, 10, 2);
  wait_for(c, 1, 11, 1);
  engine_.push(c);
  engine_.push(command(2));
  advance(100);
  EXPECT_TRUE(engine_.order.empty()) << "the second may not overtake";
  counters_.add(11, 1);
  advance(100);
  counters_.add(10, 1);
  advance(100);
  EXPECT_TRUE(engine_.order.empty());
  counters_.add(10, 1);
  advance(10);
  EXPECT_THAT(engine_.order, ElementsAre(std::pair{1U, std::uint64_t{301'000}},
                                         std::pair{2U, std::uint64_t{301'000}}));
  EXPECT_EQ(share("counter 10"), 300'000U) << "it was the one that held the command up";
  expect_accounts_add_up();
}

TEST_F(CommandEngineTest, AWaitThatIsOverIsNone) {
  counters_.add(3, 7);
  Command c = command(1);
  wait_for(c, 1, 3, 7);
  engine_.push(c);
  advance(2);
  EXPECT_THAT(engine_.order, ElementsAre(std::pair{1U, std::uint64_t{1000}}));
}

TEST_F(CommandEngineTest, AddsGoToTheOwnCoreByScopeOrNumberAndElseToTheFabric) {
  Command own = command(1), far = command(2);
  then_add(own, 0, 5, 3);
  then_add(own, 1, 5, 4, 4);  // the own number
  then_add(far, 0, 6, 1, abi::kScopeAllCores);
  then_add(far, 1, 7, 255, 9);
  engine_.push(own);
  engine_.push(far);
  advance(5);
  engine_.finish(1);
  engine_.finish(2);
  EXPECT_EQ(counters_.value(5), 7U);
  using Signal = std::array<std::uint32_t, 3>;
  EXPECT_THAT(signals_, ElementsAre(Signal{abi::kScopeAllCores, 6, 1}, Signal{9, 7, 255}));
}

TEST_F(CommandEngineTest, AnAmountOfZeroAddsNothing) {
  Command c = command(1);
  then_add(c, 0, 5, 0, abi::kScopeAllCores);
  engine_.push(c);
  advance(5);
  engine_.finish(1);
  EXPECT_TRUE(signals_.empty());
}

TEST_F(CommandEngineTest, TellsOnceWhenAFullQueueHasSpace) {
  for (std::uint32_t i = 1; i <= 3; ++i)
    engine_.push(command(i));
  EXPECT_EQ(engine_.free_slots(), 0U);
  engine_.when_space(this);
  advance(5);
  EXPECT_EQ(spaces_, 0);
  engine_.finish(2);
  EXPECT_EQ(spaces_, 0) << "finished, not retired";
  engine_.finish(1);
  EXPECT_EQ(spaces_, 1);
  EXPECT_EQ(engine_.free_slots(), 2U);
}

TEST_F(CommandEngineTest, TimeIsBusyWaitingBlockedOrIdleAndAddsUp) {
  engine_.set_room(1);
  advance(10);  // idle
  engine_.push(command(1));
  advance(10);  // one cycle blocked, then busy
  engine_.finish(1);
  Command waits = command(2);
  wait_for(waits, 0, 20, 1);
  engine_.push(waits);
  advance(10);  // one cycle blocked, then waiting
  counters_.add(20, 1);
  engine_.set_room(0);
  advance(10);  // one cycle waiting... then no room
  engine_.set_room(1);
  advance(10);
  engine_.finish(2);
  advance(10);

  expect_accounts_add_up();
  EXPECT_EQ(share("idle"), 20'000U);
  EXPECT_EQ(share("busy"), 9'000U + 10'000U);
  EXPECT_EQ(share("busy") + share("idle") + share("blocked") + share("counter 20"), 60'000U);
  EXPECT_GE(share("counter 20"), 9'000U);
  EXPECT_GE(share("blocked"), 9'000U);
}

TEST_F(CommandEngineTest, AnIllegalCommandIsReportedAndHaltsTheEngine) {
  engine_.illegal = 2;
  for (std::uint32_t i = 1; i <= 3; ++i)
    engine_.push(command(i));
  advance(10);
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].rule, abi::kRuleBadSize);
  EXPECT_EQ(faults_[0].queue, abi::kQueueVector);
  EXPECT_EQ(faults_[0].opcode, 2U);
  EXPECT_EQ(faults_[0].address, 77U);
  EXPECT_EQ(faults_[0].pc, 0x1002U);
  EXPECT_EQ(engine_.order.size(), 2U) << "the third does not begin";
}

TEST_F(CommandEngineTest, AnAddThatOverflowsIsAnIllegalActOfItsCommand) {
  ASSERT_TRUE(counters_.add(5, 0xFFFFFFFF));
  Command c = command(1);
  then_add(c, 0, 5, 1);
  engine_.push(c);
  advance(5);
  engine_.finish(1);
  ASSERT_EQ(faults_.size(), 1U);
  EXPECT_EQ(faults_[0].rule, abi::kRuleCounterOverflow);
  EXPECT_EQ(faults_[0].pc, 0x1001U);
  EXPECT_EQ(counters_.value(5), 0xFFFFFFFFU);
}

TEST_F(CommandEngineTest, SaysWhatItWaitsFor) {
  EXPECT_EQ(engine_.waiting_for(), "");
  Command c = command(3);
  wait_for(c, 0, 20, 4);
  engine_.push(c);
  advance(5);
  EXPECT_THAT(engine_.waiting_for(),
              HasSubstr("engine: command at pc 0x00001003 waits for counter 20 = 0, wants 4"));
  counters_.add(20, 4);
  advance(5);
  EXPECT_THAT(engine_.waiting_for(), HasSubstr("1 commands have not completed"));
}

}  // namespace
}  // namespace aipu::test
