// SPDX-License-Identifier: Apache-2.0
// Caches and products by head: the commands of small shapes.
#include <gmock/gmock.h>

#include "tests/firmware/host/hazards.h"

namespace aipu::test {
namespace {

using testing::ElementsAre;

constexpr std::uint64_t kKeys = 1ULL << 30U, kValues = 2ULL << 30U;
constexpr std::uint32_t kHeads = 2, kWidth = 64, kPage = 16;

/// Two heads of 64 numbers, F32 rows into a BF16 cache of pages of 16 positions.
hc_launch_t append(std::uint32_t rows, std::uint32_t run) {
  hc_launch_t e{};
  e.kernel = HC_KERNEL_APPEND;
  e.core_count = 1;
  hc_append_args_t& a = e.args.append;
  a.k_rows = Gaddr::shared(0).raw;
  a.v_rows = Gaddr::shared(1U << 20U).raw;
  a.k = {Gaddr::hbm(kKeys).raw, kHeads * kPage * kWidth * 2, kPage * kWidth * 2, kWidth * 2};
  a.v = {Gaddr::hbm(kValues).raw, kHeads * kPage * kWidth * 2, kPage * kWidth * 2, kWidth * 2};
  a.table = Gaddr::hbm(1U << 20U).raw;
  a.page = kPage;
  a.table_stride = 8;
  a.k_stride = a.v_stride = kHeads * kWidth * 4;
  a.rows = a.rows_per_sequence = rows;
  a.kv_heads = kHeads;
  a.key_width = a.value_width = kWidth;
  a.kv_dtype = static_cast<std::uint32_t>(DType::kBf16);
  a.k_scale = a.v_scale = 0x3F800000U;
  a.context_positions = HC_FLASH_WHOLE_CONTEXT;
  a.run = run;
  return e;
}

void start(std::uint32_t position) {
  recorder_start(0, 1, 0);
  recorder_set_position(position);
  std::uint32_t* window = recorder_scratch() + HC_FLASH_MOST_SEQUENCES;
  for (std::uint32_t i = 0; i < 8; ++i)
    window[i] = 10 + i;
}

std::vector<dma::Descriptor> stores_to(std::uint64_t from, std::uint64_t to) {
  std::vector<dma::Descriptor> out;
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueStore)) {
    const dma::Descriptor d = Recorded::copy_of(r);
    const std::uint64_t at = d.destination.base.offset();
    if (!d.destination.local && at >= from && at < to) out.push_back(d);
  }
  return out;
}

TEST(Append, RowsThatCrossAPageAreStoredOneCommandAPage) {
  start(30);
  const hc_launch_t launch = append(5, 5);  // positions 30..34: pages 1 and 2
  ASSERT_EQ(recorder_run(&launch), 1);

  const auto keys = stores_to(kKeys, kValues);
  ASSERT_EQ(keys.size(), 2U);
  const std::uint64_t page = kHeads * kPage * kWidth * 2;
  EXPECT_EQ(keys[0].destination.base.offset() - kKeys, 11 * page + 14 * kWidth * 2);
  EXPECT_EQ(keys[1].destination.base.offset() - kKeys, 12 * page);
  EXPECT_EQ(keys[0].rows, 2U);
  EXPECT_EQ(keys[1].rows, 3U);
  EXPECT_EQ(keys[0].planes, kHeads);
  EXPECT_EQ(keys[0].destination.plane_stride, kPage * kWidth * 2);
  EXPECT_EQ(stores_to(kValues, 2 * kValues).size(), 2U);
  EXPECT_EQ(Recorded::of_queue(regs::abi::kQueueVector).size(), 2U) << "K and V are converted";
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE), 1U);
}

TEST(Append, NothingIsConvertedThatHasTheFormatOfTheCache) {
  start(0);
  hc_launch_t launch = append(3, 3);
  launch.args.append.dtype = launch.args.append.kv_dtype;
  launch.args.append.k_stride = launch.args.append.v_stride = kHeads * kWidth * 2;
  ASSERT_EQ(recorder_run(&launch), 1);
  EXPECT_TRUE(Recorded::of_queue(regs::abi::kQueueVector).empty());
  EXPECT_EQ(stores_to(kKeys, kValues).size(), 1U);
}

TEST(Append, PositionsOfOtherRanksAreLeftToThem) {
  start(30);
  hc_launch_t launch = append(5, 5);
  launch.args.append.context_first = 32;  // 30 and 31 belong to the rank before
  ASSERT_EQ(recorder_run(&launch), 1);
  const auto keys = stores_to(kKeys, kValues);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].rows, 3U);
  EXPECT_EQ(keys[0].destination.base.offset() - kKeys,
            std::uint64_t{10} * kHeads * kPage * kWidth * 2);
}

TEST(Append, RunsNeverMeetInSram) {
  for (const std::uint32_t run : {1U, 3U, 16U, 40U}) {
    start(7);
    const hc_launch_t launch = append(100, run);
    ASSERT_EQ(recorder_run(&launch), 1);
    EXPECT_EQ(Hazards().first(), "") << run << " rows at a time";
  }
}

TEST(Transfer, LayersGoOneAfterTheOtherAndPagesToTheirPlace) {
  recorder_start(0, 1, 0);
  // The lists: pages 0 and 1 here, the first words of their areas.
  recorder_scratch()[0] = 4;
  recorder_scratch()[1] = 9;
  recorder_scratch()[256] = 6;
  recorder_scratch()[257] = 2;
  hc_launch_t e{};
  e.kernel = HC_KERNEL_TRANSFER;
  e.core_count = 1;
  e.args.transfer = {Gaddr::hbm(kKeys).raw,
                     Gaddr::hbm(kValues).raw,
                     0,
                     4096,
                     1000,
                     2000,
                     1U << 20U,
                     2U << 20U,
                     1U << 16U,
                     1U << 17U,
                     2,
                     2,
                     2,
                     512,
                     3,
                     3,
                     77};
  ASSERT_EQ(recorder_run(&e), 1);

  namespace put = regs::directcom;
  std::vector<std::uint64_t> from, to;
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueDirectcom)) {
    from.push_back(r.words[put::kWSrcLo] - kKeys);
    const Gaddr there{std::uint64_t{r.words[put::kWDstHi]} << 32U | r.words[put::kWDstLo]};
    EXPECT_EQ(there.aipu(), 3U);
    to.push_back(there.offset() - kValues);
    EXPECT_EQ(r.words[put::kWBytes], 512U);
    EXPECT_EQ(r.words[put::kWFlags] >> put::kFlagsPaceShift & 0xFFU, 77U);
  }
  constexpr std::uint64_t kLayer = 1U << 20U, kPiece = 1U << 16U;
  EXPECT_THAT(from, ElementsAre(4000, 4000 + kPiece, 9000, 9000 + kPiece, kLayer + 4000,
                                kLayer + 4000 + kPiece, kLayer + 9000, kLayer + 9000 + kPiece));
  EXPECT_THAT(to, ElementsAre(12000, 12000 + 2 * kPiece, 4000, 4000 + 2 * kPiece,
                              2 * kLayer + 12000, 2 * kLayer + 12000 + 2 * kPiece,
                              2 * kLayer + 4000, 2 * kLayer + 4000 + 2 * kPiece));
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE), 1U);
}

TEST(Heads, EveryTileOfWeightsIsStreamedOnceAndAreasAreNotMixedUp) {
  hc_launch_t e{};
  e.kernel = HC_KERNEL_HEADS;
  e.core_count = 3;
  const auto bf16 = static_cast<std::uint32_t>(DType::kBf16);
  e.args.heads = {Gaddr::shared(0).raw,
                  Gaddr::hbm(kKeys).raw,
                  Gaddr::shared(1U << 20U).raw,
                  5,
                  7,
                  96,
                  200,
                  64,
                  7 * 192,
                  192,
                  7 * 400,
                  400,
                  bf16,
                  bf16,
                  bf16};
  std::uint64_t bytes = 0;
  std::uint32_t products = 0;
  for (std::uint32_t core = 0; core < 3; ++core) {
    recorder_start(core, 3, 0);
    ASSERT_EQ(recorder_run(&e), 1);
    EXPECT_EQ(Hazards(core).first(), "");
    for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueLoad))
      bytes += Recorded::copy_of(r, core).total();
    products += static_cast<std::uint32_t>(Recorded::of_queue(regs::abi::kQueueTensor).size());
  }
  EXPECT_EQ(bytes, 7U * 96U * 200U * 2U);
  EXPECT_EQ(products, 7U * 4U);
}

}  // namespace
}  // namespace aipu::test
