// SPDX-License-Identifier: Apache-2.0
#include "tlm/tensor/engine.h"

#include <gtest/gtest.h>
#include <random>

#include "hw/base/number_format.h"
#include "regs/tensor.h"
#include "tests/hw/tensor/words.h"
#include "tests/support/systemc_test.h"
#include "tests/tlm/tensor/core_stub.h"

namespace aipu::tensor {
namespace {

namespace abi = regs::abi;
using sc_core::SC_NS;
using sc_core::sc_time;

Command command_of(const Tile& tile) {
  return {regs::tensor::kOpMac, 0x80, words_of(tile)};
}

void fill(std::vector<std::uint8_t>& bytes) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal(0, 1);
  for (std::size_t at = 0; at + 2 <= bytes.size(); at += 2) {
    store_number(DType::kBf16, normal(random), &bytes[at]);
  }
}

std::vector<std::uint8_t> after(const Tile& tile, std::vector<std::uint8_t> bytes) {
  multiply(tile, bytes.data());
  return bytes;
}

class TensorEngineTest : public test::SystemCTest {
 protected:
  TensorEngineTest() {
    fill(memory_.bytes);
    engine_.mem_out.bind(memory_.mem_in);
  }

  test::CoreStub core_;
  test::StockMemory memory_{"memory", true};
  Engine engine_{"engine", Config{}, core_.wiring(abi::kQueueTensor)};
  const Tile tile_ = dense_tile(20, 40, 100, DType::kBf16);
  const std::uint64_t cycles_ = cycles(tile_, Config{}).count;
};

TEST_F(TensorEngineTest, AResultAppearsWhenItsTimeIsOverAndNotBefore) {
  const auto before = memory_.bytes;
  engine_.push(test::then_add(command_of(tile_), 7, 3));
  // It begins one cycle after the push; what happens at the end of a run belongs to the next.
  sc_core::sc_start(sc_time(static_cast<double>(cycles_ + 1), SC_NS));
  EXPECT_EQ(memory_.bytes, before);
  EXPECT_EQ(core_.counters.value(7), 0U);
  sc_core::sc_start(sc_time(1, sc_core::SC_PS));
  EXPECT_EQ(memory_.bytes, after(tile_, before));
  EXPECT_EQ(core_.counters.value(7), 3U);
  EXPECT_FALSE(engine_.active());
}

TEST_F(TensorEngineTest, CountsUsefulAndIssuedWork) {
  engine_.push(command_of(tile_));
  engine_.push(command_of(tile_));
  ASSERT_TRUE(test::run_until_idle(sc_time(10'000, SC_NS), engine_));
  EXPECT_EQ(engine_.stats().commands.value(), 2U);
  EXPECT_EQ(engine_.stats().flops.value(), 2U * 2 * 20 * 40 * 100);
  EXPECT_EQ(engine_.stats().macs_issued.value(), 2U * 2 * 3 * 7 * 16 * 16 * 16);
  EXPECT_EQ(engine_.stats().array_cycles.value(), 2U * 2 * 3 * 7);
  EXPECT_EQ(engine_.stats().sram.value(), 2U * (20 * 100 * 2 + 100 * 40 * 2 + 20 * 40 * 4));
}

TEST_F(TensorEngineTest, CommandsRunOneAfterTheOtherAndTheAccountAddsUp) {
  core_.counters.add(1, 4);
  engine_.push(command_of(tile_));
  engine_.push(test::when_reached(command_of(tile_), 1, 5));
  sc_core::sc_start(sc_time(1000, SC_NS));
  core_.counters.add(1, 1);
  sc_core::sc_start(sc_time(1000, SC_NS));
  EXPECT_FALSE(engine_.active());
  const auto shares = engine_.time_shares(now_ps());
  EXPECT_EQ(test::sum_of(shares), 2'000'000U);
  EXPECT_EQ(test::share_of(shares, "busy"), 2 * cycles_ * 1000);
  // From the end of the first command, at 1 + cycles, to one cycle after the add.
  EXPECT_EQ(test::share_of(shares, "counter 1"), (1000 - cycles_) * 1000);
}

TEST_F(TensorEngineTest, AnIllegalTileFaultsAndHaltsTheEngine) {
  Command bad = test::then_add(command_of(tile_), 7, 1);
  bad.words[regs::tensor::kWA] += 4;
  engine_.push(bad);
  engine_.push(test::then_add(command_of(tile_), 7, 1));
  sc_core::sc_start(sc_time(5000, SC_NS));
  ASSERT_EQ(core_.faults.size(), 1U);
  EXPECT_EQ(core_.faults[0].rule, abi::kRuleMisaligned);
  EXPECT_EQ(core_.faults[0].address, regs::core::kSramBase + 4);
  EXPECT_EQ(core_.faults[0].queue, abi::kQueueTensor);
  EXPECT_EQ(core_.faults[0].pc, 0x80U);
  EXPECT_EQ(core_.counters.value(7), 0U);
}

TEST_F(TensorEngineTest, AnOperandThatSomeoneWritesIsAnOverlap) {
  int someone = 0;
  core_.guard.claim({tile_.b + 100, tile_.b + 200, true, &someone});
  engine_.push(command_of(tile_));
  sc_core::sc_start(sc_time(5000, SC_NS));
  ASSERT_EQ(core_.faults.size(), 1U);
  EXPECT_EQ(core_.faults[0].rule, abi::kRuleOverlap);
  EXPECT_EQ(core_.faults[0].address, regs::core::kSramBase + tile_.b + 100);
}

TEST_F(TensorEngineTest, OperandsAreProtectedExactlyWhileTheCommandRuns) {
  int someone = 0;
  const RangeGuard::Range write_a{tile_.a, tile_.a + 1, true, &someone};
  const RangeGuard::Range read_a{tile_.a, tile_.a + 1, false, &someone};
  const RangeGuard::Range read_c{tile_.c + 20 * 40 * 4 - 1, tile_.c + 20 * 40 * 4, false, &someone};
  const RangeGuard::Range beyond_c{read_c.end, read_c.end + 1, true, &someone};
  engine_.push(command_of(tile_));
  sc_core::sc_start(sc_time(10, SC_NS));
  EXPECT_TRUE(core_.guard.claim(write_a));
  EXPECT_TRUE(core_.guard.claim(read_c));
  EXPECT_FALSE(core_.guard.claim(read_a));
  EXPECT_FALSE(core_.guard.claim(beyond_c));
  ASSERT_TRUE(test::run_until_idle(sc_time(5000, SC_NS), engine_));
  EXPECT_FALSE(core_.guard.claim(write_a));
  EXPECT_FALSE(core_.guard.claim(read_c));
}

TEST_F(TensorEngineTest, ATileWithGapsIsNotGuarded) {
  int someone = 0;
  Tile tile = tile_;
  tile.ldc = 64;
  engine_.push(command_of(tile));
  sc_core::sc_start(sc_time(10, SC_NS));
  EXPECT_FALSE(core_.guard.claim({tile.c + 41 * 4, tile.c + 50 * 4, true, &someone}));
}

class TensorVariantTest : public test::SystemCTest {
 protected:
  struct Bench {
    Bench(const std::string& name, bool dmi, bool functional, bool port)
        : memory(sc_core::sc_module_name((name + "_memory").c_str()), dmi),
          engine(sc_core::sc_module_name(name.c_str()), Config{}, wire(functional, port)) {
      fill(memory.bytes);
      engine.mem_out.bind(memory.mem_in);
    }
    EngineWiring wire(bool functional, bool port) {
      EngineWiring w = core.wiring(abi::kQueueTensor, functional);
      if (port) w.sram_port = &core;
      return w;
    }
    test::CoreStub core;
    test::StockMemory memory;
    Engine engine;
  };
  const Tile tile_ = dense_tile(20, 40, 100, DType::kBf16);
};

TEST_F(TensorVariantTest, TimeDoesNotDependOnTheMode) {
  Bench functional("functional", true, true, true);
  Bench timing("timing", true, false, true);
  const auto before = timing.memory.bytes;
  for (Bench* bench : {&functional, &timing}) {
    for (std::uint32_t i = 0; i < 5; ++i) {
      Tile tile = tile_;
      tile.k = 20 + 17 * i;
      tile.accumulate = i % 2 == 1;
      bench->engine.push(test::then_add(command_of(tile), 1, 1));
    }
  }
  for (int ns = 0; ns < 2000; ++ns) {
    sc_core::sc_start(sc_time(1, SC_NS));
    ASSERT_EQ(functional.core.counters.value(1), timing.core.counters.value(1)) << ns;
  }
  EXPECT_EQ(timing.core.counters.value(1), 5U);
  EXPECT_EQ(functional.core.booked, timing.core.booked);
  EXPECT_EQ(timing.memory.bytes, before);
  EXPECT_NE(functional.memory.bytes, before);
}

TEST_F(TensorVariantTest, ABusySramPortDelaysCompletion) {
  Bench bench("engine", true, true, true);
  bench.core.free_at = 700'000;
  bench.engine.push(command_of(tile_));
  const std::uint64_t bytes = operands(tile_).traffic();
  const std::uint64_t end = 700'000 + bytes * 1000 / 512 + 32'000;
  sc_core::sc_start(to_time(Picoseconds(end - 1)));
  EXPECT_TRUE(bench.engine.active());
  sc_core::sc_start(to_time(Picoseconds(2)));
  EXPECT_FALSE(bench.engine.active());
  EXPECT_EQ(bench.core.booked, std::vector<std::uint64_t>{bytes});
}

TEST_F(TensorVariantTest, AMemoryWithoutDmiIsCopied) {
  Bench bench("engine", false, true, false);
  const auto before = bench.memory.bytes;
  Tile second = tile_;
  second.c += 64 * 1024;
  second.ldc = 50;
  bench.engine.push(command_of(tile_));
  bench.engine.push(command_of(second));
  ASSERT_TRUE(test::run_until_idle(sc_time(10'000, SC_NS), bench.engine));
  EXPECT_EQ(bench.memory.bytes, after(second, after(tile_, before)));
  EXPECT_EQ(bench.memory.requests, 8);  // A, B, C in and C out, twice
}

TEST_F(TensorVariantTest, AMemoryThatRefusesFaults) {
  Bench bench("engine", false, true, false);
  bench.memory.refuse = true;
  bench.engine.push(command_of(tile_));
  sc_core::sc_start(sc_time(5000, SC_NS));
  ASSERT_EQ(bench.core.faults.size(), 1U);
  EXPECT_EQ(bench.core.faults[0].rule, abi::kRuleBadAddress);
}

TEST_F(TensorVariantTest, AnEngineOutsideACoreNeedsNoGuard) {
  test::CoreStub core;
  EngineWiring wiring = core.wiring(abi::kQueueTensor);
  wiring.sram_guard = nullptr;
  test::StockMemory memory("memory", true);
  Engine engine("engine", Config{}, wiring);
  engine.mem_out.bind(memory.mem_in);
  engine.push(command_of(tile_));
  EXPECT_TRUE(test::run_until_idle(sc_time(5000, SC_NS), engine));
  EXPECT_EQ(engine.stats().commands.value(), 1U);
}

}  // namespace
}  // namespace aipu::tensor
