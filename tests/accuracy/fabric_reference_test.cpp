// SPDX-License-Identifier: Apache-2.0
// Switches and networks against published curves of another simulator. Needs its measurements
// beside the repository. Where the two machines differ by design the row is held to what theory
// makes of the difference; hw/docs/accuracy.md has the list.
#include "tests/accuracy/fabric_reference.h"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <numeric>
#include <ostream>

namespace aipu::test {
namespace {

constexpr double kThroughput = 3;  // per cent, at saturation
constexpr double kMean = 5;        // below four fifths of saturation
constexpr double kP99 = 10;        // there
constexpr double kMeasurable = 0.8;

double percent(double ours, double expected) {
  return (ours / expected - 1) * 100;
}

/// Mean wait of Bernoulli arrivals, `load` flits a cycle in packets of `flits`, at a server that
/// takes `service` cycles for each: the queue of a source (Geo/D/1).
double source_wait(double load, double flits, double service) {
  const double p = load / flits;
  return p * service * (service - 1) / (2 * (1 - p * service));
}

/// Mean wait at an output of an ideal output-queued switch of `inputs`, first come first served:
/// M/D/1, less what a source cannot do to itself. Exact for one flit.
double output_wait(double load, double flits, double inputs) {
  return (inputs - 1) / inputs * load * flits / (2 * (1 - load));
}

class FabricReferenceTest : public testing::TestWithParam<FabricRow> {
 protected:
  const FabricRow& row() const { return GetParam(); }
  double flits() const { return static_cast<double>(machine_.senders.packet_flits); }
  double nodes() const { return row().number("nodes"); }
  /// What the row's packets were: its windows are short, and the load in them is not the nominal.
  double load() const {
    const bool complete = !row().saturation() && row().text("stable") == "1";
    return row().number(complete ? "accepted_mean" : "offered");
  }
  FabricOutcome run() const {
    FabricRow at = row();
    if (!row().saturation()) at.fields["offered"] = fmt::format("{}", load());
    return run_fabric(at, machine_, fabric_traffic(at), fabric_run(at));
  }
  /// Offered load below four fifths of what the same experiment saturates at.
  bool measurable(const std::string& file) const {
    if (row().saturation() || !row().has("lat_mean")) return false;
    for (const FabricRow& other : fabric_rows(file, row().text("experiment"))) {
      if (other.saturation() && other.text("packet_flits") == row().text("packet_flits"))
        return row().number("offered") <= kMeasurable * other.number("accepted_mean");
    }
    return false;
  }
  /// Prints and keeps a figure: ours, the row's, what is expected. Deviation from the expected.
  double figure(const std::string& what, double ours, double theirs, double expected) {
    const double off = percent(ours, expected);
    fmt::print("{:<44} {:<10} {:>9.4f} {:>9.4f} {:>9.4f} {:>+7.2f} %\n", row().name(), what, ours,
               theirs, expected, off);
    RecordProperty(what + "_percent", fmt::format("{:.2f}", off));
    return off;
  }
  double figure(const std::string& what, double ours, const std::string& column) {
    return figure(what, ours, row().number(column), row().number(column));
  }

  FabricMachine machine_ = fabric_machine(GetParam());
};

std::string name_of(const testing::TestParamInfo<FabricRow>& info) {
  return info.param.name();
}

// One packet-atomic switch with virtual output queues. There a virtual channel is idle for a cycle
// after each packet, so that a pair of ports takes flits + 1 cycles for it: its saturation scales
// by (flits + 1) / flits, and a source that sends to one output queues as with that service.

constexpr double kShortQueues = 8;  ///< percent

class PacketAtomicTest : public FabricReferenceTest {};

TEST_P(PacketAtomicTest, MatchesTheSwitchOfTheReference) {
  const FabricOutcome ours = run();
  if (row().saturation() || row().text("stable") == "0") {
    const double corrected = row().number("accepted_mean") * (flits() + 1) / flits();
    const double expected = std::min(corrected, load());
    const double off = figure("accepted", ours.accepted, row().number("accepted_mean"), expected);
    EXPECT_GE(off, -kThroughput);
    // Queues of two packets: more than the reference, an accepted deviation (hw/docs/accuracy.md).
    EXPECT_LE(off, flits() == 16 ? kShortQueues : kThroughput);
    return;
  }
  const double least = static_cast<double>(zero_load(machine_, 1, machine_.senders.packet_flits));
  const bool permutation = row().text("traffic") == "bitcomp";
  if (permutation) {
    const double mean = row().number("lat_mean");
    EXPECT_LE(std::abs(percent(mean, least + source_wait(load(), flits(), flits() + 1))), kMean)
        << "the row is as the theory with its idle cycle says";
    const double expected = least + source_wait(load(), flits(), flits());
    EXPECT_LE(std::abs(figure("lat_mean", ours.mean, mean, expected)), 1.0);
    return;
  }
  const double mean = figure("lat_mean", ours.mean, "lat_mean");
  const double p99 = figure("lat_p99", ours.p99, "lat_p99");
  if (!measurable("switch16_packet_atomic.csv")) return;
  EXPECT_LE(std::abs(mean), kMean);
  EXPECT_LE(std::abs(p99), kP99);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PacketAtomicTest);
INSTANTIATE_TEST_SUITE_P(Switch, PacketAtomicTest,
                         testing::ValuesIn(fabric_rows("switch16_packet_atomic.csv",
                                                       "sw16_voqhold")),
                         name_of);

// One switch with speed-up 2. With virtual output queues and speed-up 2 it is an ideal
// output-queued switch, which saturates at 1. The reference has four shared virtual channels (its
// head-of-line blocking shows near saturation) and shares an output among them flit by flit: the
// wait of that lies between first come first served and processor sharing, which has twice the
// mean wait of it for packets of one length, and a lighter tail.

class SpeedupSwitchTest : public FabricReferenceTest {};

TEST_P(SpeedupSwitchTest, IsAnIdealOutputQueuedSwitch) {
  const FabricOutcome ours = run();
  if (row().saturation() || row().text("stable") == "0") {
    EXPECT_LE(std::abs(figure("accepted", ours.accepted, row().number("accepted_mean"), load())),
              kThroughput);
    EXPECT_GE(ours.accepted, 0.99 * row().number("accepted_mean"));
    return;
  }
  const double least = static_cast<double>(zero_load(machine_, 1, machine_.senders.packet_flits));
  const double source = source_wait(load(), flits(), flits());
  const double output = output_wait(load(), flits(), nodes());
  const double expected = least + source + output;
  const double theirs = row().number("lat_mean");
  EXPECT_LE(std::abs(figure("lat_mean", ours.mean, theirs, expected)), kMean);
  const double p99 = figure("lat_p99", ours.p99, "lat_p99");
  if (!measurable("cioq_speedup2.csv")) return;
  EXPECT_GE(theirs, 0.99 * expected) << "not better than first come first served";
  EXPECT_LE(theirs, 1.01 * (expected + output)) << "not worse than processor sharing";
  EXPECT_LE(std::abs(percent(ours.mean, theirs)), 2 * kMean) << "accepted deviation";
  EXPECT_LE(p99, flits() > 1 ? 2 * kP99 : kP99) << "accepted deviation: the tail of first come";
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(SpeedupSwitchTest);
INSTANTIATE_TEST_SUITE_P(Switch, SpeedupSwitchTest,
                         testing::ValuesIn(fabric_rows("cioq_speedup2.csv", "sw16_cioq")), name_of);

// Leaves and spines. The reference counts flits that were sent, and herds; ours counts them when
// they are assigned, and must not be worse. Nor can it be better than the queues that no choice of
// a way avoids, those of the source and of the destination's link.

class LeafSpineTest : public FabricReferenceTest {
 protected:
  std::string file() const {
    return machine_.config.plane.speedup == 2 ? "cioq_speedup2.csv" : "switch16_packet_atomic.csv";
  }
};

TEST_P(LeafSpineTest, LiesBetweenAnIdealFabricAndTheReference) {
  const FabricOutcome ours = run();
  if (row().saturation() || row().text("stable") == "0") {
    figure("accepted", ours.accepted, "accepted_mean");
    EXPECT_GE(percent(ours.accepted, row().number("accepted_mean")), -kThroughput);
    EXPECT_LE(ours.accepted, 1.005 * load());
    return;
  }
  const double hops = row().number("hops");
  const auto least = static_cast<double>(zero_load(machine_, 1, machine_.senders.packet_flits));
  const double one_more =
      static_cast<double>(zero_load(machine_, 2, machine_.senders.packet_flits)) - least;
  const bool permutation = row().text("traffic") == "bitcomp";
  const double ideal = least + (hops - 1) * one_more + source_wait(load(), flits(), flits()) +
                       (permutation ? 0 : output_wait(load(), flits(), nodes()));
  figure("lat_mean", ours.mean, row().number("lat_mean"), ideal);
  figure("lat_p99", ours.p99, "lat_p99");
  EXPECT_GE(ours.mean, 0.99 * ideal);
  EXPECT_LE(ours.mean, (1 + kMean / 100) * row().number("lat_mean"));
  EXPECT_LE(ours.p99, (1 + kP99 / 100) * row().number("lat_p99"));
}

std::vector<FabricRow> leaf_spine_rows() {
  std::vector<FabricRow> rows = fabric_rows("load_balancing_packet_atomic.csv", "ls64_voqhold");
  for (const FabricRow& row : fabric_rows("cioq_speedup2.csv", "ls64_cioq"))
    rows.push_back(row);
  return rows;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LeafSpineTest);
INSTANTIATE_TEST_SUITE_P(Network, LeafSpineTest, testing::ValuesIn(leaf_spine_rows()), name_of);

// Random permutations at full load. The idle cycle of the packet-atomic rows costs between nothing
// (a link that others fill) and one cycle in flits + 1 (a flow alone): what is expected without it
// lies between the row and the row x (flits + 1) / flits. Speed-up rows have no such cycle, but
// their head-of-line blocking: ours lies between them and a whole link. Hashed flows are bounded by
// the links that the hash uses at all.

class PermutationTest : public FabricReferenceTest {
 protected:
  /// What up links and down links can carry of hashed flows, and those that stay in a leaf; flits a
  /// cycle and node.
  double ecmp_bound() const {
    const fabric::FlowClass flows = fabric_traffic(row()).front();
    constexpr std::uint32_t kSize = 8;                        // leaves, nodes of each, spines
    std::array<std::array<double, kSize * kSize>, 2> used{};  // up, down
    double inside = 0;
    for (std::uint32_t n = 0; n < flows.destinations.size(); ++n) {
      const std::uint32_t d = flows.destinations[n];
      const std::uint64_t spine =
          directcom::flow_hash({n, d}, machine_.config.plane.hash_seed) % kSize;
      if (n / kSize == d / kSize) {
        ++inside;
      } else {
        used[0][n / kSize * kSize + spine] = 1;
        used[1][d / kSize * kSize + spine] = 1;
      }
    }
    const auto sum = [](const auto& links) {
      return std::accumulate(links.begin(), links.end(), 0.0);
    };
    return (std::min(sum(used[0]), sum(used[1])) + inside) / nodes();
  }
  double bound() const {
    if (row().text("routing") == "ecmp") return ecmp_bound();
    if (machine_.config.plane.speedup == 2) return 1;
    return row().number("accepted_mean") * (flits() + 1) / flits();
  }
};

TEST_P(PermutationTest, LiesBetweenTheReferenceAndItsBound) {
  const FabricOutcome ours = run();
  const double theirs = row().number("accepted_mean");
  const bool ecmp = row().text("routing") == "ecmp";
  const bool of_the_row = row().text("traffic") == "randperm(11)";
  figure("accepted", ours.accepted, theirs, bound());
  fmt::print("{:<44} {:<10} {:>9.4f} {:>9.4f}\n", row().name(), "worst", ours.worst_node,
             row().number("accepted_min_node"));
  EXPECT_LE(percent(ours.accepted, bound()), kThroughput);
  if (of_the_row) {
    EXPECT_GE(percent(ours.accepted, theirs), -kThroughput);
  }
  if (ecmp) {
    EXPECT_NEAR(ours.accepted, 0.6, 0.1);
  } else if (machine_.config.plane.speedup == 2 && row().text("routing") != "rand") {
    EXPECT_GE(ours.accepted, 0.94);
    EXPECT_GE(ours.worst_node, 0.85);
  }
}

std::vector<FabricRow> permutation_rows() {
  std::vector<FabricRow> rows = fabric_rows("load_balancing_packet_atomic.csv", "lb64hold_voq");
  for (const FabricRow& row : fabric_rows("cioq_speedup2.csv", "lb64cioq")) {
    rows.push_back(row);
    if (row.text("routing") == "rand") continue;
    for (const char* seed : {"12", "13"}) {  // the other permutations
      rows.push_back(row);
      FabricRow& other = rows.back();
      other.fields["experiment"] += fmt::format("_{}", seed);
      other.fields["traffic"] = fmt::format("randperm({})", seed);
      std::string& extra = other.fields["extra"];
      extra.replace(extra.find("hash_seed=11"), 12, fmt::format("hash_seed={}", seed));
    }
  }
  return rows;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PermutationTest);
INSTANTIATE_TEST_SUITE_P(Network, PermutationTest, testing::ValuesIn(permutation_rows()), name_of);

// Incast to one node beside a background that avoids it.

/// Class 1 of a row with so much incast, in the row's windows: a collapse goes on with time.
FabricOutcome background(const FabricRow& row, double incast, bool split) {
  FabricRow at = row;
  at.fields["offered"] = fmt::format("{{{},0.3}}", incast);
  FabricRun run{8, {3000, 7000, 0}};
  return run_fabric(at, fabric_machine(at), fabric_traffic(at, split), run, 1);
}

class VictimTest : public FabricReferenceTest {
 protected:
  /// The row's, times what its idle cycle takes from the hot link.
  double incast() const {
    return std::stod(row().text("offered").substr(1)) * (flits() + 1) / flits();
  }
  bool one_switch() const { return machine_.topology.switches.size() == 1; }
};

TEST_P(VictimTest, ASharedClassCollapsesWhereTheReferenceDoesAndASplitOneDoesNot) {
  const FabricOutcome alone = background(row(), 0, true);
  const FabricOutcome split = background(row(), incast(), true);
  const FabricOutcome shared = background(row(), incast(), false);
  figure("shared", shared.accepted, "accepted_mean");
  figure("shared_lat", shared.mean, "lat_mean");
  figure("split", split.accepted, row().number("accepted_mean"), alone.accepted);
  figure("split_lat", split.mean, row().number("lat_mean"), alone.mean);
  EXPECT_LE(std::abs(percent(split.accepted, alone.accepted)), 2);
  EXPECT_LE(std::abs(percent(split.mean, alone.mean)), 10);
  if (one_switch()) {  // virtual output queues protect by themselves
    EXPECT_LE(std::abs(percent(shared.accepted, alone.accepted)), 2);
    EXPECT_LE(std::abs(percent(shared.mean, alone.mean)), 10);
    return;
  }
  const double load = incast() * nodes();
  const bool deep = row().number("accepted_mean") < 0.25;
  EXPECT_GT(load, 1) << "the hot link is overloaded";
  EXPECT_GE(shared.mean, 2 * alone.mean) << "the background waits behind the incast";
  if (deep) {
    EXPECT_LE(shared.accepted, 0.75 * alone.accepted);
  }
}

std::vector<FabricRow> victim_rows() {
  std::vector<FabricRow> rows;
  for (const char* experiment : {"victim_sw16_voq", "victim_ls64_voq"}) {
    for (const FabricRow& row : fabric_rows("victim_flow.csv", experiment)) {
      if (row.text("class") == "1") rows.push_back(row);
    }
  }
  return rows;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(VictimTest);
INSTANTIATE_TEST_SUITE_P(Incast, VictimTest, testing::ValuesIn(victim_rows()), name_of);

// A suite without rows has no tests: here it fails.

TEST(FabricReferencesTest, MeasurementsAreThere) {
  AIPU_NEEDS_REFERENCE();
  EXPECT_EQ(fabric_rows("switch16_packet_atomic.csv", "sw16_voqhold").size(), 15U);
  EXPECT_EQ(fabric_rows("cioq_speedup2.csv", "").size(), 23U);
  EXPECT_EQ(fabric_rows("cioq_speedup2.csv", "sw16_cioq").size(), 11U);
  EXPECT_EQ(leaf_spine_rows().size(), 12U);
  EXPECT_EQ(permutation_rows().size(), 13U);
  EXPECT_EQ(victim_rows().size(), 4U);
}

}  // namespace
}  // namespace aipu::test
