// SPDX-License-Identifier: Apache-2.0
// Random numbers of the harts, and the kernels that keep the best columns and draw from them.
#include <cmath>
#include <cstring>
#include <gmock/gmock.h>

#include "firmware/rt/random.h"
#include "regs/dma.h"
#include "tests/firmware/host/hazards.h"

namespace aipu::test {
namespace {

namespace abi = regs::abi;
using testing::ElementsAre;
using testing::IsEmpty;

/// The definition in 64-bit arithmetic, from its description.
std::uint32_t defined(std::uint64_t seed, std::uint64_t position, std::uint64_t row) {
  constexpr std::uint64_t kWord = 0xFFFF'FFFFULL;
  std::uint64_t hash = 0;
  for (const std::uint64_t word : {seed & kWord, seed >> 32U, position, row}) {
    hash = ((hash ^ word) + 2'654'435'769ULL) & kWord;
    hash ^= hash / 65536;
    hash = hash * 2'246'822'507ULL & kWord;
    hash ^= hash / 8192;
    hash = hash * 3'266'489'909ULL & kWord;
    hash ^= hash / 65536;
  }
  return static_cast<std::uint32_t>(hash);
}

TEST(RandomTest, FollowsItsDefinition) {
  for (const std::uint64_t seed : {0ULL, 1ULL, 0x1234'5678'9ABC'DEF0ULL, ~0ULL}) {
    for (const std::uint32_t position : {0U, 1U, 4095U, ~0U}) {
      for (const std::uint32_t row : {0U, 7U, 255U}) {
        EXPECT_EQ(rt_random(static_cast<std::uint32_t>(seed),
                            static_cast<std::uint32_t>(seed >> 32U), position, row),
                  defined(seed, position, row));
      }
    }
  }
}

TEST(RandomTest, UniformBitsAreNumbersOfOneToTwo) {
  const auto value = [](std::uint32_t random) {
    const std::uint32_t bits = rt_uniform_bits(random);
    float number = 0;
    std::memcpy(&number, &bits, sizeof number);
    return number;
  };
  EXPECT_EQ(value(0), 1.0F);
  EXPECT_EQ(value(0x8000'0000U), 1.5F);
  EXPECT_EQ(value(~0U), 2.0F - 0x1p-23F);
}

/// Chi-square of 256 bins over numbers in which one argument counts up.
double chi_square(std::uint32_t (*draw)(std::uint32_t)) {
  constexpr int kBins = 256, kDraws = 256 * 400;
  std::vector<int> bins(kBins);
  for (std::uint32_t i = 0; i < kDraws; ++i)
    ++bins[draw(i) >> 24U];
  double sum = 0;
  for (const int count : bins)
    sum += std::pow(count - kDraws / kBins, 2) / (kDraws / kBins);
  return sum;
}

TEST(RandomTest, EveryArgumentAloneSpreadsEvenly) {
  // 255 degrees of freedom: mean 255, standard deviation 22.6; five of them either way.
  for (const auto draw : {+[](std::uint32_t i) { return rt_random(i, 0, 5, 0); },
                          +[](std::uint32_t i) { return rt_random(3, i, 5, 0); },
                          +[](std::uint32_t i) { return rt_random(3, 0, i, 0); },
                          +[](std::uint32_t i) { return rt_random(3, 0, 5, i); },
                          +[](std::uint32_t i) { return rt_random(3, 0, i / 64, i % 64); }}) {
    EXPECT_NEAR(chi_square(draw), 255, 5 * 22.6);
  }
}

TEST(RandomTest, NeighbouringStepsAreIndependent) {
  // Correlation of consecutive positions and rows: standard deviation 1 / sqrt(n).
  constexpr std::uint32_t kDraws = 40'000;
  double positions = 0, rows = 0;
  const auto centred = [](std::uint32_t x) { return (x * 0x1p-32 - 0.5) * std::sqrt(12.0); };
  for (std::uint32_t i = 0; i < kDraws; ++i) {
    const double here = centred(rt_random(9, 0, i, 0));
    positions += here * centred(rt_random(9, 0, i + 1, 0)) / kDraws;
    rows += here * centred(rt_random(9, 0, i, 1)) / kDraws;
  }
  EXPECT_LT(std::abs(positions), 5 / std::sqrt(kDraws));
  EXPECT_LT(std::abs(rows), 5 / std::sqrt(kDraws));
}

hc_launch_t top_k(std::uint32_t rows, std::uint32_t cols, std::uint32_t kept, std::uint32_t cores) {
  hc_launch_t launch{};
  launch.kernel = HC_KERNEL_TOP_K;
  launch.core_count = cores;
  hc_top_k_args_t& a = launch.args.top_k;
  a.logits = Gaddr::hbm(1U << 28U).raw;
  a.lists = Gaddr::shared(0).raw;
  a.rows = rows;
  a.cols = cols;
  a.stride = cols * 4;
  a.dtype = static_cast<std::uint32_t>(DType::kF32);
  a.unit = 8;
  a.kept = kept;
  a.first_column = 1000;
  a.ranks = 1;
  return launch;
}

TEST(TopKKernelTest, EveryColumnIsLookedAtOnceAndNothingIsOverwrittenEarly) {
  for (const std::uint32_t cores : {1U, 3U, 32U}) {
    std::uint64_t columns = 0, read = 0;
    for (std::uint32_t core = 0; core < cores; ++core) {
      recorder_start(core, cores, 0);
      recorder_take(55'555);
      const hc_launch_t launch = top_k(30, 4099, 20, cores);
      ASSERT_EQ(recorder_run(&launch), 1);
      for (const recorded_t& r : Recorded::of_queue(abi::kQueueVector)) {
        const auto op = Recorded::operation_of(r);
        EXPECT_EQ(op.opcode, vector::Opcode::kTopK);
        EXPECT_GE(op.param1, 1000U);
        columns += std::uint64_t{op.rows} * op.cols;
      }
      for (const recorded_t& r : Recorded::of_queue(abi::kQueueLoad))
        read += Recorded::copy_of(r, core).total();
      const auto stores = Recorded::of_queue(abi::kQueueStore);
      ASSERT_EQ(stores.size(), 1U);
      EXPECT_EQ(Recorded::copy_of(stores[0], core).destination.base.offset(), core * 30 * 20 * 8);
      EXPECT_EQ(Recorded::added(HC_COUNTER_GATHER), 1U);
      EXPECT_EQ(Recorded::added(HC_COUNTER_FREED), Recorded::of_queue(abi::kQueueLoad).size());
      EXPECT_EQ(Hazards(core).first(), "");
    }
    EXPECT_EQ(columns, 30U * 4099) << cores;
    EXPECT_EQ(read, 30U * 4099 * 4) << cores;
  }
}

TEST(TopKKernelTest, ACoreWithoutColumnsSendsAListOfNothing) {
  recorder_start(0, 4, 0);
  const hc_launch_t launch = top_k(2, 16, 3, 4);
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_THAT(Recorded::of_queue(abi::kQueueVector), IsEmpty());
  const auto stores = Recorded::of_queue(abi::kQueueStore);
  ASSERT_EQ(stores.size(), 2U);
  EXPECT_TRUE(Recorded::copy_of(stores[0]).fill);
  EXPECT_EQ(stores[0].words[regs::dma::kWSrcLo], ~0U);
  EXPECT_EQ(Hazards().first(), "");
}

TEST(TopKKernelTest, EveryRankGetsTheLists) {
  recorder_start(0, 1, 5);
  hc_launch_t launch = top_k(2, 64, 4, 1);
  launch.args.top_k.rank = 1;
  launch.args.top_k.ranks = 3;
  launch.args.top_k.first_aipu = 4;
  ASSERT_EQ(recorder_run(&launch), 1);
  std::vector<std::uint32_t> to;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueDirectcom)) {
    to.push_back(r.words[regs::directcom::kWDstHi] >> 16U & 0xFFFU);
    EXPECT_EQ(r.words[regs::directcom::kWDstLo], 1U * 2 * 4 * 8) << "its place among the ranks";
  }
  EXPECT_THAT(to, ElementsAre(6U, 4U));
}

hc_launch_t draw(std::uint32_t rows, std::uint32_t lists, std::uint32_t kept, std::uint32_t cores) {
  hc_launch_t launch{};
  launch.kernel = HC_KERNEL_DRAW;
  launch.core_count = cores;
  hc_draw_args_t& a = launch.args.draw;
  a.lists = Gaddr::shared(0).raw;
  a.ids = Gaddr::hbm(1U << 28U).raw;
  a.pairs = Gaddr::hbm(1U << 29U).raw;
  a.rows = rows;
  a.lists_count = lists;
  a.kept = kept;
  a.seed_low = 77;
  a.seed_high = 8;
  a.inverse_temperature = 0x3f800000;
  a.top_p = 0x3f000000;
  return launch;
}

TEST(DrawKernelTest, ListsAreMergedThenOneNumberARowDecides) {
  recorder_start(1, 2, 0);
  recorder_set_position(40);
  const hc_launch_t launch = draw(6, 8, 16, 2);  // rows 3, 4 and 5
  ASSERT_EQ(recorder_run(&launch), 1);
  const auto ops = Recorded::of_queue(abi::kQueueVector);
  ASSERT_EQ(ops.size(), 2U);
  const auto merge = Recorded::operation_of(ops[0]), sample = Recorded::operation_of(ops[1]);
  EXPECT_EQ(merge.opcode, vector::Opcode::kTopKMerge);
  EXPECT_EQ(merge.planes, 8U);
  EXPECT_EQ(sample.opcode, vector::Opcode::kSample);
  EXPECT_EQ(sample.src0, merge.dst);
  EXPECT_EQ(sample.cols, 16U);
  const std::uint32_t* draws = recorder_scratch() + (sample.src1 - HC_SRAM_SCRATCH) / 4;
  for (std::uint32_t r = 0; r < 3; ++r) {
    EXPECT_EQ(draws[2 * r], rt_uniform_bits(defined(8ULL << 32U | 77, 40, 3 + r)));
    EXPECT_EQ(draws[2 * r + 1], 0x3f000000U);
  }
  EXPECT_EQ(Hazards(1).first(), "");
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE), 1U);
}

TEST(DrawKernelTest, ManyRowsComeInBlocksThatWaitForEachOther) {
  std::uint64_t ids = 0;
  for (std::uint32_t core = 0; core < 3; ++core) {
    recorder_start(core, 3, 0);
    const hc_launch_t launch = draw(500, 32, 64, 3);
    ASSERT_EQ(recorder_run(&launch), 1);
    EXPECT_EQ(Hazards(core).first(), "");
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore)) {
      const auto d = Recorded::copy_of(r, core);
      if (!d.fill && d.source.local && d.destination.base.offset() < 1U << 29U) ids += d.total();
    }
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueVector)) {
      for (const Access& a : Recorded::accesses(r, core))
        EXPECT_TRUE((a.begin >= HC_SRAM_INPUT && a.end <= HC_SRAM_INPUT + HC_SRAM_INPUT_BYTES) ||
                    (a.begin >= HC_SRAM_SEND && a.end <= HC_SRAM_SEND + HC_SRAM_SEND_BYTES) ||
                    (a.begin >= HC_SRAM_SCRATCH + 0x400 && a.end <= HC_SRAM_SCRATCH + 0x800));
    }
  }
  EXPECT_EQ(ids, 500U * 4);
}

}  // namespace
}  // namespace aipu::test
