// SPDX-License-Identifier: Apache-2.0
// The controller against published measurements of other simulators on the same traces, devices and
// policies. Needs the reference data beside the repository.
#include "tests/accuracy/hbm_reference.h"

#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <ostream>
#include <set>
#include <tuple>

namespace aipu::test {
namespace {

using hbm::kRead;

class ReferenceTest : public testing::TestWithParam<ReferenceRow> {
 protected:
  /// Percent from what was measured there; printed, and kept in the test's record.
  double deviation(const std::string& column, double ours) {
    const double theirs = GetParam().number(column);
    const double percent = (ours / theirs - 1) * 100;
    fmt::print("{:<48} {:<27} {:>12.3f} {:>12.3f} {:>+8.3f} %\n", GetParam().name(), column, ours,
               theirs, percent);
    RecordProperty(column + "_percent", fmt::format("{:.3f}", percent));
    return percent;
  }
};

std::string name_of(const testing::TestParamInfo<ReferenceRow>& info) {
  return info.param.name();
}

// Every number is the same, but for per-bank refresh and the watermark scheduler.

bool is_exact(const ReferenceRow& row) {
  return row.text("policy").rfind("refpb", 0) != 0;
}

/// Rows of the other policies, of those that are exact or of the rest.
std::vector<ReferenceRow> variants(bool exact) {
  std::vector<ReferenceRow> rows;
  for (const ReferenceRow& row : reference_rows("results_policy_variants.csv", "DRAMSys")) {
    if (is_exact(row) == exact) rows.push_back(row);
  }
  return rows;
}

class ExactTest : public ReferenceTest {
 protected:
  /// As the measurements print it.
  void expect_ns(const std::string& column, double ours) const {
    EXPECT_EQ(fmt::format("{:.3f}", ours), GetParam().text(column)) << column;
  }
};

TEST_P(ExactTest, EveryNumberIsTheSame) {
  const ReferenceRow& row = GetParam();
  const Outcome ours = run_reference(row.text("config"), row.text("policy"), row.text("trace"));
  const memory::Latencies& reads = ours.replay.latency[kRead];
  const auto ns = [&](auto ticks) { return ours.nanoseconds(static_cast<double>(ticks)); };
  EXPECT_EQ(ours.cycles(), row.number("total_ck"));
  EXPECT_EQ(static_cast<double>(reads.count()), row.number("n_reads"));
  if (row.has("rd_lat_from_arrival_avg_ns")) {
    expect_ns("rd_lat_from_arrival_avg_ns", ours.from_arrival_ns());
  } else {
    EXPECT_FALSE(ours.replay.paced);
  }
  expect_ns("rd_lat_from_accept_avg_ns", ns(reads.mean()));
  expect_ns("rd_lat_p50_ns", ns(reads.percentile(50)));
  expect_ns("rd_lat_p95_ns", ns(reads.percentile(95)));
  expect_ns("rd_lat_p99_ns", ns(reads.percentile(99)));
  expect_ns("rd_lat_max_ns", ns(reads.max()));
  expect_ns("rd_lat_min_ns", ns(reads.min()));
  const auto& commands = ours.replay.counts.commands;
  EXPECT_EQ(static_cast<double>(commands[hbm::kAct]), row.number("n_act"));
  EXPECT_EQ(static_cast<double>(commands[hbm::kRefab]), row.number("n_ref"));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ExactTest);
INSTANTIATE_TEST_SUITE_P(Hbm, ExactTest,
                         testing::ValuesIn(reference_rows("results.csv", "DRAMSys", "frfcfs")),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Variants, ExactTest, testing::ValuesIn(variants(true)), name_of);

// Command logs: the same commands in every cycle.

/// Commands as (cycle, name, bank group, bank, row, column), as the logs have them.
using Line = std::tuple<hbm::Tick, std::string, std::string, std::string, std::string, std::string>;

class LineSink : public hbm::CommandSink {
 public:
  void command(const hbm::LoggedCommand& c) override {
    const auto field = [](std::uint32_t value) {
      return value == hbm::LoggedCommand::kNoField ? "" : std::to_string(value);
    };
    lines.emplace(c.at, hbm::kCommandNames[c.command], field(c.bank_group), field(c.bank),
                  field(c.row), field(c.column));
  }
  std::set<Line> lines;
};

std::set<Line> logged_lines(const std::string& file) {
  std::set<Line> lines;
  for (const ReferenceRow& row : reference_rows(file)) {
    lines.emplace(std::stoll(row.text("cycle")), row.text("cmd"), row.text("bankgroup"),
                  row.text("bank"), row.text("row"), row.text("col"));
  }
  return lines;
}

struct LogCase {
  const char* device;
  const char* trace;
};

std::ostream& operator<<(std::ostream& out, const LogCase& log) {
  return out << log.device << " " << log.trace;
}

class CommandLogTest : public testing::TestWithParam<LogCase> {};

TEST_P(CommandLogTest, HasTheSameCommandsInEveryCycle) {
  AIPU_NEEDS_REFERENCE();
  const LogCase& log = GetParam();
  constexpr std::uint64_t kRequests = 1500;
  const auto expected =
      logged_lines(fmt::format("cmdlog_{}_{}_first{}.csv", log.device, log.trace, kRequests));
  ASSERT_FALSE(expected.empty());
  LineSink sink;
  run_reference(log.device, "frfcfs", log.trace, &sink, kRequests);
  EXPECT_EQ(sink.lines, expected);
}

INSTANTIATE_TEST_SUITE_P(Hbm, CommandLogTest,
                         testing::Values(LogCase{"HBM2-2000-PC", "b_rand_rd"},
                                         LogCase{"HBM2-2000-PC", "c2_mix21_rand"},
                                         LogCase{"HBM2-2000-PC", "e2_blk1k_l700"},
                                         LogCase{"HBM2-2000-PC", "f_4streams_conf"},
                                         LogCase{"HBM3-6400-PC", "b_rand_rd"}));

// Per-bank refresh and the watermark scheduler.

class PolicyTest : public ReferenceTest {};

TEST_P(PolicyTest, BandwidthIsWithinTwoAndLatencyWithinFivePercent) {
  const ReferenceRow& row = GetParam();
  const Outcome ours = run_reference(row.text("config"), row.text("policy"), row.text("trace"));
  EXPECT_LE(std::abs(deviation("gbytes_per_s", ours.gbytes_per_s())), 2.0);
  const double latency = ours.nanoseconds(ours.replay.latency[kRead].mean());
  EXPECT_LE(std::abs(deviation("rd_lat_from_accept_avg_ns", latency)), 5.0);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PolicyTest);
INSTANTIATE_TEST_SUITE_P(PerBankRefresh, PolicyTest, testing::ValuesIn(variants(false)), name_of);
INSTANTIATE_TEST_SUITE_P(Watermark, PolicyTest,
                         testing::ValuesIn(reference_rows("results.csv", "DRAMSys", "wm")),
                         name_of);

// HBM3 on its own command-bus rules, against the simulator that has them.

class NativeHbm3Test : public ReferenceTest {
 protected:
  bool loaded() const { return GetParam().has("rd_lat_from_arrival_avg_ns"); }
  /// Below seven tenths of what the same pattern reaches.
  bool below_saturation(const std::vector<ReferenceRow>& all) const {
    const std::string trace = GetParam().text("trace");
    const std::string pattern = trace.substr(0, trace.find("_l"));
    double most = 0;
    for (const ReferenceRow& row : all) {
      const std::string name = row.text("trace");
      const bool same = name.rfind(pattern, 0) == 0 ||
                        (pattern == "e_rand" && name == "b_rand_rd") ||
                        (pattern == "e3_seq" && name == "a_seq_rd");
      if (same) most = std::max(most, row.number("pct_of_peak"));
    }
    return GetParam().number("pct_of_peak") < 0.7 * most;
  }
};

std::vector<ReferenceRow> native_rows() {
  std::vector<ReferenceRow> rows;
  for (const ReferenceRow& row : reference_rows("results.csv", "Ramulator")) {
    if (row.text("config") == "HBM3-6400-PC") rows.push_back(row);
  }
  return rows;
}

TEST_P(NativeHbm3Test, BandwidthAndLoadedLatencyAreWithinAFewPercent) {
  const ReferenceRow& row = GetParam();
  const Outcome ours =
      run_reference(row.text("config") + "-native", row.text("policy"), row.text("trace"));
  const double tolerance = row.number("n_writes") == 0 ? 3.0 : 5.0;
  EXPECT_LE(std::abs(deviation("gbytes_per_s", ours.gbytes_per_s())), tolerance);
  if (!loaded()) return;
  const double percent = deviation("rd_lat_from_arrival_avg_ns", ours.from_arrival_ns());
  if (below_saturation(native_rows())) {
    EXPECT_LE(std::abs(percent), 5.0);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(NativeHbm3Test);
INSTANTIATE_TEST_SUITE_P(Hbm, NativeHbm3Test, testing::ValuesIn(native_rows()), name_of);

// A suite without rows has no tests: here it fails.

TEST(HbmReferenceTest, MeasurementsAreThere) {
  AIPU_NEEDS_REFERENCE();
  EXPECT_EQ(reference_rows("results.csv", "DRAMSys", "frfcfs").size(), 56U);
  EXPECT_EQ(variants(true).size(), 128U);
  EXPECT_EQ(variants(false).size(), 32U);
  EXPECT_EQ(reference_rows("results.csv", "DRAMSys", "wm").size(), 10U);
  EXPECT_EQ(native_rows().size(), 28U);
}

}  // namespace
}  // namespace aipu::test
