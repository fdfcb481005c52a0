// SPDX-License-Identifier: Apache-2.0
// What an observer of a command engine hears: every command's life, every state of the engine.
#include "tlm/core/command_observer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "regs/abi.h"
#include "tests/support/systemc_test.h"
#include "tlm/core/command_engine.h"

namespace aipu::test {
namespace {

using testing::ElementsAre;

namespace abi = regs::abi;

/// Runs one command at a time, for 10 ns each.
class TenNanoseconds : public CommandEngine {
 public:
  TenNanoseconds(const sc_core::sc_module_name& name, const EngineWiring& wiring)
      : CommandEngine(name, wiring, 4) {
    SC_HAS_PROCESS(TenNanoseconds);
    SC_METHOD(finish);
    sensitive << done_;
    dont_initialize();
  }

 private:
  bool can_begin(const Slot&) const override { return running() == 0; }
  void begin(Slot& slot) override {
    slot_ = &slot;
    done_.notify(sc_core::sc_time(10, sc_core::SC_NS));
  }
  void finish() { complete(*slot_); }
  Slot* slot_ = nullptr;
  sc_core::sc_event done_;
};

class Recorder : public CommandObserver {
 public:
  void issued(std::uint32_t slot, const Command& command) override {
    say(fmt::format("issued {} opcode {}", slot, command.opcode));
  }
  void held(std::uint32_t slot, std::uint32_t counter) override {
    say(counter == kNoCounter ? fmt::format("held {} by the engine", slot)
                              : fmt::format("held {} by counter {}", slot, counter));
  }
  void began(std::uint32_t slot) override { say(fmt::format("began {}", slot)); }
  void ended(std::uint32_t slot) override { say(fmt::format("ended {}", slot)); }
  void state(EngineState state, std::uint32_t counter) override {
    constexpr const char* kNames[] = {"idle", "busy", "blocked", "waits"};
    states.push_back(fmt::format("{} {}{}", now_ps() / 1000, kNames[static_cast<int>(state)],
                                 counter == kNoCounter ? "" : fmt::format(" {}", counter)));
  }
  std::vector<std::string> lives, states;

 private:
  void say(const std::string& text) {
    lives.push_back(fmt::format("{} {}", now_ps() / 1000, text));
  }
};

class CommandObserverTest : public SystemCTest {
 protected:
  CommandObserverTest() {
    run(sc_core::SC_ZERO_TIME);
    engine_.observe(&recorder_);
  }
  EngineWiring wiring() {
    EngineWiring w{Clock(1_GHz)};
    w.counters = &counters_;
    return w;
  }
  CounterFile counters_;
  TenNanoseconds engine_{"engine", wiring()};
  Recorder recorder_;
};

TEST_F(CommandObserverTest, HearsOfWaitsForCountersAndForTheEngine) {
  Command first, second;
  first.opcode = 7;
  second.opcode = 8;
  second.words[abi::kWWait] = 5U << abi::kWaitCounter0Shift | 1U << abi::kWaitEnable0Shift;
  second.words[abi::kWWait0Target] = 1;
  engine_.push(first);
  engine_.push(second);
  sc_core::sc_start(ns(5));
  counters_.add(5, 1);
  sc_core::sc_start(ns(30));
  EXPECT_THAT(recorder_.lives,
              ElementsAre("0 issued 0 opcode 7", "0 issued 1 opcode 8", "1 began 0",
                          "1 held 1 by counter 5", "6 held 1 by the engine", "11 ended 0",
                          "11 began 1", "21 ended 1"));
  EXPECT_EQ(recorder_.states.front(), "0 blocked");
  EXPECT_EQ(recorder_.states.back(), "21 idle");
}

TEST_F(CommandObserverTest, HearsWhichCounterAnIdleEngineWaitsFor) {
  Command command;
  command.words[abi::kWWait] = 9U << abi::kWaitCounter0Shift | 1U << abi::kWaitEnable0Shift;
  command.words[abi::kWWait0Target] = 3;
  engine_.push(command);
  sc_core::sc_start(ns(20));
  counters_.add(9, 3);
  sc_core::sc_start(ns(20));
  EXPECT_THAT(recorder_.states, ElementsAre("0 blocked", "1 waits 9", "21 busy", "31 idle"));
}

}  // namespace
}  // namespace aipu::test
