// SPDX-License-Identifier: Apache-2.0
// The fast fabric against the exact one, and failed links: collectives on whole boards.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "hw/config/load.h"
#include "sim/collective/run.h"
#include "tests/support/child.h"

namespace aipu::test {
namespace {

using collective::Kind;

constexpr double kMostError = 0.03;  // of time; architecture, "two fidelities of time"

struct Case {
  Kind kind;
  std::uint32_t bytes;
  std::uint32_t aipus;
  friend void PrintTo(const Case& c, std::ostream* out) {
    *out << collective::kind_names()[static_cast<std::size_t>(c.kind)] << " of " << c.bytes;
  }
};

/// Seconds of a collective whose bytes are right, in a process of its own; else below 0.
double seconds(const Case& c, const std::vector<std::string>& settings) {
  const ChildResult child = in_child([&] {
    std::vector<std::string> all = settings;
    all.insert(all.end(), {fmt::format("aipus={}", c.aipus), "simulation.memory=fast",
                           "simulation.data=functional"});
    collective::Spec spec;
    spec.kind = c.kind;
    spec.bytes = c.bytes;
    spec.ranks = c.aipus;
    const collective::Result r =
        collective::run(spec, config::load("hc1000_module", all), platform::builtin_firmware());
    const bool good = r.ending.code == ExitCode::kGood && r.correct.value_or(false);
    return good ? fmt::format("{}", r.seconds()) : "-1";
  });
  EXPECT_TRUE(child.good) << child.output;
  return child.good ? std::stod(child.output) : -1;
}

class FabricFidelityTest : public testing::TestWithParam<Case> {};

TEST_P(FabricFidelityTest, FastTakesAlmostTheSameTimeForTheSameBytes) {
  const double exact = seconds(GetParam(), {"simulation.fabric=exact"});
  const double fast = seconds(GetParam(), {"simulation.fabric=fast"});
  ASSERT_GT(exact, 0);
  ASSERT_GT(fast, 0);
  fmt::print("fast {:+.2f} % of exact\n", (fast / exact - 1) * 100);
  EXPECT_NEAR(fast / exact, 1.0, kMostError);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, FabricFidelityTest,
    testing::Values(Case{Kind::kAllToAll, 1U << 20U, 16}, Case{Kind::kAllToAll, 8U << 20U, 16},
                    Case{Kind::kAllReduce, 1U << 20U, 16}, Case{Kind::kAllGather, 4U << 20U, 16},
                    Case{Kind::kKv, 16U << 20U, 2}, Case{Kind::kAllToAll, 4U << 20U, 32}));

TEST(FastMulticastTest, BuffersSmallerThanATrainHoldOneAllTheSame) {
  const ChildResult child = in_child([] {
    collective::Spec spec;
    spec.kind = Kind::kAllGather;
    spec.algorithm = collective::Algorithm::kMulticast;
    spec.bytes = 1U << 20U;
    spec.ranks = 16;
    const config::Board board = config::load(
        "hc1000_module", {"aipus=16", "aipu.cores=8", "simulation.fabric=fast",
                          "simulation.memory=fast", "simulation.max_time=1 ms",
                          "switch.multicast_flits=40", "aipu.directcom.multicast_flits=40"});
    return collective::run(spec, board, platform::builtin_firmware()).ending.report;
  });
  EXPECT_TRUE(child.good);
  EXPECT_EQ(child.output, "");
}

TEST(MaskedLinksTest, TrafficGoesOnOverTheOtherLinks) {
  const Case c{Kind::kAllToAll, 1U << 20U, 16};
  const double whole = seconds(c, {});
  const double failed = seconds(c, {"masked_links=node3.1-plane1.leaf0"});
  ASSERT_GT(whole, 0);
  ASSERT_GT(failed, 0);
  // One AIPU has three lanes of four.
  EXPECT_GT(failed / whole, 1.2);
  EXPECT_LT(failed / whole, 1.4);
}

TEST(MaskedLinksTest, APathBetweenModulesMayFail) {
  const Case c{Kind::kAllToAll, 256U << 10U, 32};
  EXPECT_GT(seconds(c, {"masked_links=plane0.leaf0-plane0.spine3 node5.2-plane2.leaf0"}), 0);
}

TEST(MaskedLinksTest, AnUnknownLinkIsRefused) {
  EXPECT_FALSE(in_child([] {
                 const config::Board board =
                     config::load("hc1000_module", {"masked_links=plane9.leaf0-node0"});
                 return collective::run({}, board, platform::builtin_firmware()).ending.report;
               }).good);
}

}  // namespace
}  // namespace aipu::test
