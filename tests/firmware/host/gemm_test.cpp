// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "sim/workload/tiling.h"
#include "tests/firmware/host/recorded.h"

namespace aipu::test {
namespace {

namespace abi = regs::abi;
using workload::GemmTiling;

/// A GEMM of `rows` x 512 by 512 x 200 on four cores.
hc_launch_t gemm(const GemmTiling& t, std::uint32_t rows, hc_epilogue epilogue, DType out) {
  hc_launch_t launch{};
  launch.kernel = HC_KERNEL_GEMM;
  launch.core_count = t.cores;
  hc_gemm_args_t& a = launch.args.gemm;
  a.a = Gaddr::shared(0).raw;
  a.w = Gaddr::hbm(1U << 28U).raw;
  a.out = Gaddr::shared(1U << 24U).raw;
  a.rows = rows;
  a.k = t.k;
  a.cols = t.cols;
  a.unit = t.unit;
  a.tile_n = t.tile_n;
  a.tile_k = t.tile_k;
  a.core_stride_lo = static_cast<std::uint32_t>(t.core_stride);
  a.dtype = static_cast<std::uint32_t>(t.dtype);
  a.out_dtype = static_cast<std::uint32_t>(out);
  a.epilogue = epilogue;
  a.a_stride = t.k * size_of(t.dtype);
  a.out_stride = t.cols * size_of(out);
  a.resident = t.resident(rows) ? 1 : 0;
  a.ranks = 4;
  a.rank = 1;
  a.slice = 52;
  return launch;
}

GemmTiling tiling(std::uint32_t rows, std::uint32_t width = 1, DType dtype = DType::kBf16) {
  return workload::tile_gemm(rows, 512, 200, width, dtype, 4);
}

/// Products that all cores issue, and a check that every weight tile of the host is loaded.
std::uint64_t products_of_all_cores(const hc_launch_t& launch, const GemmTiling& t) {
  std::multiset<std::uint64_t> loaded, packed;
  std::uint64_t products = 0;
  for (std::uint32_t core = 0; core < t.cores; ++core) {
    recorder_start(core, 4, 1);
    EXPECT_EQ(recorder_run(&launch), 1);
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueLoad))
      loaded.insert(Recorded::copy_of(r, core).source.base.offset() - (1U << 28U));
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueTensor)) {
      const tensor::Tile tile = Recorded::tile_of(r);
      products += std::uint64_t{tile.m} * tile.n * tile.k;
    }
  }
  workload::for_each_tile(t, [&](std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t,
                                 std::uint32_t, std::uint64_t offset) { packed.insert(offset); });
  EXPECT_EQ(loaded, packed);
  return products;
}

TEST(GemmKernelTest, ResidentActivationsAreLoadedOnceAndWeightsAsTheyArePacked) {
  const GemmTiling t = tiling(8);
  const hc_launch_t launch = gemm(t, 8, HC_EPILOGUE_STORE, DType::kF32);
  ASSERT_EQ(launch.args.gemm.resident, 1U);
  EXPECT_EQ(products_of_all_cores(launch, t), 8U * 512 * 200);
  std::size_t inputs = 0;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore))
    if (Recorded::copy_of(r, 3).destination.local) ++inputs;
  EXPECT_EQ(inputs, 1U);
  EXPECT_TRUE(Recorded::of_queue(abi::kQueueVector).empty()) << "F32 needs no conversion";
}

TEST(GemmKernelTest, StreamedActivationsComeWithEveryWeightTile) {
  const std::uint32_t rows = 64;
  GemmTiling t = tiling(rows, 1, DType::kF32);
  hc_launch_t launch = gemm(t, rows, HC_EPILOGUE_STORE, DType::kBf16);
  launch.args.gemm.resident = 0;
  EXPECT_EQ(products_of_all_cores(launch, t), std::uint64_t{rows} * 512 * 200);
  std::size_t inputs = 0;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore)) {
    const dma::Descriptor d = Recorded::copy_of(r, 3);
    if (!d.fill && d.destination.local) ++inputs;
  }
  EXPECT_EQ(inputs, Recorded::of_queue(abi::kQueueTensor).size());
  // Each product consumes a weight tile and an input tile of the ring.
  EXPECT_EQ(Recorded::added(HC_COUNTER_FREED), 2 * Recorded::of_queue(abi::kQueueTensor).size());
}

TEST(GemmKernelTest, OnlyTheFirstProductOfAColumnTileStartsAfresh) {
  const GemmTiling t = tiling(8, 1, DType::kF32);
  ASSERT_LT(t.tile_k, 512U);
  const hc_launch_t launch = gemm(t, 8, HC_EPILOGUE_STORE, DType::kF32);
  recorder_start(0, 4, 1);
  ASSERT_EQ(recorder_run(&launch), 1);
  std::uint64_t accumulator = 0, fresh = 0, columns = 0;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueTensor)) {
    const tensor::Tile tile = Recorded::tile_of(r);
    const std::uint64_t c = tensor::operands(tile)[2].offset;
    if (c != accumulator) {
      accumulator = c;
      ++columns;
    }
    if (!tile.accumulate) ++fresh;
  }
  EXPECT_EQ(fresh, columns);
  EXPECT_EQ(Recorded::added(HC_COUNTER_MAC), fresh) << "counted when a column tile is complete";
}

TEST(GemmKernelTest, SwigluStoresHalfOfWhatItMultiplies) {
  const GemmTiling t = tiling(8, 2);
  const hc_launch_t launch = gemm(t, 8, HC_EPILOGUE_SWIGLU, DType::kBf16);
  EXPECT_EQ(products_of_all_cores(launch, t), 2U * 8 * 512 * 200);
  std::uint64_t stored = 0;
  for (std::uint32_t core = 0; core < t.cores; ++core) {
    recorder_start(core, 4, 1);
    recorder_run(&launch);
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueVector))
      EXPECT_EQ(Recorded::operation_of(r).opcode, vector::Opcode::kSwiglu);
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore))
      if (const auto d = Recorded::copy_of(r, core); d.source.local) stored += d.total();
  }
  EXPECT_EQ(stored, 8U * 200 * 2);
}

TEST(GemmKernelTest, PartialSumsGoToTheOwnersOfTheirColumns) {
  const GemmTiling t = tiling(8);
  const hc_launch_t launch = gemm(t, 8, HC_EPILOGUE_REDUCE, DType::kBf16);
  std::vector<std::uint64_t> bytes(4);
  for (std::uint32_t core = 0; core < t.cores; ++core) {
    recorder_start(core, 4, 1);
    recorder_run(&launch);
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueDirectcom))
      bytes[r.words[regs::directcom::kWDstHi] >> 16U & 0xFFFU] +=
          std::uint64_t{r.words[regs::directcom::kWBytes]} * r.words[regs::directcom::kWRows];
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore))
      if (const auto d = Recorded::copy_of(r, core); !d.fill && d.source.local)
        bytes[1] += d.total();
  }
  // 200 columns in slices of 52: 52, 52, 52, 44; AIPU 1 keeps its own.
  EXPECT_EQ(bytes, (std::vector<std::uint64_t>{832, 832, 832, 704}));
}

TEST(GemmKernelTest, ArgmaxStoresOnePairForEachRowAndCore) {
  const GemmTiling t = tiling(8);
  const hc_launch_t launch = gemm(t, 8, HC_EPILOGUE_ARGMAX, DType::kF32);
  for (std::uint32_t core = 0; core < t.cores; ++core) {
    recorder_start(core, 4, 1);
    recorder_run(&launch);
    std::vector<dma::Descriptor> stores;
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore))
      if (const auto d = Recorded::copy_of(r, core); d.source.local) stores.push_back(d);
    ASSERT_EQ(stores.size(), 1U);
    EXPECT_EQ(stores[0].total(), 8U * 8U);
    EXPECT_EQ(stores[0].destination.base.offset(), (1U << 24U) + core * 64U);
  }
}

}  // namespace
}  // namespace aipu::test
