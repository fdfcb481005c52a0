// SPDX-License-Identifier: Apache-2.0
// The matrix product by blocks: commands, bytes and order, on shapes that do and do not divide.
#include "sim/workload/matmul.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>

#include "hw/base/error.h"
#include "tests/firmware/host/recorded.h"

namespace aipu::test {
namespace {

namespace abi = regs::abi;
using workload::MatmulCounts;
using workload::MatmulShape;
using workload::MatmulTiling;

constexpr std::uint64_t kA = 0, kScales = 1ULL << 28U, kOut = 1ULL << 29U, kWeights = 1ULL << 30U;
constexpr std::uint64_t kTable = 1ULL << 40U;

struct Shape {
  const char* what;
  MatmulShape shape;
  friend void PrintTo(const Shape& s, std::ostream* out) { *out << s.what; }
};

MatmulShape shape(std::uint32_t rows, std::uint32_t k, std::uint32_t cols, DType dtype, DType out) {
  MatmulShape s;
  s.rows = rows;
  s.k = k;
  s.cols = cols;
  s.dtype = dtype;
  s.out = out;
  return s;
}

MatmulShape scaled(MatmulShape s, std::uint32_t scale_k, std::uint32_t scale_n, bool one_row) {
  s.scaled_a = s.scaled_b = true;
  s.scale_k = scale_k;
  s.scale_n = scale_n;
  s.one_row_of_scales = one_row;
  return s;
}

MatmulShape pairs(MatmulShape s) {
  s.pairs = true;
  return s;
}

hc_launch_t launch_of(const MatmulTiling& t, std::uint32_t cores) {
  hc_launch_t e{};
  e.kernel = HC_KERNEL_MATMUL;
  e.core_count = e.phase_signals = cores;
  hc_matmul_args_t& a = e.args.matmul;
  a = t.args();
  a.a = Gaddr::shared(kA).raw;
  a.scale_a = t.shape.scaled_a ? Gaddr::shared(kScales).raw : 0;
  a.out = Gaddr::shared(kOut).raw;
  a.w = Gaddr::hbm(kWeights).raw;
  a.a_stride = t.shape.k * size_of(t.shape.dtype);
  a.out_stride = t.shape.cols * size_of(t.shape.out);
  a.scale_a_stride =
      t.shape.one_row_of_scales ? 0 : t.k_scales(t.shape.k) * std::uint32_t{sizeof(float)};
  return e;
}

/// What all cores issued together.
struct Issued {
  MatmulCounts counts;
  std::uint32_t signals = 0;
  std::map<std::uint64_t, std::uint32_t> weight_loads;  ///< by offset from the first weight
};

void count_copy(const dma::Descriptor& d, Issued& all) {
  const Gaddr from = d.source.base, to = d.destination.base;
  if (d.source.local) {
    all.counts.results += d.total();
  } else if (from.space() == Gaddr::hbm(0).space()) {
    if (from.offset() >= kTable) {
      all.counts.table += d.total();
      return;
    }
    all.counts.weights += d.total();
    ++all.weight_loads[from.offset() - kWeights];
  } else {
    all.counts.activations += d.total();
  }
  (void)to;
}

void count_core(std::uint32_t core, Issued& all) {
  for (const recorded_t& r : Recorded::all()) {
    if (r.kind != RECORDED_COMMAND) continue;
    for (unsigned which = 0; which < 2; ++which) {
      if (r.words[abi::kWAdd0 + which] >> abi::kAdd0ScopeShift == abi::kScopeAllCores)
        all.signals += Recorded::add_amount(r, which);
    }
    switch (r.queue) {
      case abi::kQueueTensor: {
        const tensor::Tile t = Recorded::tile_of(r);
        ++all.counts.products;
        all.counts.flops += 2ULL * t.m * t.n * t.k;
        break;
      }
      case abi::kQueueVector:
        ++all.counts.vectors;
        break;
      default: {
        ++(r.queue == abi::kQueueLoad ? all.counts.loads : all.counts.stores);
        const dma::Descriptor d = Recorded::copy_of(r, core);
        if (!d.fill) count_copy(d, all);
      }
    }
  }
}

void expect_equal(const MatmulCounts& got, const MatmulCounts& want) {
  EXPECT_EQ(got.loads, want.loads);
  EXPECT_EQ(got.stores, want.stores);
  EXPECT_EQ(got.products, want.products);
  EXPECT_EQ(got.vectors, want.vectors);
  EXPECT_EQ(got.weights, want.weights);
  EXPECT_EQ(got.activations, want.activations);
  EXPECT_EQ(got.results, want.results);
  EXPECT_EQ(got.table, want.table);
  EXPECT_EQ(got.flops, want.flops);
}

std::uint32_t target_of(const recorded_t& r, std::uint32_t counter) {
  const std::uint32_t wait = r.words[abi::kWWait];
  if ((wait >> abi::kWaitEnable0Shift & 1U) != 0 && (wait & 0x3FU) == counter)
    return r.words[abi::kWWait0Target];
  const bool second = (wait >> abi::kWaitEnable1Shift & 1U) != 0;
  if (second && (wait >> abi::kWaitCounter1Shift & 0x3FU) == counter)
    return r.words[abi::kWWait1Target];
  return 0;
}

/// Fails where a load may overwrite what an earlier product still reads: it waits for `freed` of
/// the last of them.
void expect_no_overwritten_tile(std::uint32_t core) {
  std::vector<std::pair<Access, std::uint32_t>> read;  // and `freed` when it has been
  std::uint32_t freed = 0;
  for (const recorded_t& r : Recorded::all()) {
    if (r.kind != RECORDED_COMMAND) continue;
    if (r.queue == abi::kQueueTensor) {
      std::vector<Access> operands;
      for (const Access& a : Recorded::accesses(r, core))
        if (!a.write) operands.push_back(a);
      for (unsigned which = 0; which < 2; ++which)
        if (Recorded::add_counter(r, which) == HC_COUNTER_FREED)
          freed += Recorded::add_amount(r, which);
      // The product that frees a slot is the last of its step.
      const std::uint32_t after =
          Recorded::add_counter(r, 0) == HC_COUNTER_FREED && Recorded::add_amount(r, 0) != 0
              ? freed
              : freed + 1;
      for (const Access& a : operands)
        read.push_back({a, after});
    } else if (r.queue == abi::kQueueLoad) {
      const std::uint32_t target = target_of(r, HC_COUNTER_FREED);
      for (const Access& a : Recorded::accesses(r, core)) {
        for (const auto& [operand, needed] : read)
          ASSERT_TRUE(!a.meets(operand) || needed <= target)
              << fmt::format("{:#x}..{:#x} is loaded at {} of {}", a.begin, a.end, target, needed);
      }
      // What lies under a load is gone.
      const Access a = Recorded::accesses(r, core)[0];
      read.erase(
          std::remove_if(read.begin(), read.end(), [&](const auto& o) { return a.meets(o.first); }),
          read.end());
    }
  }
}

/// Fails where a fresh product may overwrite a result that is still stored.
void expect_no_overwritten_result(std::uint32_t core) {
  std::vector<std::pair<Access, std::uint32_t>> stores;
  std::uint32_t stored = 0, waited = 0;
  for (const recorded_t& r : Recorded::all()) {
    if (r.kind != RECORDED_COMMAND) continue;
    if (r.queue == abi::kQueueStore && Recorded::add_counter(r, 0) == HC_COUNTER_STORED) {
      ++stored;
      for (const Access& a : Recorded::accesses(r, core))
        if (!a.write) stores.push_back({a, stored});
    } else if (r.queue == abi::kQueueTensor) {
      // The queue begins in order: what an earlier product waited for is there.
      waited = std::max(waited, target_of(r, HC_COUNTER_STORED));
      for (const Access& a : Recorded::accesses(r, core)) {
        for (const auto& [store, needed] : stores)
          ASSERT_TRUE(!a.write || !a.meets(store) || needed <= waited);
      }
    }
  }
}

bool in_areas(const Access& a, const hc_matmul_args_t& args) {
  const std::uint64_t end = std::uint64_t{HC_SRAM_STREAM} + args.ring;
  const auto inside = [&](std::uint64_t from, std::uint64_t to) {
    return a.begin >= from && a.end <= to;
  };
  if (inside(HC_SRAM_SCRATCH, HC_SRAM_STREAM)) return true;
  if (args.ring != 0) return inside(HC_SRAM_STREAM, end) || inside(end, regs::core::kSramSize);
  return in_stream(a) || inside(HC_SRAM_INPUT, HC_SRAM_INPUT + HC_SRAM_INPUT_BYTES) ||
         inside(HC_SRAM_ACC0, HC_SRAM_ACC1 + HC_SRAM_ACC_BYTES);
}

class MatmulKernelTest : public testing::TestWithParam<std::tuple<Shape, std::uint32_t>> {
 protected:
  const MatmulShape& shape() const { return std::get<0>(GetParam()).shape; }
  std::uint32_t cores() const { return std::get<1>(GetParam()); }
};

TEST_P(MatmulKernelTest, IssuesMovesAndComputesWhatTheFormulasSay) {
  const MatmulTiling t = workload::tile_matmul(shape(), cores());
  const hc_launch_t launch = launch_of(t, cores());
  Issued all;
  for (std::uint32_t core = 0; core < cores(); ++core) {
    recorder_start(core, cores(), 0);
    ASSERT_EQ(recorder_run(&launch), 1);
    count_core(core, all);
  }
  expect_equal(all.counts, matmul_counts(t, cores()));
  EXPECT_EQ(all.signals, cores());
  std::map<std::uint64_t, std::uint32_t> packed;
  workload::for_each_packed_tile(t, [&](const workload::PackedTile& tile) {
    packed[tile.offset] = t.row_blocks(shape().rows);
  });
  EXPECT_EQ(all.weight_loads, packed) << "every tile once for each block of rows";
}

// Two launches: the second finds the ring as the first has left it.
TEST_P(MatmulKernelTest, NothingIsOverwrittenThatIsStillRead) {
  const MatmulTiling t = workload::tile_matmul(shape(), cores());
  const hc_launch_t launch = launch_of(t, cores());
  recorder_start(0, cores(), 0);
  ASSERT_EQ(recorder_run(&launch), 1);
  ASSERT_EQ(recorder_run(&launch), 1);
  for (const recorded_t& r : Recorded::all()) {
    for (const Access& a : Recorded::accesses(r))
      ASSERT_TRUE(in_areas(a, launch.args.matmul)) << fmt::format("{:#x}..{:#x}", a.begin, a.end);
  }
  expect_no_overwritten_tile(0);
  if (shape().rows <= 128) return;  // whoever streams waits for the kernel before by `phase`
  recorder_start(0, cores(), 0);
  ASSERT_EQ(recorder_run(&launch), 1);
  expect_no_overwritten_result(0);
}

TEST_P(MatmulKernelTest, OnlyFirstProductsStartAfreshAndLastOnesAreCounted) {
  const MatmulTiling t = workload::tile_matmul(shape(), cores());
  const hc_launch_t launch = launch_of(t, cores());
  recorder_start(0, cores(), 0);
  ASSERT_EQ(recorder_run(&launch), 1);
  std::uint32_t fresh = 0, parts = 0;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueTensor))
    fresh += Recorded::tile_of(r).accumulate ? 0 : 1;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore))
    parts += Recorded::add_counter(r, 0) == HC_COUNTER_STORED ? 1 : 0;
  EXPECT_EQ(fresh, parts);
  EXPECT_EQ(Recorded::added(HC_COUNTER_MAC), parts);
  EXPECT_EQ(Recorded::added(HC_COUNTER_FILLED), Recorded::of_queue(abi::kQueueLoad).size());
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, MatmulKernelTest,
    testing::Combine(
        testing::Values(
            Shape{"vector", shape(1, 4096, 1024, DType::kFp8E4m3, DType::kBf16)},
            Shape{"odd vector", shape(3, 1000, 333, DType::kBf16, DType::kF32)},
            Shape{"long vector", shape(1, 16384, 128, DType::kFp8E4m3, DType::kF32)},
            Shape{"tiny", shape(1, 1, 1, DType::kF32, DType::kF32)},
            Shape{"integers", shape(5, 700, 100, DType::kInt8, DType::kInt32)},
            Shape{"block scales",
                  scaled(shape(8, 4000, 700, DType::kFp8E4m3, DType::kBf16), 128, 128, false)},
            Shape{"channel scales",
                  scaled(shape(2, 2048, 300, DType::kInt8, DType::kBf16), 0, 1, false)},
            Shape{"one scale",
                  scaled(shape(16, 2048, 300, DType::kFp8E4m3, DType::kFp8E4m3), 0, 0, true)},
            Shape{"pairs", pairs(shape(4, 2048, 500, DType::kBf16, DType::kBf16))},
            Shape{"too many rows to stay", shape(100, 4096, 600, DType::kBf16, DType::kBf16)},
            Shape{"blocks", shape(1024, 2048, 1024, DType::kFp8E4m3, DType::kBf16)},
            Shape{"odd blocks", shape(777, 1111, 555, DType::kBf16, DType::kF32)},
            Shape{"scaled blocks",
                  scaled(shape(600, 1500, 700, DType::kFp8E4m3, DType::kBf16), 128, 128, false)},
            Shape{"scaled rows of blocks",
                  scaled(shape(600, 1500, 700, DType::kInt8, DType::kInt8), 0, 1, false)},
            Shape{"pairs of blocks", pairs(shape(300, 900, 400, DType::kFp8E4m3, DType::kBf16))}),
        testing::Values(1U, 3U, 32U)),
    [](const auto& i) {
      std::string name = std::get<0>(i.param).what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return fmt::format("{}_{}", name, std::get<1>(i.param));
    });

class GroupedMatmulTest : public testing::TestWithParam<std::vector<std::uint32_t>> {};

TEST_P(GroupedMatmulTest, EveryExpertHasItsRowsAndEmptyOnesNothing) {
  const std::vector<std::uint32_t>& rows = GetParam();
  const auto most = *std::max_element(rows.begin(), rows.end());
  for (const std::uint32_t cores : {1U, 3U, 32U}) {
    const MatmulTiling t =
        workload::tile_matmul(shape(most, 1024, 600, DType::kFp8E4m3, DType::kBf16), cores,
                              static_cast<std::uint32_t>(rows.size()));
    hc_launch_t launch = launch_of(t, cores);
    launch.args.matmul.table = Gaddr::hbm(kTable).raw;
    launch.args.matmul.groups = static_cast<std::uint32_t>(rows.size());
    launch.args.matmul.group_stride = static_cast<std::uint32_t>(t.group_bytes());
    Issued all;
    for (std::uint32_t core = 0; core < cores; ++core) {
      recorder_start(core, cores, 0);
      auto* table = reinterpret_cast<hc_arrival_t*>(recorder_scratch());
      std::uint32_t first = 0;
      for (std::size_t i = 0; i < rows.size(); first += rows[i++])
        table[i] = {rows[i], first};
      ASSERT_EQ(recorder_run(&launch), 1);
      count_core(core, all);
    }
    expect_equal(all.counts, grouped_counts(t, rows, cores));
    EXPECT_EQ(all.signals, cores);
    for (const auto& [offset, loads] : all.weight_loads)
      EXPECT_NE(rows[offset / t.group_bytes()], 0U) << "weights of an empty expert";
  }
}

INSTANTIATE_TEST_SUITE_P(Rows, GroupedMatmulTest,
                         testing::Values(std::vector<std::uint32_t>{4, 0, 1, 8},
                                         std::vector<std::uint32_t>{0, 0, 700, 0, 33},
                                         std::vector<std::uint32_t>{1}));

TEST(MatmulTilingTest, RefusesWhatNoTilesCanServe) {
  EXPECT_THROW(workload::tile_matmul(shape(0, 64, 64, DType::kBf16, DType::kF32), 32), UserError);
  const MatmulShape odd = scaled(shape(1, 64, 64, DType::kFp8E4m3, DType::kF32), 100, 128, false);
  EXPECT_THROW(workload::tile_matmul(odd, 32), UserError);
  const MatmulShape split =
      pairs(scaled(shape(1, 256, 200, DType::kFp8E4m3, DType::kF32), 128, 128, false));
  EXPECT_THROW(workload::tile_matmul(split, 32), UserError);
  EXPECT_THROW(
      workload::cut_blocks(shape(512, 512, 512, DType::kBf16, DType::kF32), 1024, 1024, 256, 128),
      UserError);
}

TEST(MatmulTilingTest, EveryCoreOfALargeProductHasTheSameShare) {
  for (const DType type : {DType::kFp8E4m3, DType::kBf16, DType::kInt8}) {
    const MatmulTiling t = workload::tile_matmul(shape(4096, 4096, 4096, type, DType::kF32), 32);
    EXPECT_EQ(t.row_blocks(4096) * t.column_blocks() % 32, 0U);
    EXPECT_NE(t.ring, 0U) << "by blocks";
  }
}

}  // namespace
}  // namespace aipu::test
