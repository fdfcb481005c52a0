// SPDX-License-Identifier: Apache-2.0
// RMSNorm with its residual, and the second half of an all-reduce, command by command.
#include <gmock/gmock.h>

#include "tests/firmware/host/recorded.h"

namespace aipu::test {
namespace {

namespace abi = regs::abi;
using testing::ElementsAre;

hc_launch_t norm(std::uint32_t rows, bool delta) {
  hc_launch_t launch{};
  launch.kernel = HC_KERNEL_NORM;
  launch.core_count = 1;
  hc_norm_args_t& a = launch.args.norm;
  a.x = Gaddr::shared(0).raw;
  a.delta = Gaddr::shared(1U << 20U).raw;
  a.weight = Gaddr::hbm(1U << 28U).raw;
  a.y = Gaddr::shared(1U << 21U).raw;
  a.rows = rows;
  a.hidden = 256;
  a.delta_dtype = delta ? static_cast<std::uint32_t>(DType::kBf16) : HC_NO_DELTA;
  a.y_dtype = static_cast<std::uint32_t>(DType::kFp8E4m3);
  a.epsilon = 0x3727C5AC;
  return launch;
}

std::vector<vector::Opcode> opcodes() {
  std::vector<vector::Opcode> out;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueVector))
    out.push_back(Recorded::operation_of(r).opcode);
  return out;
}

/// Bytes that leave the SRAM, by offset in shared SRAM.
std::vector<std::pair<std::uint64_t, std::uint64_t>> stores() {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore))
    if (const auto d = Recorded::copy_of(r); !d.fill && d.source.local)
      out.emplace_back(d.destination.base.offset(), d.total());
  return out;
}

TEST(NormKernelTest, AddsTheDeltaKeepsTheSumAndStoresTheNorm) {
  recorder_start(0, 1, 0);
  const hc_launch_t launch = norm(3, true);
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_THAT(opcodes(), ElementsAre(vector::Opcode::kAdd, vector::Opcode::kRmsnorm));
  using Store = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_THAT(stores(), ElementsAre(Store{0, 3 * 256 * 4}, Store{1U << 21U, 3 * 256}));
  EXPECT_EQ(Recorded::of_queue(abi::kQueueLoad).size(), 1U) << "the weights, ahead of everything";
  EXPECT_EQ(Recorded::added(HC_COUNTER_FREED), 1U);
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE), 1U);
}

TEST(NormKernelTest, WithoutADeltaTheResidualIsLeftAlone) {
  recorder_start(0, 1, 0);
  const hc_launch_t launch = norm(3, false);
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_THAT(opcodes(), ElementsAre(vector::Opcode::kRmsnorm));
  using Store = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_THAT(stores(), ElementsAre(Store{1U << 21U, 3 * 256}));
}

TEST(NormKernelTest, RowsThatDoNotFitComeInBlocksThatWaitForTheStoresBefore) {
  recorder_start(0, 1, 0);
  const hc_launch_t launch = norm(1000, true);  // 1.8 MB of x, delta and y
  ASSERT_EQ(recorder_run(&launch), 1);
  std::size_t norms = 0, waits = 0;
  for (const recorded_t& r : Recorded::all()) {
    if (r.kind == RECORDED_WAIT && r.words[0] == HC_COUNTER_STORED) ++waits;
    if (r.kind == RECORDED_COMMAND && r.queue == abi::kQueueVector &&
        Recorded::operation_of(r).opcode == vector::Opcode::kRmsnorm)
      ++norms;
    for (const Access& a : Recorded::accesses(r))
      EXPECT_TRUE(in_stream(a) ||
                  (a.begin >= HC_SRAM_INPUT && a.end <= HC_SRAM_INPUT + HC_SRAM_INPUT_BYTES));
  }
  EXPECT_GT(norms, 1000U * 256 * 7 / HC_SRAM_INPUT_BYTES);
  EXPECT_EQ(waits, norms - 1);
  std::uint64_t y = 0;
  for (const auto& [offset, bytes] : stores())
    if (offset >= 1U << 21U) y += bytes;
  EXPECT_EQ(y, 1000U * 256);
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE), 1U) << "the last block reports";
}

TEST(ReduceKernelTest, SumsTheOwnSliceAndSendsItToEveryRank) {
  hc_launch_t launch{};
  launch.kernel = HC_KERNEL_REDUCE;
  launch.core_count = 2;
  hc_reduce_args_t& a = launch.args.reduce;
  a.inbox = Gaddr::shared(0).raw;
  a.delta = Gaddr::shared(1U << 20U).raw;
  a.rows = 5;
  a.slice = a.columns = 64;
  a.first_column = 128;
  a.rank = 2;
  a.ranks = 4;
  a.first_aipu = 4;
  a.dtype = static_cast<std::uint32_t>(DType::kBf16);
  a.delta_stride = 256 * 2;
  a.unit = 32;
  recorder_start(1, 2, 6);  // columns 32..63 of the slice
  recorder_set_targets(0, 0, 77);
  ASSERT_EQ(recorder_run(&launch), 1);

  const recorded_t gather = Recorded::of_queue(abi::kQueueStore).front();
  EXPECT_EQ(gather.words[abi::kWWait] & 0x7FU, HC_COUNTER_REDUCE | 1U << abi::kWaitEnable0Shift);
  EXPECT_EQ(gather.words[abi::kWWait0Target], 77U);
  EXPECT_EQ(Recorded::copy_of(gather, 1).total(), 4U * 5 * 32 * 2) << "a plane from each rank";
  const auto sums = Recorded::of_queue(abi::kQueueVector);
  ASSERT_EQ(sums.size(), 1U);
  EXPECT_EQ(Recorded::operation_of(sums[0]).planes, 4U);

  std::vector<std::uint32_t> to;
  for (const recorded_t& r : Recorded::of_queue(abi::kQueueDirectcom)) {
    to.push_back(r.words[regs::directcom::kWDstHi] >> 16U & 0xFFFU);
    EXPECT_EQ(r.words[regs::directcom::kWDstLo], (1U << 20U) + (128 + 32) * 2);
    EXPECT_EQ(r.words[regs::directcom::kWBytes], 64U);
    EXPECT_EQ(r.words[regs::directcom::kWRows], 5U);
    EXPECT_EQ(r.words[regs::directcom::kWRemoteAdd] & 0x3FU, HC_COUNTER_GATHER);
  }
  EXPECT_THAT(to, ElementsAre(7U, 4U, 5U)) << "round the ring; its own copy is a store";
  EXPECT_EQ(Recorded::added(HC_COUNTER_GATHER), 1U);
}

}  // namespace
}  // namespace aipu::test
