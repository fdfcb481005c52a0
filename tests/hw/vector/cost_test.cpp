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
                            {Opcode::kArgmaxMerge, 4, 0, 32, 32}};
  for (const Expected& e : table) {
    const Effort spent = effort(operation(e.opcode, 8, 200), 128);
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
  const Effort later = effort(s.decoded().operation, 128);
  s.first = true;
  const Effort first = effort(s.decoded().operation, 128);
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

TEST(VectorCostTest, ASinglePlaneIsStillAPass) {
  Script s;
  s.opcode = Opcode::kSumPlanes;
  s.rows = 2;
  s.cols = 128;
  s.param0 = 1;
  EXPECT_EQ(effort(s.decoded().operation, 128).lane_cycles, 2U);
  EXPECT_EQ(effort(s.decoded().operation, 128).flops, 0U);
}

TEST(VectorConfigTest, TheDefaultsAreValid) {
  EXPECT_NO_THROW(schema().check(Config{}));
}

}  // namespace
}  // namespace aipu::vector
