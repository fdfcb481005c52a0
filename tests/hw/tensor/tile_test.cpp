// SPDX-License-Identifier: Apache-2.0
#include "hw/tensor/tile.h"

#include <functional>
#include <gtest/gtest.h>

#include "regs/abi.h"
#include "tests/hw/tensor/words.h"

namespace aipu::tensor {
namespace {

namespace abi = regs::abi;
namespace map = regs::core;
namespace reg = regs::tensor;

Tile good() {
  return dense_tile(16, 16, 32, DType::kFp8E4m3);
}

TEST(TensorTileTest, ACommandIsDecodedWordByWord) {
  Tile t = good();
  t.transpose_b = true;
  t.accumulate = true;
  t.dtype_b = DType::kBf16;
  t.lda = 40;
  t.ldb = 48;
  t.ldc = 24;
  const Decoded d = decode(reg::kOpMac, words_of(t));
  ASSERT_TRUE(d.ok()) << d.breach.rule;
  EXPECT_EQ(words_of(d.tile), words_of(t));
}

struct Illegal {
  const char* name;
  std::uint32_t rule;
  std::uint64_t address;
  std::function<void(CommandWords&)> spoil;
};

class TensorRuleTest : public testing::TestWithParam<Illegal> {};

void set_formats(CommandWords& w, std::uint32_t a, std::uint32_t b) {
  w[reg::kWFlags] = a | b << reg::kFlagsDtypeBShift;
}

Tile scaled() {
  Tile t = good();
  add_scales(t, 16, 8);
  return t;
}

TEST(TensorTileTest, ScalesAreDecodedWordByWordAndOnlyWhereFlagged) {
  const Tile t = scaled();
  const Decoded d = decode(reg::kOpMac, words_of(t));
  ASSERT_TRUE(d.ok()) << d.breach.rule;
  EXPECT_EQ(words_of(d.tile), words_of(t));
  EXPECT_EQ(operands(d.tile).size(), 5U);
  CommandWords words = words_of(t);
  words[reg::kWFlags] &= ~(1U << reg::kFlagsScaledAShift | 1U << reg::kFlagsScaledBShift);
  words[reg::kWScaleA] = 3;  // not read
  EXPECT_EQ(words_of(decode(reg::kOpMac, words).tile), words_of(good()));
}

INSTANTIATE_TEST_SUITE_P(
    Each, TensorRuleTest,
    testing::Values(
        Illegal{"ZeroM", abi::kRuleBadSize, 0, [](auto& w) { w[reg::kWM] = 0; }},
        Illegal{"ZeroN", abi::kRuleBadSize, 0, [](auto& w) { w[reg::kWN] = 0; }},
        Illegal{"ZeroK", abi::kRuleBadSize, 0, [](auto& w) { w[reg::kWK] = 0; }},
        Illegal{"LargeM", abi::kRuleBadSize, 1025, [](auto& w) { w[reg::kWM] = 1025; }},
        Illegal{"LargeN", abi::kRuleBadSize, 4097, [](auto& w) { w[reg::kWN] = 4097; }},
        Illegal{"LargeK", abi::kRuleBadSize, 65537, [](auto& w) { w[reg::kWK] = 65537; }},
        Illegal{"NarrowA", abi::kRuleBadSize, 31, [](auto& w) { w[reg::kWLda] = 31; }},
        Illegal{"NarrowB", abi::kRuleBadSize, 15, [](auto& w) { w[reg::kWLdb] = 15; }},
        Illegal{"NarrowC", abi::kRuleBadSize, 15, [](auto& w) { w[reg::kWLdc] = 15; }},
        Illegal{"Int32", abi::kRuleBadDtype, 5, [](auto& w) { set_formats(w, 5, 5); }},
        Illegal{"UnknownFormat", abi::kRuleBadDtype, 9, [](auto& w) { set_formats(w, 0, 9); }},
        Illegal{"Int8TimesFloat", abi::kRuleBadDtype, 1, [](auto& w) { set_formats(w, 4, 1); }},
        Illegal{"FloatTimesInt8", abi::kRuleBadDtype, 4, [](auto& w) { set_formats(w, 1, 4); }},
        Illegal{"MisalignedA", abi::kRuleMisaligned, map::kSramBase + 4,
                [](auto& w) { w[reg::kWA] += 4; }},
        Illegal{"MisalignedC", abi::kRuleMisaligned, map::kSramBase + (512U << 10U) + 16,
                [](auto& w) { w[reg::kWC] += 16; }},
        Illegal{"BelowTheWindow", abi::kRuleBadAddress, map::kSramBase - 32,
                [](auto& w) { w[reg::kWA] = map::kSramBase - 32; }},
        Illegal{"PastTheWindow", abi::kRuleBadAddress, map::kSramBase + map::kSramSize - 992,
                [](auto& w) { w[reg::kWC] = map::kSramBase + map::kSramSize - 992; }},
        Illegal{"HugePitch", abi::kRuleBadAddress, map::kSramBase,
                [](auto& w) { w[reg::kWLda] = 0xFFFF'FFFFU; }},
        Illegal{"COverA", abi::kRuleOverlap, map::kSramBase + 480,
                [](auto& w) { w[reg::kWC] = map::kSramBase + 480; }},
        Illegal{"COverB", abi::kRuleOverlap, map::kSramBase + (256U << 10U),
                [](auto& w) { w[reg::kWC] = w[reg::kWB]; }}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(TensorRuleTest, IsFoundAndNamed) {
  CommandWords words = words_of(good());
  GetParam().spoil(words);
  const Breach breach = decode(reg::kOpMac, words).breach;
  EXPECT_EQ(breach.rule, GetParam().rule) << abi::rule_name(breach.rule);
  EXPECT_EQ(breach.address, GetParam().address);
}

struct IllegalScale {
  const char* name;
  std::uint32_t rule;
  std::uint64_t address;
  std::function<void(CommandWords&)> spoil;
};

class TensorScaleRuleTest : public testing::TestWithParam<IllegalScale> {};

INSTANTIATE_TEST_SUITE_P(
    Each, TensorScaleRuleTest,
    testing::Values(
        IllegalScale{"NarrowA", abi::kRuleBadSize, 1, [](auto& w) { w[reg::kWLdScaleA] = 1; }},
        IllegalScale{"NarrowB", abi::kRuleBadSize, 1, [](auto& w) { w[reg::kWLdScaleB] = 1; }},
        IllegalScale{"Misaligned", abi::kRuleMisaligned, map::kSramBase + (768U << 10U) + 2,
                     [](auto& w) { w[reg::kWScaleA] += 2; }},
        IllegalScale{"PastTheWindow", abi::kRuleBadAddress, map::kSramBase + map::kSramSize - 12,
                     [](auto& w) { w[reg::kWScaleB] = map::kSramBase + map::kSramSize - 12; }},
        IllegalScale{"CoveredByC", abi::kRuleOverlap, map::kSramBase + (512U << 10U),
                     [](auto& w) { w[reg::kWScaleB] = w[reg::kWC] + 4; }},
        IllegalScale{"NoK", abi::kRuleBadSize, 0, [](auto& w) { w[reg::kWK] = 0; }},
        IllegalScale{"NoN", abi::kRuleBadSize, 0, [](auto& w) { w[reg::kWN] = 0; }}),
    [](const auto& tested) { return tested.param.name; });

TEST_P(TensorScaleRuleTest, IsFoundAndNamed) {
  CommandWords words = words_of(scaled());
  GetParam().spoil(words);
  const Breach breach = decode(reg::kOpMac, words).breach;
  EXPECT_EQ(breach.rule, GetParam().rule) << abi::rule_name(breach.rule);
  EXPECT_EQ(breach.address, GetParam().address);
}

TEST(TensorTileTest, OneRowOfScalesMayServeAllRows) {
  Tile t = scaled();
  t.ld_scale_a = t.ld_scale_b = 0;
  EXPECT_TRUE(decode(reg::kOpMac, words_of(t)).ok());
  EXPECT_EQ(operands(t)[3].bytes(), 2 * 4U);
  EXPECT_EQ(operands(t)[4].bytes(), 2 * 4U);
}

TEST(TensorTimingTest, ScalesAreBytesAndWorkAndCutThePasses) {
  const Config config;
  Tile t = dense_tile(64, 64, 1024, DType::kFp8E4m3);
  const std::uint64_t plain = operands(t).traffic();
  add_scales(t, 128, 128);
  EXPECT_EQ(operands(t).traffic(), plain + 64 * 8 * 4 + 8 * 4);
  EXPECT_EQ(scaling(t, config), Cycles(64 * 64 * 8 / 128));
  EXPECT_EQ(cycles(t, config), Cycles(512 + 32));
  add_scales(t, 32, 64);  // 32 blocks: as many cycles of scaling as 2 x 512 passes
  EXPECT_EQ(cycles(t, config), Cycles(64 * 64 * 32 / 128 + 32));
  add_scales(t, 100, 64);  // ten blocks of four steps and one of one
  EXPECT_EQ(passes(t, config), Cycles(16 * 41));
  EXPECT_EQ(flops(t), 2U * 64 * 64 * 1024);
}

TEST(TensorTileTest, UnknownOpcodesAreRefused) {
  for (const std::uint32_t opcode : {0U, 2U, 0xFFFF'FFFFU}) {
    EXPECT_EQ(decode(opcode, words_of(good())).breach.rule, abi::kRuleUnknownCommand);
  }
}

TEST(TensorTileTest, ATileMayEndWithTheSramAndASingleRowNeedsNoPitch) {
  Tile t = good();
  t.c = map::kSramSize - 1024;
  EXPECT_TRUE(decode(reg::kOpMac, words_of(t)).ok());
  t.m = 1;
  t.lda = t.ldc = 0;
  EXPECT_TRUE(decode(reg::kOpMac, words_of(t)).ok());
}

TEST(TensorTileTest, AAndBMayBeTheSameBytes) {
  Tile t = dense_tile(16, 16, 16, DType::kBf16, true);
  t.b = t.a;
  EXPECT_TRUE(decode(reg::kOpMac, words_of(t)).ok());
}

TEST(TensorTimingTest, OnePassPerArrayBlockWhereTheArrayIsTheLimit) {
  const Config config;
  // 4 x 4 x 32 passes; operands of 64 x 1024 + 1024 x 64 + 4 * 64 * 64 bytes take 288 cycles.
  EXPECT_EQ(cycles(dense_tile(64, 64, 1024, DType::kFp8E4m3), config), Cycles(512 + 32));
  EXPECT_EQ(cycles(dense_tile(64, 64, 1024, DType::kInt8), config), Cycles(512 + 32));
  EXPECT_EQ(cycles(dense_tile(64, 64, 1024, DType::kBf16), config), Cycles(1024 + 32));
  // F32 runs at an eighth of the BF16 rate.
  EXPECT_EQ(cycles(dense_tile(64, 64, 512, DType::kF32), config), Cycles(512 / 2 * 16 + 32));
}

TEST(TensorTimingTest, PartialBlocksCostAWholePass) {
  const Config config;
  const Tile t = dense_tile(17, 33, 70, DType::kFp8E4m3);
  EXPECT_EQ(passes(t, config), Cycles(2 * 3 * 3));
  EXPECT_EQ(macs_issued(t, config), 18U * 16 * 16 * 32);
  EXPECT_EQ(flops(t), 2U * 17 * 33 * 70);
}

TEST(TensorTimingTest, AThinTileWaitsForTheSram) {
  const Config config;
  // m = 1: A 4096 + B 4096 x 64 + C 256 bytes at 512 per cycle; the array needs 512 passes.
  const Tile t = dense_tile(1, 64, 4096, DType::kFp8E4m3);
  const std::uint64_t bytes = 4096 + 4096 * 64 + 256;
  EXPECT_EQ(operands(t).traffic(), bytes);
  EXPECT_EQ(cycles(t, config), Cycles(ceil_div(bytes, 512) + 32));
}

TEST(TensorTimingTest, AccumulationReadsCAsWell) {
  Tile t = dense_tile(16, 16, 16, DType::kBf16);
  const std::uint64_t fresh = operands(t).traffic();
  t.accumulate = true;
  EXPECT_EQ(operands(t).traffic(), fresh + 16 * 16 * 4);
}

TEST(TensorTimingTest, TheWiderOperandDecidesTheRate) {
  const Config config;
  Tile t = dense_tile(16, 16, 512, DType::kFp8E4m3);
  EXPECT_EQ(depth(t, config), 32U);
  t.dtype_a = DType::kBf16;
  EXPECT_EQ(depth(t, config), 16U);
  t.dtype_b = DType::kF32;
  EXPECT_EQ(depth(t, config), 2U);
}

TEST(TensorConfigTest, TheDefaultsAreValid) {
  const Config config;
  EXPECT_NO_THROW(schema().check(config));
  EXPECT_EQ(config.array_m * config.array_n * config.depth_8bit, 8192U);
}

}  // namespace
}  // namespace aipu::tensor
