// SPDX-License-Identifier: Apache-2.0
// Mixture of experts, command by command: which rows go where in which order, what is told of them,
// and that nothing is overwritten before it has been read.
#include <map>
#include <random>

#include "regs/dma.h"
#include "regs/vector.h"
#include "tests/firmware/host/hazards.h"
#include "tests/firmware/host/recorded.h"

namespace aipu::test {
namespace {

namespace abi = regs::abi;
namespace put = regs::directcom;

constexpr std::uint32_t kNone = 0xFFFFFFFF;
constexpr std::uint32_t kPhase = 5, kGather = 7;  // targets when the kernel begins
constexpr std::uint32_t kInFlight = 2;            // messages of a core on their way
constexpr std::uint32_t kTermSlots = 32;          // of terms on their way to memory
constexpr std::uint64_t kMost = 0x8000;           // bytes of a local copy

struct Shape {
  std::uint32_t ranks, rank, tokens, chosen, experts, cores, row;
  std::uint32_t only = kNone;  // expert of all choices
  std::uint32_t own() const { return experts / ranks; }
  friend void PrintTo(const Shape& s, std::ostream* out) {
    *out << s.ranks << " ranks, rank " << s.rank << ", " << s.tokens << " tokens, " << s.chosen
         << " of " << s.experts << " experts, " << s.cores << " cores, rows of " << s.row;
  }
};

/// A move of a row or run: memory to memory, here or there.
struct Move {
  std::uint64_t from, to;
  std::uint32_t aipu;
  std::uint64_t bytes;
  bool operator==(const Move& o) const {
    return from == o.from && to == o.to && aipu == o.aipu && bytes == o.bytes;
  }
  friend void PrintTo(const Move& m, std::ostream* out) {
    *out << m.bytes << " bytes " << m.from << " -> " << m.to << " of " << m.aipu;
  }
};

std::uint64_t address(const recorded_t& r, std::uint32_t low) {
  return std::uint64_t{r.words[low + 1]} << 32U | r.words[low];
}
std::uint32_t aipu_of(std::uint64_t at) {
  return static_cast<std::uint32_t>(at >> 48U & 0xFFFU);
}
/// As on the own AIPU.
std::uint64_t place_of(std::uint64_t at) {
  return at | std::uint64_t{0xFFF} << 48U;
}
std::uint64_t hbm(std::uint64_t offset) {
  return Gaddr::hbm(offset).raw;
}
bool adds_to_all(std::uint32_t word, std::uint32_t counter) {
  return word ==
         (counter | 1U << abi::kAdd0AmountShift | abi::kScopeAllCores << abi::kAdd0ScopeShift);
}

class MoeTest : public testing::TestWithParam<Shape> {
 protected:
  static constexpr std::uint64_t kX = 1U << 28U, kPairs = 1U << 24U, kTerms = 1U << 25U;
  static constexpr std::uint64_t kInbox = 1ULL << 32U, kArrived = 1U << 26U, kPacked = 1ULL << 34U;
  static constexpr std::uint64_t kTable = 1U << 27U;

  MoeTest() {
    std::minstd_rand random(1);
    for (std::uint32_t i = 0; i < s_.tokens * s_.chosen; ++i) {
      const auto drawn = static_cast<std::uint32_t>(random() % s_.experts);
      pairs_.push_back({i + 1, s_.only != kNone ? s_.only : i % 29 == 28 ? kNone : drawn});
    }
    for (std::uint32_t run = 0; run < s_.own() * s_.ranks; ++run)
      arrived_.push_back(run % 3 == 1 ? 0 : static_cast<std::uint32_t>(random() % 9));
  }

  void start(std::uint32_t core) const {
    recorder_start(core, s_.cores, s_.rank);
    recorder_set_targets(kPhase, kGather, 0);
  }
  hc_launch_t launch(hc_kernel kernel) const {
    hc_launch_t e{};
    e.kernel = kernel;
    e.core_count = e.phase_signals = s_.cores;
    return e;
  }
  /// The hart looks at nothing before all is there.
  static void expect_begin() {
    const std::vector<recorded_t> all = Recorded::all();
    ASSERT_GE(all.size(), 3U);
    const std::uint32_t wanted[3][2] = {
        {HC_COUNTER_PHASE, kPhase}, {HC_COUNTER_GATHER, kGather}, {HC_COUNTER_SENT, 0}};
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(all[i].kind, RECORDED_WAIT);
      EXPECT_EQ(all[i].words[0], wanted[i][0]);
      EXPECT_EQ(all[i].words[1], wanted[i][1]);
    }
  }
  /// What goes from memory to memory, in the order of the commands; local copies in one piece.
  std::vector<Move> moves() const {
    std::vector<Move> out;
    std::map<std::uint32_t, recorded_t> tiles;  // loaded, by address in SRAM
    for (const recorded_t& r : Recorded::all()) {
      if (r.kind != RECORDED_COMMAND) continue;
      if (r.queue == abi::kQueueLoad) tiles[r.words[regs::dma::kWDstLo]] = r;
      if (r.queue == abi::kQueueDirectcom && r.opcode == put::kOpPut &&
          r.words[put::kWBytes] != 4) {
        const std::uint64_t to = address(r, put::kWDstLo);
        out.push_back(
            {place_of(address(r, put::kWSrcLo)), place_of(to), aipu_of(to), r.words[put::kWBytes]});
      }
      const auto tile = tiles.find(r.words[regs::dma::kWSrcLo]);
      if (r.queue != abi::kQueueStore || r.opcode != regs::dma::kOpCopy || tile == tiles.end())
        continue;
      const Move m = {place_of(address(tile->second, regs::dma::kWSrcLo)),
                      place_of(address(r, regs::dma::kWDstLo)), s_.rank,
                      r.words[regs::dma::kWBytes]};
      EXPECT_EQ(tile->second.words[regs::dma::kWBytes], m.bytes);
      EXPECT_LE(m.bytes, kMost);
      const bool goes_on = !out.empty() && out.back().aipu == s_.rank &&
                           out.back().from + out.back().bytes == m.from &&
                           out.back().to + out.back().bytes == m.to &&
                           out.back().bytes % kMost == 0;
      if (goes_on) {
        out.back().bytes += m.bytes;
      } else {
        out.push_back(m);
      }
    }
    return out;
  }
  /// The last of the store queue adds to phase when `sends` messages are acknowledged.
  static void expect_done(std::uint32_t sends) {
    const recorded_t last = Recorded::of_queue(abi::kQueueStore).back();
    EXPECT_TRUE(adds_to_all(last.words[abi::kWAdd1], HC_COUNTER_PHASE));
    EXPECT_EQ(last.words[abi::kWWait] & 0x3FU, HC_COUNTER_SENT);
    EXPECT_EQ(last.words[abi::kWWait0Target], sends);
  }

  const Shape s_ = GetParam();
  std::vector<hc_moe_pair_t> pairs_;
  std::vector<std::uint32_t> arrived_;
};

TEST_P(MoeTest, DispatchSendsEveryRowInOrderAndThenHowMany) {
  hc_launch_t e = launch(HC_KERNEL_DISPATCH);
  e.args.dispatch = {
      hbm(kX),   hbm(kPairs), hbm(kTerms), hbm(kInbox),           hbm(kArrived), s_.tokens,
      s_.chosen, s_.experts,  s_.row,      s_.tokens * s_.chosen, s_.rank,       s_.ranks,
      0};
  const std::uint64_t capacity = std::uint64_t{s_.tokens} * s_.chosen;
  std::map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> terms;  // by address
  for (std::uint32_t core = 0; core < s_.cores; ++core) {
    start(core);
    recorder_memory(hbm(kPairs), pairs_.data(),
                    static_cast<std::uint32_t>(pairs_.size() * sizeof pairs_[0]));
    ASSERT_EQ(recorder_run(&e), 1);
    expect_begin();
    EXPECT_EQ(Hazards(core).first(), "") << "core " << core;

    const std::uint32_t first = s_.experts * core / s_.cores;
    const std::uint32_t end = s_.experts * (core + 1) / s_.cores;
    std::vector<Move> wanted;
    std::vector<std::uint32_t> numbers(s_.experts);
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      const std::uint32_t expert = pairs_[i].index;
      if (expert < first || expert >= end) continue;
      const std::uint64_t run = std::uint64_t{expert % s_.own()} * s_.ranks + s_.rank;
      wanted.push_back({hbm(kX) + i / s_.chosen * s_.row,
                        hbm(kInbox) + (run * capacity + numbers[expert]++) * s_.row,
                        expert / s_.own(), s_.row});
    }
    EXPECT_EQ(moves(), wanted) << "core " << core;

    std::uint32_t sends = 0, told = 0, stored = 0, waited = 0;
    for (const recorded_t& r : Recorded::all()) {
      if (r.kind == RECORDED_WAIT && r.words[0] == HC_COUNTER_STORED) waited = r.words[1];
      if (r.kind != RECORDED_COMMAND) continue;
      const bool message = r.queue == abi::kQueueDirectcom;
      if (message && r.words[put::kWBytes] != 4 && ++sends > kInFlight) {
        EXPECT_EQ(r.words[abi::kWWait] & 0x3FU, HC_COUNTER_SENT);
        EXPECT_EQ(r.words[abi::kWWait0Target], sends - kInFlight);
      }
      if (r.queue != abi::kQueueStore && !message) continue;
      const std::uint64_t to = address(r, regs::dma::kWDstLo);
      static_assert(regs::dma::kWDstLo == put::kWDstLo && regs::dma::kWBytes == put::kWBytes);
      const std::uint32_t bytes = r.words[put::kWBytes];
      if (bytes == 8 && place_of(to) >= hbm(kTerms) && place_of(to) < hbm(kArrived)) {
        EXPECT_LE(stored++, waited + kTermSlots - 1) << "its slot is still read";
        EXPECT_TRUE(terms.emplace(to, std::make_pair(r.data[0], r.data[1])).second) << "twice";
      }
      if (bytes != 4 || r.opcode != regs::dma::kOpCopy || place_of(to) < hbm(kArrived)) continue;
      const std::uint32_t expert = first + told++;
      EXPECT_EQ(place_of(to), hbm(kArrived) + (expert % s_.own() * s_.ranks + s_.rank) * 4);
      EXPECT_EQ(message, expert / s_.own() != s_.rank);
      EXPECT_EQ(r.data[0], numbers[expert]);
      EXPECT_TRUE(
          adds_to_all(r.words[message ? put::kWRemoteAdd : abi::kWAdd1], HC_COUNTER_GATHER));
      if (!message) continue;
      EXPECT_EQ(aipu_of(to), expert / s_.own());
      EXPECT_EQ(r.words[abi::kWWait] & 0x3FU, HC_COUNTER_SENT);
      EXPECT_EQ(r.words[abi::kWWait0Target], sends) << "behind all rows";
    }
    EXPECT_EQ(told, end - first);
    expect_done(sends);
  }

  std::vector<std::uint32_t> numbers(s_.experts);
  ASSERT_EQ(terms.size(), pairs_.size()) << "every choice has its term";
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const std::uint32_t expert = pairs_[i].index;
    const auto [weight, index] = terms.at(hbm(kTerms) + i * 8);
    EXPECT_EQ(weight, pairs_[i].weight);
    EXPECT_EQ(index, expert == kNone ? kNone : expert * capacity + numbers[expert]++);
  }
}

TEST_P(MoeTest, PackPutsRunsBehindEachOtherAndTellsTheTable) {
  hc_launch_t e = launch(HC_KERNEL_PACK);
  const std::uint32_t capacity = 9;
  e.args.pack = {hbm(kInbox), hbm(kArrived), hbm(kPacked), hbm(kTable),
                 s_.row,      capacity,      s_.own(),     s_.ranks};
  for (std::uint32_t core = 0; core < s_.cores; ++core) {
    start(core);
    recorder_memory(hbm(kArrived), arrived_.data(),
                    static_cast<std::uint32_t>(arrived_.size() * 4));
    ASSERT_EQ(recorder_run(&e), 1);
    expect_begin();
    EXPECT_EQ(Hazards(core).first(), "") << "core " << core;

    std::vector<Move> wanted;
    std::uint64_t place = 0;
    for (std::size_t run = 0; run < arrived_.size(); ++run) {
      if (run % s_.cores == core && arrived_[run] != 0) {
        wanted.push_back({hbm(kInbox) + run * capacity * s_.row, hbm(kPacked) + place * s_.row,
                          s_.rank, std::uint64_t{arrived_[run]} * s_.row});
      }
      place += arrived_[run];
    }
    EXPECT_EQ(moves(), wanted) << "core " << core;
    EXPECT_TRUE(adds_to_all(Recorded::of_queue(abi::kQueueStore).back().words[abi::kWAdd1],
                            HC_COUNTER_PHASE));
    if (core != 0) continue;
    const std::uint32_t* table = recorder_scratch() + arrived_.size();
    std::uint32_t first = 0;
    for (std::uint32_t expert = 0; expert < s_.own(); ++expert) {
      std::uint32_t rows = 0;
      for (std::uint32_t source = 0; source < s_.ranks; ++source)
        rows += arrived_[expert * s_.ranks + source];
      EXPECT_EQ(table[2 * expert], rows);
      EXPECT_EQ(table[2 * expert + 1], first);
      first += rows;
    }
  }
}

TEST_P(MoeTest, ReturnSendsEveryRunToItsSourceAndTellsEmptyOnes) {
  hc_launch_t e = launch(HC_KERNEL_RETURN);
  const std::uint32_t capacity = 9;
  e.args.give_back = {hbm(kPacked), hbm(kInbox), hbm(kArrived), s_.row, capacity,
                      s_.own(),     s_.rank,     s_.ranks,      0};
  std::map<std::uint32_t, std::uint32_t> signals;  // to gather, by AIPU
  for (std::uint32_t core = 0; core < s_.cores; ++core) {
    start(core);
    recorder_memory(hbm(kArrived), arrived_.data(),
                    static_cast<std::uint32_t>(arrived_.size() * 4));
    ASSERT_EQ(recorder_run(&e), 1);
    expect_begin();
    EXPECT_EQ(Hazards(core).first(), "") << "core " << core;

    std::vector<Move> wanted;
    std::uint64_t place = 0;
    for (std::uint32_t run = 0; run < arrived_.size(); ++run) {
      const std::uint64_t expert = s_.rank * s_.own() + run / s_.ranks;
      if (run % s_.cores == core && arrived_[run] != 0) {
        wanted.push_back({hbm(kPacked) + place * s_.row, hbm(kInbox) + expert * capacity * s_.row,
                          run % s_.ranks, std::uint64_t{arrived_[run]} * s_.row});
      }
      place += arrived_[run];
    }
    EXPECT_EQ(moves(), wanted) << "core " << core;
    std::uint32_t sends = 0;
    for (const recorded_t& r : Recorded::all()) {
      if (r.kind != RECORDED_COMMAND) continue;
      const bool message = r.queue == abi::kQueueDirectcom;
      if (message && r.opcode == put::kOpPut) ++sends;
      if (adds_to_all(r.words[message ? put::kWRemoteAdd : abi::kWAdd1], HC_COUNTER_GATHER))
        ++signals[message ? aipu_of(address(r, put::kWDstLo)) : s_.rank];
    }
    expect_done(sends);
  }
  for (std::uint32_t source = 0; source < s_.ranks; ++source)
    EXPECT_EQ(signals[source], s_.own()) << "one a run to rank " << source;
}

TEST_P(MoeTest, SumsTakeTheRowsOfTheTermsAndLeaveOutWhatIsNone) {
  hc_launch_t e = launch(HC_KERNEL_WEIGH);
  e.args.weigh = {hbm(kInbox), hbm(kTerms), hbm(kPacked),   s_.tokens,
                  s_.chosen,   s_.row / 4,  abi::kDtypeF32, abi::kDtypeF32};
  std::size_t sums = 0, done = 0;
  std::vector<std::uint64_t> rows, wanted;
  for (std::uint32_t core = 0; core < s_.cores; ++core) {
    start(core);
    recorder_memory(hbm(kTerms), pairs_.data(),
                    static_cast<std::uint32_t>(pairs_.size() * sizeof pairs_[0]));
    ASSERT_EQ(recorder_run(&e), 1);
    EXPECT_EQ(Hazards(core).first(), "") << "core " << core;
    sums += Recorded::of_queue(abi::kQueueVector).size();
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueVector))
      Recorded::operation_of(r);
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueLoad))
      rows.push_back(address(r, regs::dma::kWSrcLo));
    for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore))
      done += adds_to_all(r.words[abi::kWAdd1], HC_COUNTER_PHASE) ? 1 : 0;
  }
  for (const hc_moe_pair_t& term : pairs_)
    if (term.index != kNone)
      wanted.push_back(hbm(kInbox) + std::uint64_t{term.index} * (s_.row / 4 * 4));
  EXPECT_EQ(rows, wanted);
  EXPECT_EQ(sums, s_.tokens);
  EXPECT_EQ(done, s_.cores) << "cores without tokens are done as well";
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, MoeTest,
    testing::Values(Shape{8, 0, 128, 8, 256, 32, 7168}, Shape{8, 5, 21, 8, 64, 32, 7168},
                    Shape{4, 3, 43, 5, 20, 7, 100}, Shape{2, 1, 17, 16, 6, 1, 64},
                    Shape{3, 1, 40, 1, 9, 32, 70000}, Shape{2, 0, 60, 4, 8, 3, 128, 5},
                    Shape{1, 0, 30, 2, 256, 32, 512}));

TEST(GateTest, BlocksOfTokensFitTheirAreasAndIdleCoresAreDone) {
  hc_launch_t e{};
  e.kernel = HC_KERNEL_GATE;
  e.core_count = e.phase_signals = 5;
  e.args.gate = {hbm(1U << 28U), hbm(1U << 29U), hbm(1U << 24U), 4, 256, 8, 0x30408, 0x3F800000};
  for (const std::uint32_t tokens : {4U, 2000U}) {
    e.args.gate.tokens = tokens;
    std::size_t done = 0, rows = 0;
    for (std::uint32_t core = 0; core < e.core_count; ++core) {
      recorder_start(core, e.core_count, 0);
      ASSERT_EQ(recorder_run(&e), 1);
      EXPECT_EQ(Hazards(core).first(), "") << "core " << core;
      for (const recorded_t& r : Recorded::of_queue(abi::kQueueVector))
        rows += Recorded::operation_of(r).rows;
      for (const recorded_t& r : Recorded::of_queue(abi::kQueueStore))
        done += adds_to_all(r.words[abi::kWAdd1], HC_COUNTER_PHASE) ? 1 : 0;
    }
    EXPECT_EQ(rows, tokens);
    EXPECT_EQ(done, e.core_count);
  }
}

}  // namespace
}  // namespace aipu::test
