// SPDX-License-Identifier: Apache-2.0
#include "hw/vector/cost.h"

#include "tests/hw/vector/sram_image.h"

namespace aipu::vector {
namespace {

Operation operation(Opcode opcode, std::uint32_t rows, std::uint32_t cols) {
  Script s;
  s.opcode = opcode;
  s.rows = rows;
  s.cols = cols;
  s.param0 = 4;
  s.plane_stride = rows * cols * 4;
  s.plane_stride2 = rows * 8;
  s.imm0 = 1.0F;
  s.out_cols = opcode == Opcode::kQuantize ? 50 : 0;
  if (opcode == Opcode::kGelu) s.param0 = kGeluErf;
  s.src1 = 0xA0000;
  const Decoded d = s.decoded();
  EXPECT_TRUE(d.ok()) << d.breach.rule;
  return d.operation;
}

struct Expected {
  Opcode opcode;
  std::uint64_t lane_cycles, special, elements, flops;
};

TEST(VectorCostTest, EachOpcodeCostsWhatTheTableSays) {
  // 8 rows of 200 columns: 13 cycles a pass, or 16 where every row starts a new cycle; four planes.
  const Expected table[] = {{Opcode::kAdd, 13, 0, 1600, 1600},
                            {Opcode::kMul, 13, 0, 1600, 1600},
                            {Opcode::kSumPlanes, 3 * 13, 0, 6400, 3 * 1600},
                            {Opcode::kConvert, 13, 0, 1600, 1600},
                            {Opcode::kRmsnorm, 3 * 16, 8, 1600, 4 * 1600 + 8},
                            {Opcode::kRope, 2 * 13, 0, 1600, 3 * 1600},
                            {Opcode::kSoftmaxStep, 4 * 16, 1608, 1600, 5 * 1600 + 8},
                            {Opcode::kSoftmaxEnd, 13, 8, 1600, 1600 + 8},
                            {Opcode::kMergePartials, 5 * 13, 5 * 8, 6400, 9 * 1600 + 5 * 8},
                            {Opcode::kSwiglu, 2 * 13, 1600, 1600, 3 * 1600},
                            {Opcode::kArgmax, 16, 0, 1600, 1600},
                            {Opcode::kArgmaxMerge, 4, 0, 32, 32},
                            {Opcode::kLayernorm, 5 * 16, 8, 1600, 6 * 1600 + 8},
                            {Opcode::kGelu, 3 * 13, 1600, 1600, 4 * 1600},
                            {Opcode::kSoftmax, 5 * 16, 1608, 1600, 6 * 1600 + 8},
                            {Opcode::kQuantize, 2 * 16, 400, 1600, 2 * 1600 + 400},
                            {Opcode::kDequantize, 13, 0, 1600, 1600},
                            // Two blocks of 128: 28 stages each, then a half-cleaner and a merge.
                            {Opcode::kTopK, 8 * (28 + 8 + 28), 0, 1600, 1600},
                            // A single list is one pass.
                            {Opcode::kTopKMerge, 8, 0, 32, 32},
                            {Opcode::kGate, 4 * 16 + 8 + 8 * 64, 1608, 1600, 6 * 1600 + 8 + 32},
                            {Opcode::kGather, 13, 0, 1600, 0},
                            {Opcode::kWeightedSum, 13, 0, 1600, 2 * 1600},
                            // Eight steps of prefix sums.
                            {Opcode::kSample, (4 + 8) * 16, 1608, 1600, 5 * 1600 + 8}};
  for (const Expected& e : table) {
    const Effort spent = effort(operation(e.opcode, 8, 200), Config{});
    const int code = static_cast<int>(e.opcode);
    EXPECT_EQ(spent.lane_cycles, e.lane_cycles) << code;
    EXPECT_EQ(spent.special, e.special) << code;
    EXPECT_EQ(spent.elements, e.elements) << code;
    EXPECT_EQ(spent.flops, e.flops) << code;
  }
}

TEST(VectorCostTest, RescalingTheOutputAddsAPassOverIt) {
  Script s;
  s.opcode = Opcode::kSoftmaxStep;
  s.rows = 8;
  s.cols = 200;
  s.out_cols = 64;
  const Effort later = effort(s.decoded().operation, Config{});
  s.first = true;
  const Effort first = effort(s.decoded().operation, Config{});
  EXPECT_EQ(later.lane_cycles, first.lane_cycles + 4);
  EXPECT_EQ(later.flops, first.flops + 512);
  EXPECT_EQ(s.decoded().operation.tiles.traffic(), 8U * 200 * 4 * 2 + 8 * 8);
}

TEST(VectorCostTest, TheSlowestOfLanesFunctionsAndSramDecides) {
  const Config config;
  // add: 3 x 4 bytes an element, at 512 per cycle 42.7 elements per cycle.
  EXPECT_EQ(cycles(operation(Opcode::kMul, 16, 1024), config),
            Cycles((16 * 1024 * 8 + 1024 * 4) / 512 + 24));
  // softmax: 16 exponentials per cycle.
  EXPECT_EQ(cycles(operation(Opcode::kSoftmaxStep, 16, 1024), config),
            Cycles((16 * 1024 + 16) / 16 + 24));
  Config wide;
  wide.sram_per_cycle = 4_KiB;
  EXPECT_EQ(cycles(operation(Opcode::kRope, 16, 1024), wide), Cycles(2 * 128 + 24));
}

TEST(VectorCostTest, ShortRowsAreSortedSideBySide) {
  const Config config;
  // Sixteen rows of eight pass 128 lanes at a time: 3 * 4 / 2 stages.
  EXPECT_EQ(sort_cycles(16, 8, 2, config), 6U);
  EXPECT_EQ(sort_cycles(17, 8, 2, config), 12U);
  EXPECT_EQ(sort_cycles(1, 1, 1, config), 0U);
  // 4096 numbers: 32 blocks; the best 64 stay in a list that is one block long.
  EXPECT_EQ(sort_cycles(1, 4096, 64, config), 32U * 28 + 31 * 8);
  // A list of 256 passes in two parts: 9 stages of merging, each twice.
  EXPECT_EQ(sort_cycles(1, 4096, 256, config), 32U * 28 + 31 * 9 * 2);
  EXPECT_EQ(merge_cycles(2, 32, 64, config), 31U * 7);
  EXPECT_EQ(merge_cycles(3, 32, 64, config), 2U * 31 * 7);
  Config deep;
  deep.sort_stages_per_cycle = 4;
  EXPECT_EQ(sort_cycles(1, 128, 8, deep), 7U);
}

TEST(VectorCostTest, TheModeOfAGateDecidesItsPasses) {
  const auto spent = [](std::uint32_t mode, bool bias) {
    Script s;
    s.opcode = Opcode::kGate;
    s.rows = 4;
    s.cols = 256;
    s.param0 = 8;
    s.param1 = mode;
    s.add_src1 = bias;
    return effort(s.decoded().operation, Config{});
  };
  const std::uint64_t sorts = 4 * (28 + 8 + 28);
  const std::uint32_t sigmoid = 1U << 16U, normalize = 1U << 17U;
  EXPECT_EQ(spent(0, false).lane_cycles, 4U * 8 + 4 + sorts);
  EXPECT_EQ(spent(sigmoid, false).lane_cycles, 4U + sorts);
  EXPECT_EQ(spent(sigmoid, true).lane_cycles, 8U + 4 + sorts);
  EXPECT_EQ(spent(sigmoid | normalize, true).lane_cycles, 8U + 12 + sorts);
  // Eight groups of four rows pass side by side: 6 stages.
  EXPECT_EQ(spent(sigmoid | 8 | 4U << 8U, false).lane_cycles, 2U * 8 + 4 + 6 + sorts);
  EXPECT_EQ(spent(sigmoid, false).special, 4U * 256);
  EXPECT_EQ(spent(normalize, false).special, 4U * 256 + 4 + 4);
}

TEST(VectorCostTest, PickedRowsPassThePortAndTheOthersDoNot) {
  Script s;
  s.opcode = Opcode::kWeightedSum;
  s.rows = 2;
  s.cols = 64;
  s.param0 = 100;
  s.param1 = 3;
  EXPECT_EQ(s.decoded().operation.tiles.traffic(), 2U * 3 * 64 * 4 + 2 * 3 * 8 + 2 * 64 * 4);
  EXPECT_EQ(effort(s.decoded().operation, Config{}).elements, 2U * 3 * 64);
}

TEST(VectorCostTest, ASinglePlaneIsStillAPass) {
  Script s;
  s.opcode = Opcode::kSumPlanes;
  s.rows = 2;
  s.cols = 128;
  s.param0 = 1;
  EXPECT_EQ(effort(s.decoded().operation, Config{}).lane_cycles, 2U);
  EXPECT_EQ(effort(s.decoded().operation, Config{}).flops, 0U);
}

TEST(VectorConfigTest, TheDefaultsAreValid) {
  EXPECT_NO_THROW(schema().check(Config{}));
}

}  // namespace
}  // namespace aipu::vector
