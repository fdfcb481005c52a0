// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "regs/abi.h"
#include "tests/hw/vector/sram_image.h"

namespace aipu::vector {
namespace {

namespace abi = regs::abi;
namespace map = regs::core;

Script script(Opcode opcode) {
  Script s;
  s.opcode = opcode;
  s.rows = 4;
  s.cols = 8;
  s.param0 = 2;
  s.plane_stride = 0x1000;
  s.plane_stride2 = 0x1000;
  s.out_cols = 8;
  return s;
}

constexpr Opcode kOpcodes[] = {Opcode::kAdd,         Opcode::kMul,        Opcode::kSumPlanes,
                               Opcode::kConvert,     Opcode::kRmsnorm,    Opcode::kRope,
                               Opcode::kSoftmaxStep, Opcode::kSoftmaxEnd, Opcode::kMergePartials,
                               Opcode::kSwiglu,      Opcode::kArgmax,     Opcode::kArgmaxMerge};

TEST(VectorRuleTest, EveryOpcodeHasALegalCommand) {
  for (const Opcode opcode : kOpcodes)
    EXPECT_TRUE(script(opcode).decoded().ok());
}

TEST(VectorRuleTest, OtherOpcodesAreUnknown) {
  for (const std::uint32_t opcode : {0U, 13U, 0xFFFF'FFFFU}) {
    const Breach breach = decode(opcode, script(Opcode::kAdd).words()).breach;
    EXPECT_EQ(breach.rule, abi::kRuleUnknownCommand);
    EXPECT_EQ(breach.address, opcode);
  }
}

struct Illegal {
  const char* name;
  Opcode opcode;
  std::uint32_t rule;
  std::uint64_t address;
  std::function<void(Script&)> spoil;
};

class VectorIllegalTest : public testing::TestWithParam<Illegal> {};

constexpr std::uint32_t kBase = map::kSramBase;

INSTANTIATE_TEST_SUITE_P(
    Sizes, VectorIllegalTest,
    testing::Values(
        Illegal{"NoRow", Opcode::kAdd, abi::kRuleBadSize, 0, [](Script& s) { s.rows = 0; }},
        Illegal{"ManyRows", Opcode::kMul, abi::kRuleBadSize, 4097,
                [](Script& s) { s.rows = 4097; }},
        Illegal{"NoColumn", Opcode::kConvert, abi::kRuleBadSize, 0, [](Script& s) { s.cols = 0; }},
        Illegal{"ManyColumns", Opcode::kConvert, abi::kRuleBadSize, 65537,
                [](Script& s) { s.cols = 65537; }},
        Illegal{"NarrowSource", Opcode::kAdd, abi::kRuleBadSize, 7,
                [](Script& s) { s.ld_src0 = 7; }},
        Illegal{"NarrowSource1", Opcode::kAdd, abi::kRuleBadSize, 5,
                [](Script& s) { s.ld_src1 = 5; }},
        Illegal{"NarrowResult", Opcode::kAdd, abi::kRuleBadSize, 7,
                [](Script& s) { s.ld_dst = 7; }},
        Illegal{"NoPlane", Opcode::kSumPlanes, abi::kRuleBadSize, 0,
                [](Script& s) { s.param0 = 0; }},
        Illegal{"ManyPlanes", Opcode::kMergePartials, abi::kRuleBadSize, 1025,
                [](Script& s) { s.param0 = 1025; }},
        Illegal{"OddHead", Opcode::kRope, abi::kRuleBadSize, 7, [](Script& s) { s.cols = 7; }},
        Illegal{"NoRowPerPosition", Opcode::kRope, abi::kRuleBadSize, 0,
                [](Script& s) { s.param0 = 0; }},
        Illegal{"NoRowPerColumn", Opcode::kSoftmaxStep, abi::kRuleBadSize, 0,
                [](Script& s) { s.param1 = 0; }}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Rest, VectorIllegalTest,
    testing::Values(Illegal{"SourceFormat", Opcode::kAdd, abi::kRuleBadDtype, 6,
                            [](Script& s) { s.dtype_src0 = DType{6}; }},
                    Illegal{"Source1Format", Opcode::kRmsnorm, abi::kRuleBadDtype, 15,
                            [](Script& s) { s.dtype_src1 = DType{15}; }},
                    Illegal{"ResultFormat", Opcode::kConvert, abi::kRuleBadDtype, 7,
                            [](Script& s) { s.dtype_dst = DType{7}; }},
                    Illegal{"MisalignedSource", Opcode::kAdd, abi::kRuleMisaligned, kBase + 2,
                            [](Script& s) { s.src0 = 2; }},
                    Illegal{"MisalignedState", Opcode::kSoftmaxEnd, abi::kRuleMisaligned,
                            kBase + 0x60001, [](Script& s) { s.src2 = 0x60001; }},
                    Illegal{"MisalignedPlanes", Opcode::kSumPlanes, abi::kRuleMisaligned, kBase,
                            [](Script& s) { s.plane_stride = 130; }},
                    Illegal{"BelowTheWindow", Opcode::kAdd, abi::kRuleBadAddress, kBase - 4,
                            [](Script& s) { s.src0 = 0U - 4U; }},
                    Illegal{"PastTheWindow", Opcode::kAdd, abi::kRuleBadAddress,
                            kBase + map::kSramSize - 124,
                            [](Script& s) { s.dst = map::kSramSize - 124; }},
                    Illegal{"PlanesPastTheWindow", Opcode::kSumPlanes, abi::kRuleBadAddress, kBase,
                            [](Script& s) { s.plane_stride = map::kSramSize; }},
                    Illegal{"ResultInsideSource", Opcode::kAdd, abi::kRuleOverlap, kBase + 4,
                            [](Script& s) { s.dst = 4; }},
                    Illegal{"ResultOverBroadcastRow", Opcode::kAdd, abi::kRuleOverlap,
                            kBase + 0x40000, [](Script& s) { s.dst = s.src1; }},
                    Illegal{"WiderResultInPlace", Opcode::kConvert, abi::kRuleOverlap, kBase,
                            [](Script& s) {
                              s.dtype_src0 = DType::kBf16;
                              s.dst = s.src0;
                            }},
                    Illegal{"LongerPitchInPlace", Opcode::kAdd, abi::kRuleOverlap, kBase,
                            [](Script& s) {
                              s.ld_dst = 9;
                              s.dst = s.src0;
                            }},
                    Illegal{"ResultOverASecondPlane", Opcode::kSumPlanes, abi::kRuleOverlap,
                            kBase + 0x1000, [](Script& s) { s.dst = 0x1000; }},
                    Illegal{"StateInsideScores", Opcode::kSoftmaxStep, abi::kRuleOverlap,
                            kBase + 64, [](Script& s) { s.src2 = 64; }},
                    Illegal{"OutputOverProbabilities", Opcode::kSoftmaxStep, abi::kRuleOverlap,
                            kBase + 0x80000, [](Script& s) { s.out = s.dst; }}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(VectorIllegalTest, IsFoundAndNamed) {
  Script s = script(GetParam().opcode);
  GetParam().spoil(s);
  const Breach breach = s.decoded().breach;
  EXPECT_EQ(breach.rule, GetParam().rule) << abi::rule_name(breach.rule);
  EXPECT_EQ(breach.address, GetParam().address);
}

TEST(VectorRuleTest, WordsThatAnOpcodeDoesNotReadAreNotChecked) {
  Script s = script(Opcode::kConvert);
  s.src1 = s.src2 = s.out = 3;
  s.dtype_src1 = DType{15};
  s.plane_stride = 1;
  EXPECT_TRUE(s.decoded().ok());
  Script first = script(Opcode::kSoftmaxStep);
  first.first = true;
  first.out = 3;
  EXPECT_TRUE(first.decoded().ok());
  Script merge = script(Opcode::kArgmaxMerge);
  merge.cols = 0;
  merge.dtype_src0 = DType{15};
  EXPECT_TRUE(merge.decoded().ok());
}

TEST(VectorRuleTest, AResultMayReplaceWhatIsReadRowByRow) {
  for (const Opcode opcode : kOpcodes) {
    Script s = script(opcode);
    s.dst = s.src0;
    EXPECT_TRUE(s.decoded().ok()) << static_cast<int>(opcode);
  }
  Script residual = script(Opcode::kSumPlanes);
  residual.add_src1 = true;
  residual.ld_src1 = 8;
  residual.dst = residual.src1;
  EXPECT_TRUE(residual.decoded().ok());
}

TEST(VectorRuleTest, VisibleColumnsGrowByOneEveryParam1RowsAndStayInTheBlock) {
  Operation op;
  op.cols = 8;
  op.param0 = static_cast<std::uint32_t>(-1);
  op.param1 = 3;
  EXPECT_EQ(op.visible(0), 0U);
  EXPECT_EQ(op.visible(3), 0U);
  EXPECT_EQ(op.visible(6), 1U);
  EXPECT_EQ(op.visible(300), 8U);
  op.param0 = 0x8000'0000U;
  EXPECT_EQ(op.visible(4095), 0U);
  op.param0 = 0x7FFF'FFFFU;
  EXPECT_EQ(op.visible(4095), 8U);
}

}  // namespace
}  // namespace aipu::vector
