// SPDX-License-Identifier: Apache-2.0
#include "sim/collective/bounds.h"

#include <gtest/gtest.h>

#include "hw/config/load.h"

namespace aipu::test {
namespace {

using collective::Algorithm;
using collective::Fabric;
using collective::Kind;
using collective::Spec;

/// The network of the reference table: 1 us a message, 100 GB/s.
constexpr Fabric kReference{1e-6, 100e9};

Spec spec_of(Kind kind, std::uint32_t bytes, std::uint32_t ranks = 16) {
  Spec spec;
  spec.kind = kind;
  spec.bytes = bytes;
  spec.ranks = ranks;
  return spec;
}

/// In microseconds, three digits, as the table has it.
double bound(Kind kind, std::uint32_t bytes, Algorithm algorithm = Algorithm::kTwoShot) {
  return collective::bound_s(spec_of(kind, bytes), algorithm, kReference) * 1e6;
}

TEST(Bounds, AreThoseOfTheReferenceTable) {
  constexpr double kDigits = 0.0006;
  EXPECT_NEAR(bound(Kind::kAllReduce, 1U << 20U, Algorithm::kRing), 49.661, kDigits);
  EXPECT_NEAR(bound(Kind::kAllReduce, 1U << 20U, Algorithm::kTwoShot), 21.661, kDigits);
  EXPECT_NEAR(bound(Kind::kAllReduce, 1U << 20U, Algorithm::kOneShot), 158.286, kDigits);
  EXPECT_NEAR(bound(Kind::kAllReduce, 16U << 20U), 316.573, kDigits);
  EXPECT_NEAR(bound(Kind::kAllGather, 1U << 20U), 10.830, kDigits);
  EXPECT_NEAR(bound(Kind::kReduceScatter, 1U << 20U), 10.830, kDigits);
  EXPECT_NEAR(bound(Kind::kAllToAll, 1U << 20U), 10.830, kDigits);
}

TEST(Bounds, HeadersAndTheWayOfAMessageComeFromTheConfiguration) {
  const Fabric f = collective::fabric_of(config::load("hc1000_module", {}));
  EXPECT_DOUBLE_EQ(f.bytes_per_second, 50e9 * 512 / 528);
  // Two interfaces of 120 ns; links of 98, switch of 4 cycles, one flit behind the header.
  EXPECT_NEAR(f.alpha_s, 240e-9 + (98 + 4 + 98 + 1) * 1.28e-9, 1e-15);
}

TEST(Bounds, TheChoiceChangesWhereTheFormulasMeet) {
  const double limit = collective::one_shot_limit(16, kReference);
  const auto below = static_cast<std::uint32_t>(limit) - 4;
  EXPECT_EQ(collective::choose_algorithm(spec_of(Kind::kAllReduce, below), kReference),
            Algorithm::kOneShot);
  EXPECT_EQ(collective::choose_algorithm(spec_of(Kind::kAllReduce, below + 8), kReference),
            Algorithm::kTwoShot);
  EXPECT_EQ(collective::choose_algorithm(spec_of(Kind::kAllReduce, 1U << 30U, 2), kReference),
            Algorithm::kOneShot)
      << "two ranks send as much either way";
}

TEST(Bounds, RowsOfADispatchAreBoundByTheBusiestRank) {
  Spec spec = spec_of(Kind::kDispatch, 7168 * 64, 4);
  const auto counts = collective::uneven_counts(spec);
  std::uint64_t received = 0;
  for (std::uint32_t rank = 0; rank < 4; ++rank) {
    std::uint64_t rows = 0, in = 0;
    for (std::uint32_t other = 0; other < 4; ++other) {
      rows += counts[rank][other];
      if (other != rank) in += counts[other][rank];
    }
    EXPECT_EQ(rows, 64U) << "every rank has as many rows";
    received = std::max(received, in);
  }
  EXPECT_GE(collective::bound_s(spec, Algorithm::kTwoShot, kReference),
            1e-6 + static_cast<double>(received) * 7168 / 100e9);
  Spec even = spec;
  even.skew = 0;
  EXPECT_LT(collective::bound_s(even, Algorithm::kTwoShot, kReference),
            collective::bound_s(spec, Algorithm::kTwoShot, kReference));
}

TEST(Bounds, BusBandwidthFollowsNcclTests) {
  EXPECT_DOUBLE_EQ(collective::bus_factor(spec_of(Kind::kAllReduce, 4)), 30.0 / 16);
  EXPECT_DOUBLE_EQ(collective::bus_factor(spec_of(Kind::kAllToAll, 4)), 15.0 / 16);
  EXPECT_DOUBLE_EQ(collective::bus_factor(spec_of(Kind::kReduceScatter, 4)), 15.0 / 16);
  EXPECT_DOUBLE_EQ(collective::bus_factor(spec_of(Kind::kBroadcast, 4)), 1);
}

}  // namespace
}  // namespace aipu::test
