// SPDX-License-Identifier: Apache-2.0
#include "tlm/vector/engine.h"

#include <gtest/gtest.h>

#include "tests/hw/vector/sram_image.h"
#include "tests/support/systemc_test.h"
#include "tests/tlm/tensor/core_stub.h"

namespace aipu::vector {
namespace {

namespace abi = regs::abi;
using sc_core::SC_NS;
using sc_core::SC_PS;
using sc_core::sc_time;

Command command_of(const Script& script) {
  return {static_cast<std::uint32_t>(script.opcode), 0x90, script.words()};
}

Script softmax() {
  Script s;
  s.opcode = Opcode::kSoftmaxStep;
  s.rows = 8;
  s.cols = 64;
  s.imm0 = 0.5F;
  s.param0 = 64;
  s.out_cols = 16;
  return s;
}

struct Rig {
  explicit Rig(const std::string& name, bool functional = true, bool dmi = true)
      : memory(sc_core::sc_module_name((name + "_memory").c_str()), dmi),
        engine(sc_core::sc_module_name(name.c_str()), Config{}, wire(functional)) {
    SramImage image(3);
    const Script s = softmax();
    image.fill(s.src0, 8, 64, 64);
    image.fill(s.src2, 8, 2, 2);
    image.fill(s.out, 8, 16, 16);
    memory.bytes = image.bytes();
    engine.mem_out.bind(memory.mem_in);
  }
  EngineWiring wire(bool functional) {
    EngineWiring w = core.wiring(abi::kQueueVector, functional);
    w.sram_port = &core;
    return w;
  }
  test::CoreStub core;
  test::StockMemory memory;
  Engine engine;
};

std::vector<std::uint8_t> after(const Script& script, std::vector<std::uint8_t> bytes) {
  compute(script.decoded().operation, bytes.data());
  return bytes;
}

class VectorEngineTest : public test::SystemCTest {};

TEST_F(VectorEngineTest, AResultAppearsWhenItsTimeIsOverAndNotBefore) {
  Rig rig("engine");
  const auto before = rig.memory.bytes;
  const std::uint64_t length = cycles(softmax().decoded().operation, Config{}).count;
  rig.engine.push(test::then_add(command_of(softmax()), 9, 2));
  sc_core::sc_start(sc_time(static_cast<double>(length + 1), SC_NS));
  EXPECT_EQ(rig.memory.bytes, before);
  EXPECT_EQ(rig.core.counters.value(9), 0U);
  sc_core::sc_start(sc_time(1, SC_PS));
  EXPECT_EQ(rig.memory.bytes, after(softmax(), before));
  EXPECT_NE(rig.memory.bytes, before);
  EXPECT_EQ(rig.core.counters.value(9), 2U);
}

TEST_F(VectorEngineTest, CountsItsWorkAndTheAccountAddsUp) {
  Rig rig("engine");
  rig.engine.push(test::when_reached(command_of(softmax()), 2, 1));
  sc_core::sc_start(sc_time(100, SC_NS));
  rig.core.counters.add(2, 1);
  sc_core::sc_start(sc_time(400, SC_NS));
  const auto& stats = rig.engine.stats();
  EXPECT_EQ(stats.commands.value(), 1U);
  EXPECT_EQ(stats.elements.value(), 8U * 64);
  EXPECT_EQ(stats.special.value(), 8U * 64 + 8);
  EXPECT_EQ(stats.flops.value(), 8U * 64 * 5 + 8 + 8 * 16);
  const std::uint64_t bytes = 2U * 8 * 64 * 4 + 2 * 8 * 8 + 2 * 8 * 16 * 4;
  EXPECT_EQ(stats.sram.value(), bytes);
  EXPECT_EQ(rig.core.booked, std::vector<std::uint64_t>{bytes});
  const auto shares = rig.engine.time_shares(now_ps());
  EXPECT_EQ(test::sum_of(shares), 500'000U);
  const std::uint64_t length = cycles(softmax().decoded().operation, Config{}).count;
  EXPECT_EQ(test::share_of(shares, "busy"), length * 1000);
  EXPECT_EQ(test::share_of(shares, "counter 2"), 100'000U);
}

TEST_F(VectorEngineTest, TimeDoesNotDependOnTheMode) {
  Rig functional("functional");
  Rig timing("timing", false);
  const auto before = timing.memory.bytes;
  for (Rig* rig : {&functional, &timing}) {
    for (const Opcode opcode :
         {Opcode::kSoftmaxStep, Opcode::kAdd, Opcode::kRmsnorm, Opcode::kArgmax}) {
      Script s = softmax();
      s.opcode = opcode;
      rig->engine.push(test::then_add(command_of(s), 1, 1));
    }
  }
  for (int ns = 0; ns < 1000; ++ns) {
    sc_core::sc_start(sc_time(1, SC_NS));
    ASSERT_EQ(functional.core.counters.value(1), timing.core.counters.value(1)) << ns;
  }
  EXPECT_EQ(timing.core.counters.value(1), 4U);
  EXPECT_EQ(timing.memory.bytes, before);
  EXPECT_EQ(functional.engine.stats().flops.value(), timing.engine.stats().flops.value());
}

TEST_F(VectorEngineTest, AnIllegalCommandFaultsAndHaltsTheEngine) {
  Rig rig("engine");
  Script bad = softmax();
  bad.param1 = 0;
  rig.engine.push(test::then_add(command_of(bad), 1, 1));
  rig.engine.push(test::then_add(command_of(softmax()), 1, 1));
  sc_core::sc_start(sc_time(1000, SC_NS));
  ASSERT_EQ(rig.core.faults.size(), 1U);
  EXPECT_EQ(rig.core.faults[0].rule, abi::kRuleBadSize);
  EXPECT_EQ(rig.core.faults[0].queue, abi::kQueueVector);
  EXPECT_EQ(rig.core.faults[0].opcode, 7U);
  EXPECT_EQ(rig.core.counters.value(1), 0U);
}

/// Gathers row `index` of a tile that has four.
Script gather(Rig& rig, std::uint32_t index) {
  Script s;
  s.opcode = Opcode::kGather;
  s.cols = 16;
  s.param0 = 4;
  std::memcpy(rig.memory.bytes.data() + s.src1, &index, sizeof index);
  return s;
}

TEST_F(VectorEngineTest, ARowThatDoesNotExistFaultsWhenTheDataSaySo) {
  Rig rig("engine");
  const Script bad = gather(rig, 70'000);
  rig.engine.push(test::then_add(command_of(bad), 1, 1));
  const auto before = rig.memory.bytes;
  sc_core::sc_start(sc_time(1000, SC_NS));
  ASSERT_EQ(rig.core.faults.size(), 1U);
  EXPECT_EQ(rig.core.faults[0].rule, abi::kRuleBadSize);
  EXPECT_EQ(rig.core.faults[0].address, 70'000U);
  EXPECT_EQ(rig.core.counters.value(1), 0U);
  EXPECT_EQ(rig.memory.bytes, before);
  int someone = 0;  // its ranges are free again
  EXPECT_FALSE(rig.core.guard.claim({bad.dst, bad.dst + 4, true, &someone}));
}

TEST_F(VectorEngineTest, WithoutDmiABadIndexFaultsTooAndNothingIsWrittenBack) {
  Rig rig("engine", true, false);
  rig.engine.push(command_of(gather(rig, 4)));
  const auto before = rig.memory.bytes;
  sc_core::sc_start(sc_time(10'000, SC_NS));
  ASSERT_EQ(rig.core.faults.size(), 1U);
  EXPECT_EQ(rig.core.faults[0].address, 4U);
  EXPECT_EQ(rig.memory.bytes, before);
}

TEST_F(VectorEngineTest, WithoutDataAnIndexIsNotLookedAt) {
  Rig rig("engine", false);
  rig.engine.push(test::then_add(command_of(gather(rig, 70'000)), 1, 1));
  ASSERT_TRUE(test::run_until_idle(sc_time(1000, SC_NS), rig.engine));
  EXPECT_TRUE(rig.core.faults.empty());
  EXPECT_EQ(rig.core.counters.value(1), 1U);
}

TEST_F(VectorEngineTest, StateAndOutputAreProtectedWhileTheCommandRuns) {
  Rig rig("engine");
  const Script s = softmax();
  int someone = 0;
  const auto conflicts = [&rig, &someone](std::uint32_t at, bool write) {
    const bool conflict = rig.core.guard.claim({at, at + 4, write, &someone}).has_value();
    rig.core.guard.release(&someone);
    return conflict;
  };
  rig.engine.push(command_of(s));
  sc_core::sc_start(sc_time(5, SC_NS));
  EXPECT_TRUE(conflicts(s.src2 + 60, false));
  EXPECT_TRUE(conflicts(s.out, false));
  EXPECT_TRUE(conflicts(s.dst, false));
  EXPECT_TRUE(conflicts(s.src0, true));
  EXPECT_FALSE(conflicts(s.src0, false));
  ASSERT_TRUE(test::run_until_idle(sc_time(1000, SC_NS), rig.engine));
  EXPECT_FALSE(conflicts(s.out, true));
}

TEST_F(VectorEngineTest, AResultThatSomeoneReadsIsAnOverlap) {
  Rig rig("engine");
  const Script s = softmax();
  int someone = 0;
  rig.core.guard.claim({s.dst, s.dst + 4, false, &someone});
  rig.engine.push(command_of(s));
  sc_core::sc_start(sc_time(1000, SC_NS));
  ASSERT_EQ(rig.core.faults.size(), 1U);
  EXPECT_EQ(rig.core.faults[0].rule, abi::kRuleOverlap);
  EXPECT_EQ(rig.core.faults[0].address, regs::core::kSramBase + s.dst);
  // The ranges it had registered before are free again.
  EXPECT_FALSE(rig.core.guard.claim({s.src0, s.src0 + 4, true, &someone}));
}

TEST_F(VectorEngineTest, AMemoryWithoutDmiIsCopied) {
  Rig rig("engine", true, false);
  const auto before = rig.memory.bytes;
  rig.engine.push(command_of(softmax()));
  ASSERT_TRUE(test::run_until_idle(sc_time(10'000, SC_NS), rig.engine));
  EXPECT_EQ(rig.memory.bytes, after(softmax(), before));
}

}  // namespace
}  // namespace aipu::vector
