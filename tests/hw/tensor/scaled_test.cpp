// SPDX-License-Identifier: Apache-2.0
// Products with scales, against double and against the definition bit by bit.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

#include "hw/base/number_format.h"
#include "hw/tensor/multiply.h"
#include "regs/tensor.h"
#include "tests/hw/tensor/words.h"

namespace aipu::tensor {
namespace {

/// An SRAM with random operands and scales.
class Bench {
 public:
  explicit Bench(unsigned seed) : random_(seed), bytes_(regs::core::kSramSize, 0xA5) {}

  void fill(const Tile& t) {
    const SramTiles tiles = operands(t);
    std::normal_distribution<float> normal(0, t.integer() ? 50.0F : 1.0F);
    std::uniform_real_distribution<float> scale(0.01F, 2.0F);
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      const DType type = i == 0 ? t.dtype_a : i == 1 ? t.dtype_b : DType::kF32;
      for (std::uint32_t r = 0; r < tiles[i].rows; ++r) {
        for (std::uint64_t at = 0; at < tiles[i].row_bytes; at += size_of(type)) {
          const float value = i > 2 ? scale(random_) : normal(random_);
          store_number(type, value, bytes_.data() + tiles[i].offset + r * tiles[i].stride + at);
        }
      }
    }
  }
  float get(DType type, std::uint64_t offset) const {
    return load_number(type, bytes_.data() + offset);
  }
  float a(const Tile& t, std::uint32_t i, std::uint32_t k) const {
    return get(t.dtype_a, t.a + (std::uint64_t{i} * t.lda + k) * size_of(t.dtype_a));
  }
  float b(const Tile& t, std::uint32_t k, std::uint32_t j) const {
    const std::uint64_t index =
        t.transpose_b ? std::uint64_t{j} * t.ldb + k : std::uint64_t{k} * t.ldb + j;
    return get(t.dtype_b, t.b + index * size_of(t.dtype_b));
  }
  float c(const Tile& t, std::uint32_t i, std::uint32_t j) const {
    return get(DType::kF32, t.c + (std::uint64_t{i} * t.ldc + j) * sizeof(float));
  }
  /// The product of the scales of an element of C in a block of k, as the engine rounds it.
  float scale(const Tile& t, std::uint32_t i, std::uint32_t j, std::uint32_t kb) const {
    const std::uint32_t nb = t.scale_n == 0 ? 0 : j / t.scale_n;
    const float sa = t.scaled_a ? get(DType::kF32, t.scale_a + (i * t.ld_scale_a + kb) * 4) : 1.0F;
    const float sb = t.scaled_b ? get(DType::kF32, t.scale_b + (kb * t.ld_scale_b + nb) * 4) : 1.0F;
    return sa * sb;
  }
  std::uint32_t pick(std::uint32_t low, std::uint32_t high) {
    return std::uniform_int_distribution<std::uint32_t>(low, high)(random_);
  }
  std::vector<std::uint8_t>& bytes() { return bytes_; }

 private:
  std::mt19937 random_;
  std::vector<std::uint8_t> bytes_;
};

/// What an element of C must be, by the definition in F32.
float defined(const Bench& bench, const Tile& t, std::uint32_t i, std::uint32_t j) {
  float sum = t.accumulate ? bench.c(t, i, j) : 0.0F;
  for (std::uint32_t from = 0, kb = 0; from < t.k; from += t.k_block(), ++kb) {
    float chain = 0;
    std::int64_t exact = 0;
    for (std::uint32_t k = from; k < std::min(t.k, from + t.k_block()); ++k) {
      const volatile float product = bench.a(t, i, k) * bench.b(t, k, j);
      chain = chain + product;
      exact += static_cast<std::int64_t>(product);
    }
    const float partial = t.integer() ? static_cast<float>(exact) : chain;
    const volatile float scaled = partial * bench.scale(t, i, j, kb);
    sum = sum + scaled;
  }
  return sum;
}

void check(Bench& bench, const Tile& t) {
  ASSERT_TRUE(decode(regs::tensor::kOpMac, words_of(t)).ok());
  bench.fill(t);
  std::vector<float> wanted;
  for (std::uint32_t i = 0; i < t.m; ++i) {
    for (std::uint32_t j = 0; j < t.n; ++j)
      wanted.push_back(defined(bench, t, i, j));
  }
  multiply(t, bench.bytes().data());
  for (std::uint32_t i = 0; i < t.m; ++i) {
    for (std::uint32_t j = 0; j < t.n; ++j)
      ASSERT_EQ(bench.c(t, i, j), wanted[i * t.n + j]) << i << "," << j;
  }
}

constexpr DType kTypes[] = {DType::kFp8E4m3, DType::kBf16, DType::kInt8, DType::kF32};

TEST(TensorScaleTest, EveryKindOfScaleFollowsTheDefinition) {
  Bench bench(21);
  struct Kind {
    bool a, b;
    std::uint32_t scale_k, scale_n;
    bool shared_a, shared_b;
  };
  const Kind kinds[] = {
      {true, true, 128, 128, false, false},  // 1x128 by 128x128
      {false, true, 0, 0, false, true},      // per tensor
      {false, true, 0, 1, false, true},      // per channel
      {true, true, 0, 1, false, true},       // per token and channel
      {true, false, 0, 0, true, false},     {true, true, 50, 7, true, false},
      {true, false, 33, 0, false, false},   {true, true, 1000, 1000, false, false}};
  for (const DType type : kTypes) {
    for (const Kind& kind : kinds) {
      for (const std::uint32_t m : {1U, 2U, 9U}) {
        Tile t = dense_tile(m, bench.pick(1, 150), bench.pick(1, 300), type, bench.pick(0, 1) == 1);
        add_scales(t, kind.scale_k, kind.scale_n);
        t.scaled_a = kind.a;
        t.scaled_b = kind.b;
        if (kind.shared_a) t.ld_scale_a = 0;
        if (kind.shared_b) t.ld_scale_b = 0;
        t.accumulate = m == 2;
        t.lda += 3;
        t.ldb += 2;
        t.ldc += 1;
        ASSERT_NO_FATAL_FAILURE(check(bench, t)) << m << "x" << t.n << "x" << t.k;
      }
    }
  }
}

TEST(TensorScaleTest, BlockScalesAgreeWithDouble) {
  Bench bench(22);
  Tile t = dense_tile(17, 200, 500, DType::kFp8E4m3);
  add_scales(t, 128, 128);
  bench.fill(t);
  std::vector<double> wanted, magnitude;
  for (std::uint32_t i = 0; i < t.m; ++i) {
    for (std::uint32_t j = 0; j < t.n; ++j) {
      double sum = 0, size = 0;
      for (std::uint32_t k = 0; k < t.k; ++k) {
        const double scale_a = bench.get(DType::kF32, t.scale_a + (i * 4 + k / 128) * 4);
        const double scale_b = bench.get(DType::kF32, t.scale_b + (k / 128 * 2 + j / 128) * 4);
        const double term =
            static_cast<double>(bench.a(t, i, k)) * bench.b(t, k, j) * scale_a * scale_b;
        sum += term;
        size += std::abs(term);
      }
      wanted.push_back(sum);
      magnitude.push_back(size);
    }
  }
  multiply(t, bench.bytes().data());
  for (std::uint32_t i = 0; i < t.m; ++i) {
    for (std::uint32_t j = 0; j < t.n; ++j) {
      // A chain of 128, two roundings for the scales, a chain of four blocks.
      const std::size_t at = i * t.n + j;
      ASSERT_NEAR(bench.c(t, i, j), wanted[at], (128 + 2 + 4) * 0x1p-24 * magnitude[at]);
    }
  }
}

TEST(TensorScaleTest, CuttingKWhereScalesChangeGivesTheSameBits) {
  for (const DType type : kTypes) {
    Bench whole(23);
    Tile t = dense_tile(5, 40, 384, type);
    add_scales(t, 128, 16);
    whole.fill(t);
    Bench parts = whole;
    multiply(t, whole.bytes().data());
    Tile part = t;
    for (std::uint32_t kb = 0; kb < 3; ++kb) {
      part.k = 128;
      part.a = t.a + kb * 128 * size_of(type);
      part.b = t.b + kb * 128 * t.ldb * size_of(type);
      part.scale_a = t.scale_a + kb * 4;
      part.scale_b = t.scale_b + kb * t.ld_scale_b * 4;
      part.accumulate = kb > 0;
      multiply(part, parts.bytes().data());
    }
    EXPECT_EQ(parts.bytes(), whole.bytes());
  }
}

/// 32 random bits at a time.
using Words = std::independent_bits_engine<std::mt19937, 32, std::uint32_t>;

TEST(TensorFuzzTest, RandomWordsAreRefusedOrComputedInsideTheSram) {
  namespace reg = regs::tensor;
  Words random(24);
  constexpr std::size_t kGuard = 1U << 16U;
  std::vector<std::uint8_t> bytes(regs::core::kSramSize + 2 * kGuard, 0xEE);
  Scratch scratch;
  int legal = 0;
  for (int round = 0; round < 20'000; ++round) {
    CommandWords words{};
    for (std::uint32_t& word : words)
      word = random() % 9 == 0 ? random() >> random() % 32 : random() % 60;
    for (const std::uint32_t address :
         {reg::kWA, reg::kWB, reg::kWC, reg::kWScaleA, reg::kWScaleB}) {
      words[address] = regs::core::kSramBase + random() % (regs::core::kSramSize / 32) * 32;
    }
    words[reg::kWFlags] = random() & 0xF33U;
    const Decoded d = decode(reg::kOpMac, words);
    if (!d.ok()) continue;
    ++legal;
    multiply(d.tile, bytes.data() + kGuard, scratch);
    EXPECT_GT(cycles(d.tile, Config{}).count, 0U);
  }
  EXPECT_GT(legal, 200);
  for (std::size_t i = 0; i < kGuard; ++i) {
    ASSERT_EQ(bytes[i], 0xEE);
    ASSERT_EQ(bytes[bytes.size() - 1 - i], 0xEE);
  }
}

}  // namespace
}  // namespace aipu::tensor
