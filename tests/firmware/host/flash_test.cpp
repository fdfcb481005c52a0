// SPDX-License-Identifier: Apache-2.0
// Flash attention: its commands on small shapes, one by one; on many shapes, that they are as many
// as the closed form says and never use the same bytes of SRAM at once.
#include <gmock/gmock.h>
#include <numeric>
#include <set>

#include "hw/config/load.h"
#include "sim/kernel/attention_shape.h"
#include "tests/firmware/host/hazards.h"

namespace aipu::test {
namespace {

using kernel::AttentionShape;
using kernel::AttentionWork;
using testing::ElementsAre;

constexpr std::uint64_t kKeys = 1ULL << 30U, kValues = 2ULL << 30U, kShared = 3ULL << 30U;
constexpr std::uint64_t kQueries = 0, kOut = 1U << 24U, kPartial = 1U << 25U;

/// As the bench makes it, but one sequence where the words say nothing of a batch.
AttentionShape shape_of(std::vector<std::string> with) {
  const auto is_batch = [](const std::string& word) { return word.rfind("batch=", 0) == 0; };
  if (std::none_of(with.begin(), with.end(), is_batch)) with.emplace_back("batch=1");
  for (const kernel::Kind& kind : kernel::attention_kinds()) {
    if (kind.name == "attention_decode") {
      return kernel::attention_shape({kind.name, kind.parameters, with},
                                     config::load("aipu", {"aipus=16"}));
    }
  }
  throw std::logic_error("no such kind");
}

hc_launch_t launch_of(const AttentionShape& s, std::uint32_t rank) {
  hc_launch_t e{};
  e.kernel = HC_KERNEL_FLASH;
  e.core_count = s.cores;
  hc_flash_args_t& a = e.args.flash;
  a = s.args_of(rank);
  a.q = Gaddr::shared(kQueries).raw;
  a.out = Gaddr::shared(kOut).raw;
  a.partial = Gaddr::shared(kPartial).raw;
  a.k.at = Gaddr::hbm(kKeys).raw;
  a.v.at = s.latent ? 0 : Gaddr::hbm(kValues).raw;
  a.k_shared = s.args.shared_width == 0 ? 0 : Gaddr::hbm(kShared).raw;
  a.table = s.args.page == 0 ? 0 : Gaddr::hbm(1U << 20U).raw;
  a.starts = s.ragged ? Gaddr::hbm(2U << 20U).raw : 0;
  return e;
}

/// Runs the launch as one core of a rank; control data are where it has them fetched to.
void run_core(const AttentionShape& s, const hc_launch_t& launch, std::uint32_t core,
              std::uint32_t rank) {
  recorder_start(core, s.cores, rank);
  recorder_set_position(s.starts[0]);
  std::uint32_t* scratch = recorder_scratch();
  if (s.ragged) std::copy(s.starts.begin(), s.starts.end(), scratch);
  std::iota(scratch + HC_FLASH_MOST_SEQUENCES,
            scratch + HC_FLASH_MOST_SEQUENCES + 2 * HC_FLASH_TABLE_WINDOW, 0U);
  ASSERT_EQ(recorder_run(&launch), 1);
}

/// What a command is, in a word.
std::string name_of(const recorded_t& r) {
  if (r.kind != RECORDED_COMMAND) return r.kind == RECORDED_WAIT ? "wait" : "add";
  switch (r.queue) {
    case regs::abi::kQueueTensor:
      return Recorded::tile_of(r).transpose_b ? "scores" : "sum";
    case regs::abi::kQueueVector:
      return Recorded::operation_of(r).opcode == vector::Opcode::kSoftmaxStep ? "step" : "end";
    case regs::abi::kQueueDirectcom:
      return "put";
    default: {
      const dma::Descriptor d = Recorded::copy_of(r);
      const std::string from = d.fill ? "fill" : d.destination.local ? "load" : "store";
      return (r.queue == regs::abi::kQueueLoad ? "L:" : "S:") + from;
    }
  }
}
std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const recorded_t& r : Recorded::all())
    out.push_back(name_of(r));
  return out;
}
std::vector<dma::Descriptor> loads() {
  std::vector<dma::Descriptor> out;
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueLoad))
    out.push_back(Recorded::copy_of(r));
  return out;
}

TEST(Flash, ADecodeStepIsThreeCommandsATileAndOneResult) {
  const AttentionShape s =
      shape_of({"context=200", "q_heads=4", "kv_heads=1", "cores=1", "tile=128", "splits=1"});
  run_core(s, launch_of(s, 0), 0, 0);

  // The second tile has the new position: it comes through the store queue, behind the append.
  EXPECT_THAT(names(),
              ElementsAre("S:load", "L:load", "L:load", "scores", "step", "S:load", "S:load", "sum",
                          "scores", "step", "sum", "end", "S:store", "S:fill"));
  const auto steps = Recorded::of_queue(regs::abi::kQueueVector);
  const vector::Operation first = Recorded::operation_of(steps[0]);
  const vector::Operation second = Recorded::operation_of(steps[1]);
  EXPECT_TRUE(first.first);
  EXPECT_FALSE(second.first);
  EXPECT_EQ(first.rows, 4U);
  EXPECT_EQ(first.visible(0).end, 128U);
  EXPECT_EQ(second.cols, 72U);
  EXPECT_EQ(second.visible(3).end, 72U) << "heads of a row see the same";
  const auto stores = Recorded::of_queue(regs::abi::kQueueStore);
  EXPECT_EQ(Recorded::copy_of(stores[3]).total(), 4U * 128U * 2U);
  EXPECT_EQ(Recorded::copy_of(stores[3]).destination.base.offset(), kOut);
  EXPECT_EQ(Recorded::added(HC_COUNTER_PHASE), 1U);
  EXPECT_EQ(Recorded::added(HC_COUNTER_FREED), 4U) << "as many as tiles were loaded";
}

// While the vector engine takes a step of one block, the tensor engine has products of the other.
TEST(Flash, TwoBlocksTakeTurnsAndShareTiles) {
  const AttentionShape s = shape_of({"rows=64", "context=64", "q_heads=4", "kv_heads=1", "cores=1",
                                     "tile=32", "blocks=2", "block_rows=32", "ordered=1"});
  run_core(s, launch_of(s, 0), 0, 0);

  std::vector<std::string> products;
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueTensor))
    products.push_back(name_of(r));
  // Rows 0..31 see the first tile, rows 32..63 both.
  EXPECT_THAT(products, ElementsAre("scores", "scores", "sum", "sum", "scores", "sum"));
  EXPECT_EQ(loads().size(), 4U + 1U) << "two tiles of keys and values, and the fence before them";
}

TEST(Flash, LatentTilesAreLoadedOnceForKeysAndValues) {
  const AttentionShape s =
      shape_of({"context=256", "q_heads=16", "kv_heads=1", "width=96", "values=64", "latent=1",
                "cores=1", "tile=64", "splits=1", "ordered=1"});
  run_core(s, launch_of(s, 0), 0, 0);

  std::uint64_t bytes = 0;
  for (const dma::Descriptor& d : loads())
    bytes += d.fill ? 0 : d.total();
  EXPECT_EQ(bytes, 256U * 96U * 2U);
  for (const recorded_t& r : Recorded::of_queue(regs::abi::kQueueTensor)) {
    const tensor::Tile t = Recorded::tile_of(r);
    EXPECT_EQ(t.ldb, 96U) << "values are columns of the key rows";
    EXPECT_EQ(t.transpose_b ? t.k : t.n, t.transpose_b ? 96U : 64U);
  }
}

TEST(Flash, TilesThatNoRowOfTheWindowSeesAreNotLoaded) {
  const AttentionShape s =
      shape_of({"rows=10", "context=1000", "q_heads=1", "kv_heads=1", "cores=1", "tile=64",
                "window=100", "splits=1", "block_rows=10", "ordered=1"});
  run_core(s, launch_of(s, 0), 0, 0);

  // The first row is at 990 and sees 891..990.
  std::set<std::uint64_t> keys;
  for (const dma::Descriptor& d : loads())
    if (!d.fill && d.source.base.offset() < kValues) keys.insert(d.source.base.offset() - kKeys);
  EXPECT_THAT(keys, ElementsAre(832U * 256U, 896U * 256U, 960U * 256U));
  const vector::Operation op =
      Recorded::operation_of(Recorded::of_queue(regs::abi::kQueueVector)[0]);
  EXPECT_EQ(static_cast<std::int32_t>(op.param0), 991 - 832);
}

TEST(Flash, PagesAreLoadedFromWhereTheTableSaysOneCommandEach) {
  const AttentionShape s = shape_of({"context=96", "q_heads=2", "kv_heads=2", "cores=1", "page=32",
                                     "tile=64", "splits=1", "ordered=1"});
  const hc_launch_t launch = launch_of(s, 0);
  recorder_start(0, 1, 0);
  recorder_set_position(95);
  std::uint32_t* window = recorder_scratch() + HC_FLASH_MOST_SEQUENCES;
  window[0] = 7;
  window[1] = 3;
  window[2] = 5;
  ASSERT_EQ(recorder_run(&launch), 1);

  const std::uint64_t page = s.args.k.sequence, head = s.args.k.head;
  std::vector<std::uint64_t> keys;
  for (const dma::Descriptor& d : loads())
    if (!d.fill && d.source.base.offset() >= kKeys && d.source.base.offset() < kValues)
      keys.push_back(d.source.base.offset() - kKeys);
  EXPECT_THAT(keys, ElementsAre(7 * page, 3 * page, 5 * page, 7 * page + head, 3 * page + head,
                                5 * page + head));
}

TEST(Flash, PartialResultsOfOtherRanksGoToTheOwner) {
  const AttentionShape s = shape_of(
      {"context=512", "q_heads=4", "kv_heads=1", "cores=2", "tile=64", "ranks=2", "splits=2"});
  const hc_launch_t launch = launch_of(s, 1);
  for (std::uint32_t core = 0; core < 2; ++core) {
    run_core(s, launch, core, 1);
    const auto puts = Recorded::of_queue(regs::abi::kQueueDirectcom);
    ASSERT_EQ(puts.size(), 1U);
    namespace put = regs::directcom;
    const Gaddr to{std::uint64_t{puts[0].words[put::kWDstHi]} << 32U | puts[0].words[put::kWDstLo]};
    EXPECT_EQ(to.aipu(), 0U);
    EXPECT_EQ(puts[0].words[put::kWBytes], 4U * (128U + 2U) * 4U) << "sums and state together";
    EXPECT_EQ(to.offset(), kPartial + (2U + core) * 4U * 130U * 4U) << "planes 2 and 3";
    EXPECT_EQ(puts[0].words[put::kWRemoteAdd] & 0x3FU, std::uint32_t{HC_COUNTER_GATHER});
  }
}

TEST(Flash, OwnAreasAreTakenWhenNothingElseUsesThemAndGivenBack) {
  const AttentionShape s =
      shape_of({"rows=256", "context=256", "q_heads=4", "kv_heads=1", "cores=1"});
  ASSERT_NE(s.args.ring, 0U);
  run_core(s, launch_of(s, 0), 0, 0);
  const std::vector<std::string> all = names();
  EXPECT_EQ(all.front(), "wait");
  EXPECT_EQ(all.back(), "wait");
  // A tile that follows may take the whole ring again.
  const recorder_tile_t tile = recorder_take(HC_SRAM_STREAM_BYTES);
  EXPECT_EQ(tile.sram, regs::core::kSramBase + HC_SRAM_STREAM);
  EXPECT_EQ(tile.freed, Recorded::added(HC_COUNTER_FREED));
}

class FlashShapesTest : public testing::TestWithParam<const char*> {
 protected:
  static std::vector<std::string> words() {
    std::vector<std::string> out;
    std::istringstream in(GetParam());
    for (std::string word; in >> word;)
      out.push_back(word);
    return out;
  }
};

TEST_P(FlashShapesTest, CommandsAreAsManyAsTheClosedFormSaysAndNeverMeet) {
  const AttentionShape s = shape_of(words());
  AttentionWork counted;
  for (std::uint32_t rank = 0; rank < s.ranks; ++rank) {
    hc_launch_t launch = launch_of(s, rank);
    for (const std::uint32_t kernel : {HC_KERNEL_FLASH, HC_KERNEL_FLASH_MERGE}) {
      if (kernel == HC_KERNEL_FLASH_MERGE && (s.args.planes == 0 || rank != 0)) continue;
      launch.kernel = kernel;
      for (std::uint32_t core = 0; core < s.cores; ++core) {
        run_core(s, launch, core, rank);
        const Hazards hazards(core);
        EXPECT_EQ(hazards.first(), "") << "core " << core << " of rank " << rank;
        counted.load += Recorded::of_queue(regs::abi::kQueueLoad).size();
        counted.store += Recorded::of_queue(regs::abi::kQueueStore).size();
        counted.tensor += Recorded::of_queue(regs::abi::kQueueTensor).size();
        counted.vector += Recorded::of_queue(regs::abi::kQueueVector).size();
        counted.directcom += Recorded::of_queue(regs::abi::kQueueDirectcom).size();
      }
    }
  }
  const AttentionWork w = kernel::attention_work(s);
  EXPECT_EQ(counted.load, w.load);
  EXPECT_EQ(counted.store, w.store);
  EXPECT_EQ(counted.tensor, w.tensor);
  EXPECT_EQ(counted.vector, w.vector);
  EXPECT_EQ(counted.directcom, w.directcom);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, FlashShapesTest,
    testing::Values("context=777 cores=1 batch=2 kv_heads=2 q_heads=8 tile=64",
                    "context=777 cores=5 batch=3 kv_heads=2 q_heads=8 tile=64 page=16 ragged=1",
                    "context=5000 cores=32 batch=1 tile=32 page=16 splits=3",
                    "context=1000 cores=7 batch=3 kv_heads=1 q_heads=6 tile=64 ranks=3 splits=2",
                    "context=40 cores=4 kv_heads=1 q_heads=4 tile=32 ranks=2 splits=4",
                    "rows=200 context=300 cores=3 kv_heads=2 q_heads=8",
                    "rows=200 context=300 cores=2 kv_heads=2 q_heads=8 window=70 tile=32",
                    "rows=77 context=500 cores=4 kv_heads=1 q_heads=4 splits=2 tile=64 page=32",
                    "rows=300 context=300 cores=2 kv_heads=4 q_heads=4 width=192 shared=64 "
                    "layout=tokens",
                    "context=700 cores=3 batch=4 kv_heads=1 q_heads=128 width=576 values=512 "
                    "latent=1",
                    "context=700 cores=3 batch=4 kv_heads=1 q_heads=128 width=576 values=512 "
                    "latent=1 dtype=fp8 kv=fp8 ranks=2",
                    "rows=50 context=300 cores=2 causal=0 kv_heads=1 q_heads=4 tile=128"));

}  // namespace
}  // namespace aipu::test
