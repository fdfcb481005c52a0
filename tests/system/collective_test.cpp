// SPDX-License-Identifier: Apache-2.0
// Collectives by firmware on the whole board: the bytes are the host's, time is accounted for.
#include <cmath>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <numeric>

#include "hw/base/number_format.h"
#include "hw/config/load.h"
#include "sim/collective/data.h"
#include "sim/collective/run.h"
#include "tests/support/child.h"

namespace aipu::test {
namespace {

using collective::Algorithm;
using collective::Kind;
using collective::Result;
using collective::Spec;

struct Case {
  Kind kind;
  Algorithm algorithm;
  std::uint32_t bytes, ranks;
  DType dtype = DType::kF32;
  std::uint32_t repeat = 1;
  friend void PrintTo(const Case& c, std::ostream* out) {
    *out << collective::kind_names()[static_cast<std::size_t>(c.kind)] << " "
         << collective::algorithm_names()[static_cast<std::size_t>(c.algorithm)] << " " << c.bytes
         << " bytes on " << c.ranks << " AIPUs, " << c.repeat << " times";
  }
};

Spec spec_of(const Case& c) {
  Spec spec;
  spec.kind = c.kind;
  spec.algorithm = c.algorithm;
  spec.bytes = c.bytes;
  spec.ranks = c.ranks;
  spec.dtype = c.dtype;
  spec.repeat = c.repeat;
  spec.row = 256;
  spec.root = c.ranks - 1;
  return spec;
}

Result run(const Spec& spec, const std::vector<std::string>& more = {}) {
  std::vector<std::string> settings{fmt::format("aipus={}", spec.ranks),
                                    "simulation.data=functional", "simulation.max_time=10 ms"};
  settings.insert(settings.end(), more.begin(), more.end());
  return collective::run(spec, config::load("hc1000_module", settings),
                         platform::builtin_firmware());
}

class CollectiveTest : public testing::TestWithParam<Case> {};

TEST_P(CollectiveTest, LeavesTheBytesThatTheHostComputes) {
  const Spec spec = spec_of(GetParam());
  const Result r = run(spec, {"aipu.cores=8"});
  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  ASSERT_TRUE(r.correct.has_value());
  EXPECT_TRUE(*r.correct) << r.difference;
  EXPECT_GE(r.all_ps, r.first_ps);
  EXPECT_GT(r.first_ps, 0U);
  const auto sum = [](const std::map<std::string, std::int64_t>& shares) {
    return std::accumulate(shares.begin(), shares.end(), std::int64_t{0},
                           [](std::int64_t a, const auto& share) { return a + share.second; });
  };
  const config::Board board = config::load("hc1000_module", {});
  EXPECT_EQ(sum(r.lanes),
            static_cast<std::int64_t>(r.all_ps) * spec.ranks * board.aipu.directcom.lanes);
}

constexpr Algorithm kOne = Algorithm::kOneShot, kTwo = Algorithm::kTwoShot,
                    kRing = Algorithm::kRing;
INSTANTIATE_TEST_SUITE_P(
    Kinds, CollectiveTest,
    testing::Values(Case{Kind::kAllReduce, kOne, 64, 4}, Case{Kind::kAllReduce, kOne, 300'004, 3},
                    Case{Kind::kAllReduce, kTwo, 4, 3}, Case{Kind::kAllReduce, kTwo, 500'004, 4},
                    Case{Kind::kAllReduce, kTwo, 300'002, 5, DType::kBf16},
                    Case{Kind::kAllReduce, kTwo, 300'004, 4, DType::kF32, 3},
                    Case{Kind::kAllReduce, kRing, 64, 4}, Case{Kind::kAllReduce, kRing, 400'004, 3},
                    Case{Kind::kAllReduce, kRing, 100'002, 5, DType::kBf16, 2},
                    Case{Kind::kReduceScatter, kTwo, 300'004, 4, DType::kF32, 3},
                    Case{Kind::kReduceScatter, kTwo, 4, 3},
                    Case{Kind::kAllGather, kTwo, 300'003, 4},
                    Case{Kind::kBroadcast, kTwo, 300'003, 4, DType::kF32, 2},
                    Case{Kind::kBroadcast, kTwo, 5, 2}, Case{Kind::kAllToAll, kTwo, 300'003, 5},
                    Case{Kind::kAllToAll, kTwo, 7, 4, DType::kF32, 3},
                    Case{Kind::kDispatch, kTwo, 256 * 100, 4}, Case{Kind::kDispatch, kTwo, 256, 4},
                    Case{Kind::kCombine, kTwo, 256 * 100, 4}, Case{Kind::kBarrier, kTwo, 0, 16},
                    Case{Kind::kKv, kTwo, 300'003, 4}));

TEST(Collective, SumsAreWithinRoundingOfExactOnes) {
  Spec spec = spec_of({Kind::kAllReduce, kTwo, 4096, 16});
  for (const DType dtype : {DType::kF32, DType::kBf16}) {
    spec.dtype = dtype;
    collective::Memory memory;
    memory.in_bytes = spec.bytes;
    const auto inputs = collective::inputs_of(spec, memory);
    const auto sums = collective::sum_of(spec, inputs, 0, spec.bytes, 0, false);
    const std::uint32_t size = size_of(dtype);
    const double half_ulp =
        dtype == DType::kF32 ? 0x1p-24 : 0x1p-8;  // 24 and 8 bits of significand
    for (std::uint32_t at = 0; at < spec.bytes; at += size) {
      double exact = 0, magnitude = 0;
      for (const auto& input : inputs) {
        const double x = static_cast<double>(load_number(dtype, input.data() + at));
        exact += x;
        magnitude += std::abs(x);
      }
      const double sum = static_cast<double>(load_number(dtype, sums.data() + at));
      // Fifteen additions in F32, of partial sums below the magnitude, and one rounding at the end.
      ASSERT_NEAR(sum, exact, 15 * 0x1p-24 * magnitude + half_ulp * std::abs(exact)) << at;
    }
  }
}

TEST(Collective, AWrongSumIsFound) {
  // The same run, held against the sums of another order of ranks.
  const Spec spec = spec_of({Kind::kAllReduce, kTwo, 4096, 4});
  collective::Memory memory;
  memory.in_bytes = spec.bytes;
  const auto inputs = collective::inputs_of(spec, memory);
  EXPECT_NE(collective::sum_of(spec, inputs, 0, spec.bytes, 0, false),
            collective::sum_of(spec, inputs, 0, spec.bytes, 1, true));
}

TEST(Collective, StagesOfAMessageAddUpToItsTime) {
  const Spec spec = spec_of({Kind::kKv, kTwo, 64, 2});
  const Result r = run(spec);
  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  std::uint64_t sum = 0;
  std::map<std::string, std::uint64_t> stage;
  for (const collective::Stage& s : r.stages) {
    sum += s.ps;
    stage[s.name] = s.ps;
  }
  ASSERT_EQ(r.stages.size(), 7U);
  EXPECT_EQ(sum, r.first_ps);
  // Interfaces, links, switch and tail are what the closed form of alpha says, to a core cycle.
  const std::uint64_t wire = r.stages[2].ps + r.stages[3].ps + r.stages[4].ps + r.stages[5].ps;
  const double tail = 3 * 1280;  // 64 bytes are four flits, alpha has one
  EXPECT_NEAR(static_cast<double>(wire), r.fabric.alpha_s * 1e12 + tail, 1000.0);
  EXPECT_LT(stage["doorbell to data (begin, memory read, link edge)"], 1'000'000U);
}

TEST(Collective, TimeIsTheSameWithAndWithoutBytes) {
  const auto time = [](const char* data) {
    return in_child([data] {
             const Spec spec = spec_of({Kind::kAllReduce, kTwo, 200'000, 4});
             const Result r = run(spec, {"aipu.cores=4", fmt::format("simulation.data={}", data)});
             return fmt::format("{}", r.all_ps);
           })
        .output;
  };
  EXPECT_THAT(time("timing"), testing::MatchesRegex("[0-9]+"));
  EXPECT_EQ(time("functional"), time("timing"));
}

TEST(Collective, AWindowPacesATransfer) {
  const auto time = [](std::uint32_t window) {
    return std::stoull(in_child([window] {
                         Spec spec = spec_of({Kind::kKv, kTwo, 262'144, 2});
                         spec.columns = 1;
                         spec.chunk = 4096;
                         spec.window = window;
                         return fmt::format("{}", run(spec).all_ps);
                       }).output);
  };
  // One message of 4 KiB every round trip is an eighth of the bandwidth or less.
  EXPECT_GT(time(1), 4 * time(0));
}

}  // namespace
}  // namespace aipu::test
