// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <utility>

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
  s.param0 = opcode == Opcode::kGelu ? kGeluTanh : 2;
  s.imm0 = 1.0F;
  s.ld_src1 = opcode == Opcode::kLayernorm ? 8 : 0;
  s.plane_stride = 0x1000;
  s.plane_stride2 = 0x1000;
  s.out_cols = 8;
  return s;
}

constexpr Opcode kOpcodes[] = {
    Opcode::kAdd,           Opcode::kMul,         Opcode::kSumPlanes,   Opcode::kConvert,
    Opcode::kRmsnorm,       Opcode::kRope,        Opcode::kSoftmaxStep, Opcode::kSoftmaxEnd,
    Opcode::kMergePartials, Opcode::kSwiglu,      Opcode::kArgmax,      Opcode::kArgmaxMerge,
    Opcode::kLayernorm,     Opcode::kGelu,        Opcode::kSoftmax,     Opcode::kQuantize,
    Opcode::kDequantize,    Opcode::kTopK,        Opcode::kTopKMerge,   Opcode::kGate,
    Opcode::kGather,        Opcode::kWeightedSum, Opcode::kSample};

bool picks(Opcode opcode) {
  return opcode == Opcode::kGather || opcode == Opcode::kWeightedSum;
}

TEST(VectorRuleTest, EveryOpcodeHasALegalCommand) {
  for (const Opcode opcode : kOpcodes)
    EXPECT_TRUE(script(opcode).decoded().ok());
}

TEST(VectorRuleTest, OtherOpcodesAreUnknown) {
  for (const std::uint32_t opcode : {0U, 24U, 0xFFFF'FFFFU}) {
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
        Illegal{"KindOfGelu", Opcode::kGelu, abi::kRuleBadSize, 2, [](Script& s) { s.param0 = 2; }},
        Illegal{"NarrowBias", Opcode::kLayernorm, abi::kRuleBadSize, 7,
                [](Script& s) {
                  s.add_src1 = true;
                  s.ld_src1 = 7;
                }},
        Illegal{"NoLargestNumber", Opcode::kQuantize, abi::kRuleBadSize, 0,
                [](Script& s) { s.imm0 = 0.0F; }},
        Illegal{"InfiniteLargestNumber", Opcode::kQuantize, abi::kRuleBadSize, 0x7F80'0000U,
                [](Script& s) { s.imm0 = std::numeric_limits<float>::infinity(); }},
        Illegal{"NarrowScalesOut", Opcode::kQuantize, abi::kRuleBadSize, 3,
                [](Script& s) { s.out_cols = 3; }},
        Illegal{"NarrowScalesIn", Opcode::kDequantize, abi::kRuleBadSize, 3,
                [](Script& s) { s.ld_src1 = 3; }},
        Illegal{"NoResult", Opcode::kTopK, abi::kRuleBadSize, 0, [](Script& s) { s.param0 = 0; }},
        Illegal{"ManyResults", Opcode::kTopKMerge, abi::kRuleBadSize, 1025,
                [](Script& s) { s.param0 = 1025; }},
        Illegal{"NoList", Opcode::kTopKMerge, abi::kRuleBadSize, 0,
                [](Script& s) { s.param1 = 0; }},
        Illegal{"NoRowToPick", Opcode::kGather, abi::kRuleBadSize, 0,
                [](Script& s) { s.param0 = 0; }},
        Illegal{"NoTerm", Opcode::kWeightedSum, abi::kRuleBadSize, 0,
                [](Script& s) { s.param1 = 0; }},
        Illegal{"NarrowRowsToPick", Opcode::kWeightedSum, abi::kRuleBadSize, 7,
                [](Script& s) { s.ld_src0 = 7; }},
        Illegal{"NoRowPerColumn", Opcode::kSoftmaxStep, abi::kRuleBadSize, 0,
                [](Script& s) { s.param1 = 0; }}),
    [](const auto& tested) { return tested.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Gate, VectorIllegalTest,
    testing::Values(Illegal{"GroupsThatDoNotDivide", Opcode::kGate, abi::kRuleBadSize, 3,
                            [](Script& s) { s.param1 = 3 | 1U << 8U; }},
                    Illegal{"NoGroupKept", Opcode::kGate, abi::kRuleBadSize, 0,
                            [](Script& s) { s.param1 = 4; }},
                    Illegal{"MoreKeptThanGroups", Opcode::kGate, abi::kRuleBadSize, 5,
                            [](Script& s) { s.param1 = 4 | 5U << 8U; }},
                    Illegal{"MoreResultsThanCandidates", Opcode::kGate, abi::kRuleBadSize, 5,
                            [](Script& s) {
                              s.param1 = 4 | 2U << 8U;
                              s.param0 = 5;
                            }},
                    Illegal{"UnknownMode", Opcode::kGate, abi::kRuleBadSize, 1U << 18U,
                            [](Script& s) { s.param1 = 1U << 18U; }}),
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
                    Illegal{"ScalesOverNumbers", Opcode::kQuantize, abi::kRuleOverlap, kBase,
                            [](Script& s) { s.out = s.src0; }},
                    Illegal{"ResultOverRowsToPick", Opcode::kGather, abi::kRuleOverlap, kBase,
                            [](Script& s) { s.dst = s.src0; }},
                    Illegal{"RowsToPickPastTheWindow", Opcode::kGather, abi::kRuleBadAddress, kBase,
                            [](Script& s) { s.param0 = 40'000; }},
                    Illegal{"ListsPastTheWindow", Opcode::kTopK, abi::kRuleBadAddress,
                            kBase + map::kSramSize - 60,
                            [](Script& s) { s.dst = map::kSramSize - 60; }},
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
    EXPECT_EQ(s.decoded().ok(), !picks(opcode)) << static_cast<int>(opcode);
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
  EXPECT_EQ(op.visible(0).end, 0U);
  EXPECT_EQ(op.visible(3).end, 0U);
  EXPECT_EQ(op.visible(6).end, 1U);
  EXPECT_EQ(op.visible(300).end, 8U);
  op.param0 = 0x8000'0000U;
  EXPECT_EQ(op.visible(4095).end, 0U);
  op.param0 = 0x7FFF'FFFFU;
  EXPECT_EQ(op.visible(4095).end, 8U);
}

TEST(VectorRuleTest, AWindowHidesWhatLiesBeforeItEvenInOlderBlocks) {
  Operation op;
  op.cols = 8;
  op.param1 = 2;
  const auto seen = [&op](std::uint32_t param0, std::uint32_t window, std::uint32_t row) {
    op.param0 = param0;
    op.window = window;
    const auto [begin, end] = op.visible(row);
    return std::pair{begin, end};
  };
  using Range = std::pair<std::uint32_t, std::uint32_t>;
  EXPECT_EQ(seen(5, 0, 0), Range(0, 5));
  EXPECT_EQ(seen(5, 3, 0), Range(2, 5));
  EXPECT_EQ(seen(5, 3, 4), Range(4, 7));
  EXPECT_EQ(seen(5, 100, 4), Range(0, 7));
  EXPECT_EQ(seen(10, 4, 0), Range(6, 8));  // the window began two columns before the block's end
  EXPECT_EQ(seen(12, 4, 0), Range(8, 8));  // the whole block is too old
  EXPECT_EQ(seen(static_cast<std::uint32_t>(-3), 4, 0), Range(0, 0));
  EXPECT_EQ(seen(5, 0xFFFF'FFFFU, 0), Range(0, 5));
}

}  // namespace
}  // namespace aipu::vector
