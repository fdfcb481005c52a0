// SPDX-License-Identifier: Apache-2.0
// Row operations, command by command.
#include <gmock/gmock.h>
#include <numeric>

#include "tests/firmware/host/hazards.h"

namespace aipu::test {
namespace {

namespace abi = regs::abi;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint32_t code(DType type) {
  return static_cast<std::uint32_t>(type);
}

/// Gelu of BF16, four rows a tile.
hc_launch_t gelu(std::uint32_t rows, std::uint32_t cols, std::uint32_t cores = 1) {
  hc_launch_t launch{};
  launch.kernel = HC_KERNEL_ROWS;
  launch.core_count = cores;
  hc_rows_args_t& a = launch.args.row_op;
  a.src0 = Gaddr::hbm(1U << 28U).raw;
  a.src1 = Gaddr::hbm(1U << 29U).raw;
  a.dst = Gaddr::shared(0).raw;
  a.out = Gaddr::shared(1U << 24U).raw;
  a.opcode = static_cast<std::uint32_t>(vector::Opcode::kGelu);
  a.rows = rows;
  a.cols = cols;
  a.dtype_src0 = a.dtype_dst = code(DType::kBf16);
  a.src0_stride = a.dst_stride = cols * 2;
  a.block_rows = 4;
  return launch;
}

/// L: load, S: store, V: vector, F: fence, in the order they were issued.
std::string order(std::uint32_t core = 0) {
  std::string text;
  for (const recorded_t& r : Recorded::all()) {
    if (r.kind != RECORDED_COMMAND) continue;
    if (r.queue == abi::kQueueVector) {
      text += 'V';
      continue;
    }
    const dma::Descriptor d = Recorded::copy_of(r, core);
    text += d.fill ? 'F' : d.source.local ? 'S' : 'L';
  }
  return text;
}

/// Bytes that leave the SRAM, by offset.
std::vector<std::pair<std::uint64_t, std::uint64_t>> stores(std::uint32_t core = 0) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore)) {
    const auto d = Recorded::copy_of(r, core);
    if (!d.fill && d.source.local) out.emplace_back(d.destination.base.offset(), d.total());
  }
  return out;
}

TEST(RowOpKernelTest, ATileIsLoadedWorkedOnAndStored) {
  recorder_start(0, 1, 0);
  recorder_set_targets(7, 9, 0);
  const hc_launch_t launch = gelu(18, 100);
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_EQ(order(), "LVSLVSLVSLVSLVSF");
  using Store = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_THAT(stores(), ElementsAre(Store{0, 800}, Store{800, 800}, Store{1600, 800},
                                    Store{2400, 800}, Store{3200, 400}));
  const recorded_t first = Recorded::of_queue(abi::kQueueLoad).front();
  EXPECT_EQ(first.words[abi::kWWait0Target], 7U) << "phase";
  EXPECT_EQ(first.words[abi::kWWait1Target], 9U) << "gather";
  EXPECT_EQ(Recorded::added(HC_COUNTER_FREED), 5U);
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE), 1U);
}

TEST(RowOpKernelTest, ACoreWithoutRowsReportsAllTheSame) {
  recorder_start(3, 32, 0);
  const hc_launch_t launch = gelu(4, 100, 32);
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_EQ(order(3), "F");
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE), 1U);
}

TEST(RowOpKernelTest, SharedRowsAreLoadedOnceBesideTheRing) {
  recorder_start(0, 1, 0);
  hc_launch_t launch = gelu(12, 64);
  hc_rows_args_t& a = launch.args.row_op;
  a.opcode = static_cast<std::uint32_t>(vector::Opcode::kLayernorm);
  a.src1_kind = HC_ROWS_SHARED;
  a.src1_rows = 2;
  a.src1_cols = 64;
  a.src1_stride = 64 * 4;
  a.add_src1 = 1;
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_EQ(order(), "LLVSLVSLVSF");
  const recorded_t weights = Recorded::of_queue(abi::kQueueStore).front();
  EXPECT_EQ(Recorded::copy_of(weights).destination.base.offset(), HC_SRAM_INPUT);
  EXPECT_EQ(Recorded::copy_of(weights).total(), 2U * 64 * 4);
  const auto op = Recorded::operation_of(Recorded::of_queue(abi::kQueueVector)[2]);
  EXPECT_EQ(op.src1, HC_SRAM_INPUT);
  EXPECT_EQ(op.ld_src1, 64U);
  EXPECT_TRUE(op.add_src1);
}

TEST(RowOpKernelTest, AWiderResultLiesBehindItsSource) {
  recorder_start(0, 1, 0);
  hc_launch_t launch = gelu(4, 64);
  hc_rows_args_t& a = launch.args.row_op;
  a.opcode = static_cast<std::uint32_t>(vector::Opcode::kDequantize);
  a.dtype_src0 = code(DType::kFp8E4m3);
  a.src0_stride = 64;
  a.src1_kind = HC_ROWS_GROUPED;
  a.src1_rows = 2;
  a.src1_cols = 1;
  a.src1_stride = 4;
  a.param0 = 64;
  a.param1 = 2;
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_EQ(order(), "LLVSF");
  const auto op = Recorded::operation_of(Recorded::of_queue(abi::kQueueVector)[0]);
  EXPECT_EQ(op.src1, op.src0 + 256);
  EXPECT_EQ(op.dst, op.src1 + 64);
}

TEST(RowOpKernelTest, GroupsLargerThanATileShareTheirScales) {
  recorder_start(0, 1, 0);
  hc_launch_t launch = gelu(16, 64);
  hc_rows_args_t& a = launch.args.row_op;
  a.opcode = static_cast<std::uint32_t>(vector::Opcode::kDequantize);
  a.src1_kind = HC_ROWS_GROUPED;
  a.src1_rows = a.param1 = 8;
  a.src1_cols = 1;
  a.src1_stride = 4;
  ASSERT_EQ(recorder_run(&launch), 1);
  std::vector<std::uint64_t> scales;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueLoad)) {
    const auto d = Recorded::copy_of(r);
    if (d.total() == 4) scales.push_back(d.source.base.offset() - (1U << 29U));
  }
  EXPECT_THAT(scales, ElementsAre(0U, 0U, 4U, 4U));
}

struct Shape {
  std::uint32_t rows, cols, block, cores;
};

class RowOpShapeTest : public testing::TestWithParam<Shape> {};

INSTANTIATE_TEST_SUITE_P(Each, RowOpShapeTest,
                         testing::Values(Shape{1, 1, 1, 1}, Shape{17, 4096, 4, 3},
                                         Shape{400, 4095, 8, 1}, Shape{100, 14336, 2, 7},
                                         Shape{33, 128, 16, 32}, Shape{1000, 7168, 3, 5},
                                         Shape{64, 65536, 1, 2}));

TEST_P(RowOpShapeTest, EveryRowIsDoneOnceAndNoTileIsOverwrittenEarly) {
  const Shape s = GetParam();
  std::uint64_t stored = 0, scales = 0;
  for (std::uint32_t core = 0; core < s.cores; ++core) {
    recorder_start(core, s.cores, 0);
    recorder_take(77'777);  // the ring is anywhere
    hc_launch_t launch = gelu(s.rows, s.cols, s.cores);
    hc_rows_args_t& a = launch.args.row_op;
    a.opcode = static_cast<std::uint32_t>(vector::Opcode::kQuantize);
    a.dtype_dst = code(DType::kFp8E4m3);
    a.dst_stride = s.cols;
    a.out = Gaddr::shared(1U << 24U).raw;
    a.imm0 = 0x43e00000;
    a.param0 = 128;
    a.out_cols = (s.cols + 127) / 128;
    a.out_stride = a.out_cols * 4;
    a.block_rows = s.block;
    ASSERT_EQ(recorder_run(&launch), 1);
    for (const auto& [offset, bytes] : stores(core))
      (offset < 1U << 24U ? stored : scales) += bytes;
    EXPECT_EQ(Hazards(core).first(), "");
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueVector))
      for (const Access& access : Recorded::accesses(r, core))
        EXPECT_TRUE(in_stream(access));
  }
  EXPECT_EQ(stored + scales, std::uint64_t{s.rows} * (s.cols + (s.cols + 127) / 128 * 4));
}

TEST(HazardsTest, AStoreThatDoesNotWaitForItsResultIsFound) {
  recorder_start(0, 1, 0);
  const hc_launch_t launch = gelu(8, 64);
  ASSERT_EQ(recorder_run(&launch), 1);
  ASSERT_EQ(Hazards().first(), "");
  for (std::uint32_t i = 0; i < recorder_count(); ++i) {
    auto* r = const_cast<recorded_t*>(recorder_at(i));
    if (r->kind == RECORDED_COMMAND && r->queue == abi::kQueueStore &&
        r->words[abi::kWWait0Target] == 2)
      r->words[abi::kWWait] = 0;
  }
  EXPECT_NE(Hazards().first(), "");
}

}  // namespace
}  // namespace aipu::test
