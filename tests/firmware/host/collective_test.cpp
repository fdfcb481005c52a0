// SPDX-License-Identifier: Apache-2.0
// Every command of every core of a collective is legal, messages of no two cores write the same
// bytes, and every counter reaches just what somebody waits for.
#include <algorithm>
#include <map>

#include "sim/collective/data.h"
#include "tests/firmware/host/recorded.h"

namespace aipu::test {
namespace {

using collective::Algorithm;
using collective::Kind;
using collective::Spec;

constexpr std::uint32_t kCores = 8;

struct Case {
  Kind kind;
  Algorithm algorithm;
  std::uint32_t bytes, ranks;
  DType dtype = DType::kF32;
  friend void PrintTo(const Case& c, std::ostream* out) {
    *out << collective::kind_names()[static_cast<std::size_t>(c.kind)] << " "
         << collective::algorithm_names()[static_cast<std::size_t>(c.algorithm)] << " " << c.bytes
         << " bytes, " << c.ranks << " ranks";
  }
};

/// A range that a message writes, within an AIPU.
struct Written {
  std::uint64_t begin, end;
};

/// Adds to and waits for a counter of one core.
struct Tally {
  std::uint64_t added = 0, awaited = 0;
};

class CollectiveTest : public testing::TestWithParam<Case> {
 protected:
  CollectiveTest() {
    spec_.kind = GetParam().kind;
    spec_.bytes = GetParam().bytes;
    spec_.ranks = GetParam().ranks;
    spec_.dtype = GetParam().dtype;
    spec_.row = 64;
    shape_ = collective::shape_of(spec_, GetParam().algorithm, kCores);
    memory_ = collective::memory_of(spec_, shape_, 256_MiB, 64_GiB, 64_MiB);
    tallies_.resize(spec_.ranks * kCores);
    written_.resize(spec_.ranks);
  }

  Tally& tally(std::uint32_t rank, std::uint32_t core, std::uint32_t counter) {
    return tallies_[rank * kCores + core][counter];
  }

  /// `core`: what scope self means.
  void take_add(std::uint32_t word, std::uint32_t rank, std::uint32_t core) {
    const std::uint32_t amount = word >> regs::abi::kAdd0AmountShift & 0xFFU;
    const std::uint32_t scope = word >> regs::abi::kAdd0ScopeShift & 0xFFU;
    if (amount == 0) return;
    if (scope != regs::abi::kScopeAllCores) {
      tally(rank, scope == regs::abi::kScopeSelf ? core : scope, word & 0x3FU).added += amount;
      return;
    }
    for (std::uint32_t all = 0; all < kCores; ++all)
      tally(rank, all, word & 0x3FU).added += amount;
  }

  void take_wait(std::uint32_t rank, std::uint32_t core, std::uint32_t counter,
                 std::uint32_t target) {
    Tally& t = tally(rank, core, counter);
    t.awaited = std::max<std::uint64_t>(t.awaited, target);
  }

  void take_message(const recorded_t& r, std::uint32_t core) {
    namespace put = regs::directcom;
    const Gaddr to{std::uint64_t{r.words[put::kWDstHi]} << 32U | r.words[put::kWDstLo]};
    const std::uint32_t rank = to.aipu() == Gaddr::kSelf ? rank_ : to.aipu();
    ASSERT_LT(rank, spec_.ranks);
    take_add(r.words[put::kWRemoteAdd], rank, core);
    if (r.opcode != put::kOpPut) return;
    const Gaddr from{std::uint64_t{r.words[put::kWSrcHi]} << 32U | r.words[put::kWSrcLo]};
    ASSERT_TRUE(from.aipu() == Gaddr::kSelf || from.aipu() == rank_) << "a put reads here";
    const std::uint64_t bytes = r.words[put::kWBytes];
    ASSERT_GT(bytes, 0U);
    if (to.space() == Gaddr::Space::kCore) {
      ASSERT_GE(to.offset(), static_cast<std::uint64_t>(HC_SRAM_LANDING));
      ASSERT_LE(to.offset() + bytes, std::uint64_t{HC_SRAM_LANDING} + HC_SRAM_LANDING_BYTES);
    } else {
      written_[rank].push_back({to.offset(), to.offset() + bytes});
    }
  }

  void take(const recorded_t& r, std::uint32_t core) {
    namespace abi = regs::abi;
    if (r.kind == RECORDED_WAIT) take_wait(rank_, core, r.words[0], r.words[1]);
    if (r.kind != RECORDED_COMMAND) return;
    const std::uint32_t wait = r.words[abi::kWWait];
    if ((wait >> 6U & 1U) != 0) take_wait(rank_, core, wait & 0x3FU, r.words[abi::kWWait0Target]);
    if ((wait >> 14U & 1U) != 0)
      take_wait(rank_, core, wait >> 8U & 0x3FU, r.words[abi::kWWait1Target]);
    take_add(r.words[abi::kWAdd0], rank_, core);
    take_add(r.words[abi::kWAdd1], rank_, core);
    if (r.queue == abi::kQueueDirectcom) {
      take_message(r, core);
      return;
    }
    for (const Access& a : Recorded::accesses(r, core)) {
      EXPECT_TRUE(a.begin >= HC_SRAM_SCRATCH) << "code and data";
      EXPECT_TRUE(a.end <= HC_SRAM_RESULT + HC_SRAM_RESULT_BYTES);
    }
  }

  void run_core(std::uint32_t core) {
    recorder_start(core, kCores, rank_);
    const bool combine = spec_.kind == Kind::kCombine;
    const auto counts = collective::uneven_counts(spec_);
    for (std::uint32_t other = 0, first = 0; other < spec_.ranks; ++other) {
      recorder_scratch()[other] = counts[rank_][other];  // what a load of the table would bring
      if (!combine) continue;
      first = 0;
      for (std::uint32_t before = 0; before < rank_; ++before)
        first += counts[other][before];
      recorder_scratch()[HC_COLLECTIVE_MOST_RANKS + 2 * other] = counts[other][rank_];
      recorder_scratch()[HC_COLLECTIVE_MOST_RANKS + 2 * other + 1] = first;
    }
    const hc_launch_t e = collective::launch_of(spec_, shape_, memory_, rank_, kCores);
    ASSERT_EQ(recorder_run(&e), 1);
    for (const recorded_t& r : Recorded::all())
      take(r, core);
    // What kernel_exit waits for: everything that lowering announces, no more and no less.
    EXPECT_LT(recorder_count(), RECORDER_CAPACITY);
    if (core + 1 != kCores) return;
    for (std::uint32_t all = 0; all < kCores; ++all) {
      tally(rank_, all, HC_COUNTER_PHASE).awaited = e.phase_signals;
      tally(rank_, all, HC_COUNTER_GATHER).awaited = e.gather_signals;
    }
  }

  Spec spec_;
  collective::Shape shape_;
  collective::Memory memory_;
  std::uint32_t rank_ = 0;
  std::vector<std::map<std::uint32_t, Tally>> tallies_;
  std::vector<std::vector<Written>> written_;
};

TEST_P(CollectiveTest, SignalsMeetWaitsAndNothingIsWrittenTwice) {
  for (rank_ = 0; rank_ < spec_.ranks; ++rank_)
    for (std::uint32_t core = 0; core < kCores; ++core)
      run_core(core);
  for (std::uint32_t at = 0; at < tallies_.size(); ++at) {
    for (const auto& [counter, t] : tallies_[at]) {
      SCOPED_TRACE(testing::Message()
                   << "rank " << at / kCores << " core " << at % kCores << " counter " << counter);
      EXPECT_GE(t.added, t.awaited) << "someone waits for ever";
      const bool exact = counter == HC_COUNTER_PHASE || counter == HC_COUNTER_GATHER ||
                         counter >= HC_COUNTER_LANDED;
      if (exact) {
        EXPECT_EQ(t.added, t.awaited);
      }
    }
  }
  for (auto& ranges : written_) {
    std::sort(ranges.begin(), ranges.end(),
              [](const Written& a, const Written& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < ranges.size(); ++i)
      ASSERT_LE(ranges[i - 1].end, ranges[i].begin) << "two messages write the same bytes";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, CollectiveTest,
    testing::Values(Case{Kind::kAllReduce, Algorithm::kOneShot, 64, 16},
                    Case{Kind::kAllReduce, Algorithm::kOneShot, 100'004, 3},
                    Case{Kind::kAllReduce, Algorithm::kTwoShot, 64, 16},
                    Case{Kind::kAllReduce, Algorithm::kTwoShot, 4, 5},
                    Case{Kind::kAllReduce, Algorithm::kTwoShot, 1'000'004, 16},
                    Case{Kind::kAllReduce, Algorithm::kTwoShot, 1'000'002, 7, DType::kBf16},
                    Case{Kind::kAllReduce, Algorithm::kRing, 64, 16},
                    Case{Kind::kAllReduce, Algorithm::kRing, 1'000'004, 5},
                    Case{Kind::kReduceScatter, Algorithm::kTwoShot, 1'000'004, 16},
                    Case{Kind::kReduceScatter, Algorithm::kTwoShot, 8, 3},
                    Case{Kind::kAllGather, Algorithm::kTwoShot, 1'000'003, 16},
                    Case{Kind::kAllGather, Algorithm::kTwoShot, 3, 16},
                    Case{Kind::kBroadcast, Algorithm::kTwoShot, 1'000'003, 16},
                    Case{Kind::kBroadcast, Algorithm::kTwoShot, 5, 2},
                    Case{Kind::kAllToAll, Algorithm::kTwoShot, 1'000'003, 16},
                    Case{Kind::kAllToAll, Algorithm::kTwoShot, 70'000, 64},
                    Case{Kind::kDispatch, Algorithm::kTwoShot, 64 * 200, 16},
                    Case{Kind::kCombine, Algorithm::kTwoShot, 64 * 200, 16},
                    Case{Kind::kBarrier, Algorithm::kTwoShot, 0, 16},
                    Case{Kind::kKv, Algorithm::kTwoShot, 1'000'003, 4}));

}  // namespace
}  // namespace aipu::test
