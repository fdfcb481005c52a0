// SPDX-License-Identifier: Apache-2.0
// How near to the bounds of an alpha-beta network collectives of 16 AIPUs come on the default
// board.
#include <gtest/gtest.h>

#include "hw/config/load.h"
#include "sim/collective/run.h"

namespace aipu::test {
namespace {

using collective::Kind;

struct Point {
  Kind kind;
  std::uint32_t bytes;
  const char* memory = "fast";
  friend void PrintTo(const Point& p, std::ostream* out) {
    *out << collective::kind_names()[static_cast<std::size_t>(p.kind)] << " of " << p.bytes << ", "
         << p.memory;
  }
};

class CollectiveBoundsTest : public testing::TestWithParam<Point> {};

TEST_P(CollectiveBoundsTest, TakesAtMostTheBoundOver95Percent) {
  collective::Spec spec;
  spec.kind = GetParam().kind;
  spec.bytes = GetParam().bytes;
  spec.ranks = 16;
  const config::Board board =
      config::load("hc1000_module", {"aipus=16", "simulation.data=timing",
                                     std::string("simulation.memory=") + GetParam().memory});
  const collective::Result r = collective::run(spec, board, platform::builtin_firmware());
  ASSERT_EQ(r.ending.code, ExitCode::kGood) << r.ending.report;
  EXPECT_LE(r.seconds(), r.bound() / 0.95);
  // The two-shot bound counts two phases one after the other, which overlap here; the others are
  // bounds of any schedule.
  if (spec.kind != Kind::kAllReduce) {
    EXPECT_GE(r.seconds(), r.bound()) << "faster than possible";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Points, CollectiveBoundsTest,
    testing::Values(Point{Kind::kAllReduce, 1U << 20U}, Point{Kind::kAllReduce, 16U << 20U},
                    Point{Kind::kAllToAll, 1U << 20U}, Point{Kind::kAllToAll, 16U << 20U},
                    Point{Kind::kAllGather, 1U << 20U}, Point{Kind::kAllGather, 16U << 20U},
                    Point{Kind::kReduceScatter, 16U << 20U}, Point{Kind::kBroadcast, 16U << 20U},
                    Point{Kind::kCombine, 1U << 20U}, Point{Kind::kDispatch, 16U << 20U},
                    Point{Kind::kKv, 16U << 20U}, Point{Kind::kAllReduce, 1U << 20U, "exact"},
                    Point{Kind::kAllToAll, 16U << 20U, "exact"},
                    Point{Kind::kReduceScatter, 16U << 20U, "exact"},
                    Point{Kind::kKv, 16U << 20U, "exact"}));

}  // namespace
}  // namespace aipu::test
