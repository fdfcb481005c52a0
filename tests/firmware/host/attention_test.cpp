// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/placement.h"
#include "tests/firmware/host/recorded.h"

namespace aipu::test {
namespace {

/// Prefill of `rows` rows of one sequence, `group` query heads to each of two key-value heads.
hc_launch_t prefill(DType dtype, std::uint32_t rows, std::uint32_t head_dim,
                    std::uint32_t block_rows, std::uint32_t group) {
  hc_launch_t launch{};
  launch.kernel = HC_KERNEL_ATTENTION;
  launch.core_count = 1;
  hc_attention_args_t& a = launch.args.attention;
  a.q = Gaddr::shared(0).raw;
  a.k_cache = Gaddr::hbm(1U << 28U).raw;
  a.v_cache = Gaddr::hbm(1U << 29U).raw;
  a.out = Gaddr::shared(1U << 24U).raw;
  a.partial = Gaddr::shared(1U << 25U).raw;
  a.state = Gaddr::shared(3U << 24U).raw;
  a.kv_heads = 2;
  a.q_heads = 2 * group;
  a.head_dim = head_dim;
  a.dtype = a.kv_dtype = static_cast<std::uint32_t>(dtype);
  a.head_stride = 1U << 22U;
  a.sequence_stride = 1U << 23U;
  a.span = {rows, rows, 0};
  a.block_rows = block_rows;
  a.splits = 1;
  a.tile_positions = 128;
  return launch;
}

std::vector<vector::Opcode> opcodes() {
  std::vector<vector::Opcode> out;
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueVector))
    out.push_back(Recorded::operation_of(r).opcode);
  return out;
}

class AttentionTest : public testing::Test {
 protected:
  AttentionTest() { recorder_start(0, 1, 0); }
};

// Two items are at work at once, in the two halves of the areas; a third one waits for the first.
TEST_F(AttentionTest, TwoItemsInFlightShareNoSramButTheStreamRing) {
  for (const DType dtype : {DType::kF32, DType::kBf16, DType::kFp8E4m3}) {
    recorder_start(0, 1, 0);
    workload::Job job;
    job.model.head_dim = 128;
    job.formats.operand = dtype;
    workload::Part part;
    part.query_heads.count = 8;
    part.kv_heads.count = 2;
    const workload::Pass pass{200, 200};
    const std::uint32_t block = workload::cut_attention(job, part, pass, 1).block_rows;
    ASSERT_GE(block, 4U);
    const hc_launch_t launch = prefill(dtype, 2 * block, 128, block, 4);  // 2 heads x 2 blocks
    ASSERT_EQ(recorder_run(&launch), 1);
    // Items end with softmax_end (vector) and a store; tell them apart by their inputs of q.
    std::vector<std::vector<Access>> items;
    for (const recorded_t& r : Recorded::all()) {
      if (r.kind == RECORDED_COMMAND && r.queue == regs::abi::kQueueStore &&
          Recorded::copy_of(r).destination.local && !Recorded::copy_of(r).source.local &&
          Recorded::copy_of(r).source.base.space() == Gaddr::Space::kShared)
        items.emplace_back();
      for (const Access& a : Recorded::accesses(r)) {
        EXPECT_LE(a.end, HC_SRAM_SEND) << "the send area is not its own";
        if (!in_stream(a) && !items.empty()) items.back().push_back(a);
      }
    }
    ASSERT_EQ(items.size(), 4U);
    for (const Access& a : items[0])
      for (const Access& b : items[1])
        EXPECT_FALSE(a.meets(b)) << std::hex << a.begin << ".." << a.end << " and " << b.begin
                                 << ".." << b.end;
  }
}

TEST_F(AttentionTest, EveryBlockMultipliesAllPositionsUpToItsLastRow) {
  const hc_launch_t launch = prefill(DType::kBf16, 40, 64, 16, 2);  // blocks of 16, 16, 8 rows
  recorder_set_position(100);
  ASSERT_EQ(recorder_run(&launch), 1);

  std::uint64_t products = 0;
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueTensor)) {
    const tensor::Tile t = Recorded::tile_of(r);
    products += std::uint64_t{t.m} * t.n * t.k;
  }
  const std::uint64_t per_head = 2ULL * 64 * 2 * (16 * 116 + 16 * 132 + 8 * 140);
  EXPECT_EQ(products, 2 * per_head);
}

TEST_F(AttentionTest, ASplitThatHasNoPositionsLeavesASumOfZero) {
  hc_launch_t launch = prefill(DType::kF32, 1, 64, 1, 4);
  launch.args.attention.splits = 4;
  recorder_set_position(200);  // 201 positions: two tiles for four splits
  ASSERT_EQ(recorder_run(&launch), 1);

  std::size_t fills = 0, partials = 0;
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueStore)) {
    const dma::Descriptor d = Recorded::copy_of(r);
    if (d.fill && d.destination.base.offset() >= 3U << 24U) {
      ++fills;
      EXPECT_EQ(d.pattern, 0U);
      EXPECT_EQ(d.total(), 4U * 8U) << "a maximum and a sum for each row";
    }
    if (!d.fill && d.source.local) ++partials;
  }
  EXPECT_EQ(fills, 2U * 2U);
  EXPECT_EQ(partials, 2U * 2U * 2U) << "output and state of each split that has positions";
  for (const auto opcode : opcodes())
    EXPECT_EQ(opcode, vector::Opcode::kSoftmaxStep);
}

TEST_F(AttentionTest, TheLastTileHasThePositionsThatAreLeft) {
  const hc_launch_t launch = prefill(DType::kF32, 1, 64, 1, 1);
  recorder_set_position(129);
  ASSERT_EQ(recorder_run(&launch), 1);
  std::vector<std::uint32_t> columns;
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueVector)) {
    const vector::Operation op = Recorded::operation_of(r);
    if (op.opcode == vector::Opcode::kSoftmaxStep) columns.push_back(op.cols);
  }
  EXPECT_EQ(columns, (std::vector<std::uint32_t>{128, 2, 128, 2})) << "two heads";
}

TEST_F(AttentionTest, OnlyTheLastItemOfACoreReportsTheKernelDone) {
  const hc_launch_t launch = prefill(DType::kF32, 48, 64, 16, 2);
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE) - 0U, 1U);
}

}  // namespace
}  // namespace aipu::test
