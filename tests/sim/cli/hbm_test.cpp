// SPDX-License-Identifier: Apache-2.0
// `hc1000 hbm` as a user starts it.
#include <fmt/format.h>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using Words = std::vector<std::string>;

class CliHbmTest : public test::ProgramTest {
 protected:
  /// `hc1000 hbm` on one pseudo-channel, with more arguments.
  static Words hbm(const Words& more) {
    Words words{"hbm", "--device", "HBM2-2000-PC"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static Words random(const Words& more = {}) {
    Words words = hbm({"--source", "random", "--requests", "500"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void expect_bad_trace(const std::string& text, const std::string& part) const {
    test::write_file(file("t.trc"), text);
    expect_refused(hbm({"--trace", "t.trc"}), 2, part, {"t.trc"});
  }
};

TEST_F(CliHbmTest, SaysWhereTheBandwidthWent) {
  const Outcome result = run(random());
  EXPECT_EQ(result.code, 0) << result.err;
  const std::string first = result.out.substr(0, result.out.find('\n'));
  EXPECT_NE(first.find("% of the peak of 16.00 GB/s; lost: "), std::string::npos) << first;
  EXPECT_NE(result.out.find("refresh"), std::string::npos);
}

TEST_F(CliHbmTest, JsonHasTheColumnsOfTheReferenceAndLossesThatAddUp) {
  const auto json = run(random({"--json", "--load", "300", "--reads", "2/3"})).json();
  for (const char* column : {"simulator",
                             "config",
                             "policy",
                             "trace",
                             "n_requests",
                             "n_reads",
                             "n_writes",
                             "total_ck",
                             "gbytes_per_s",
                             "pct_of_peak",
                             "rd_lat_from_arrival_avg_ns",
                             "rd_lat_from_accept_avg_ns",
                             "rd_lat_p50_ns",
                             "rd_lat_p95_ns",
                             "rd_lat_p99_ns",
                             "rd_lat_max_ns",
                             "rd_lat_min_ns",
                             "n_act",
                             "n_ref",
                             "row_hit_rate",
                             "req_per_cpu_s"})
    EXPECT_TRUE(json.contains(column)) << column;
  double sum = 0;
  for (const auto& [cause, ck] : json.at("loss").items())
    sum += ck.get<double>();
  EXPECT_DOUBLE_EQ(sum, json.at("total_ck").get<double>());
  EXPECT_EQ(json.at("n_requests"), 500);
  EXPECT_EQ(json.at("bank_accesses").size(), 1U);
  EXPECT_EQ(json.at("bank_accesses")[0].size(), 16U);
  EXPECT_GT(json.at("energy").at("pj_per_bit").get<double>(), 0);
}

TEST_F(CliHbmTest, LatencyFromArrivalNeedsArrivalsOverTime) {
  EXPECT_TRUE(run(random({"--json"})).json().at("rd_lat_from_arrival_avg_ns").is_null());
  EXPECT_FALSE(
      run(random({"--json", "--load", "100"})).json().at("rd_lat_from_arrival_avg_ns").is_null());
}

TEST_F(CliHbmTest, TlmGivesTheSameNumbers) {
  auto direct = run(random({"--json", "--check"})).json();
  auto tlm = run(random({"--json", "--check", "--through", "tlm"})).json();
  direct.erase("req_per_cpu_s");
  tlm.erase("req_per_cpu_s");
  EXPECT_EQ(tlm, direct);
}

TEST_F(CliHbmTest, TlmGivesTheSameEnergyAsleepOrBehindFixedLatencies) {
  const Words words = random({"--json", "--load", "20", "--set", "power_down=50ns", "--set",
                              "controller_latency=300ns", "--set", "phy_latency=900ns"});
  auto direct = run(words).json();
  EXPECT_GT(direct.at("energy").at("background_power_down_pj").get<double>(), 0);
  Words through = words;
  through.insert(through.end(), {"--through", "tlm"});
  auto tlm = run(through).json();
  for (const char* key : {"energy", "commands", "loss", "total_ck", "bank_accesses"})
    EXPECT_EQ(tlm.at(key), direct.at(key)) << key;
}

TEST_F(CliHbmTest, ManyPseudoChannelsThroughTlmHaveEnergy) {
  const Outcome result = run({"hbm", "--device", "HBM3-6400", "--source", "random", "--requests",
                              "20000", "--through", "tlm", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_GT(result.json().at("energy").at("background_active_pj").get<double>(), 0);
}

TEST_F(CliHbmTest, CheckBitsAreTrafficOfTheirOwn) {
  for (const char* source : {"sequential", "random", "block", "streams", "bank_conflict"}) {
    const Outcome result = run(hbm({"--source", source, "--requests", "3000", "--set", "ecc=inline",
                                    "--through", "tlm", "--check", "--json"}));
    ASSERT_EQ(result.code, 0) << source << result.err;
    const auto json = result.json();
    EXPECT_EQ(json.at("n_requests"), 3000);
    EXPECT_EQ(json.at("loss").at("busy"), 6000) << source;
    EXPECT_GE(json.at("loss").at("check_bits").get<double>(), 3000 / 8 * 2) << source;
    double sum = 0;
    for (const auto& [cause, ck] : json.at("loss").items())
      sum += ck.get<double>();
    EXPECT_DOUBLE_EQ(sum, json.at("total_ck").get<double>()) << source;
  }
  expect_refused(random({"--set", "ecc=inline"}), 2, "ecc=inline needs --through tlm");
}

TEST_F(CliHbmTest, AddressesOfCheckBitsAreNoData) {
  // 32768 rows x 8 / 9 of 16 KiB each.
  test::write_file(file("t.trc"), "0 R 1c71bfe0\n0 R 1c71c000\n");
  expect_refused(hbm({"--trace", "t.trc", "--set", "ecc=inline", "--through", "tlm"}), 2,
                 "t.trc:2: '1c71c000' lies beyond the device, which ends at 1c71c000", {"t.trc"});
}

TEST_F(CliHbmTest, ACalibrationIsAFileThatARunTakes) {
  const Words words{"hbm", "--device", "HBM2-2000", "--set", "page=closed", "--calibrate"};
  Words into = words;
  into.insert(into.end(), {"-o", "c.yaml"});
  const Outcome written = run(into);
  EXPECT_EQ(written.code, 0) << written.err;
  EXPECT_EQ(written.out, "");
  EXPECT_EQ(listing(), Words{"c.yaml"});
  const std::string text = read("c.yaml");
  EXPECT_EQ(text, run(words).out);
  for (const char* part : {"HBM2-2000, policy device", "# page=closed\n", "long reads",
                           "random pieces", "\nread_granule: ", "\npiece_error: "})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;

  Words with = test::small_run({"--set", "simulation.memory=fast"});
  with.insert(with.end(), {"--set", "simulation.calibration=c.yaml"});
  const Outcome fast = run(with);
  EXPECT_EQ(fast.code, 0) << fast.err;
}

TEST_F(CliHbmTest, ACalibrationNamesTheFileOfADeviceWithoutItsFolder) {
  test::write_file(file("d.yaml"), "extends: HBM2-2000-PC\n");
  const Outcome result = run({"hbm", "--device", file("d.yaml"), "--calibrate"});
  EXPECT_EQ(result.out.rfind("# HBM of d.yaml, policy device,", 0), 0U) << result.out;
  EXPECT_EQ(result.out.find('/'), std::string::npos) << result.out;
}

TEST_F(CliHbmTest, AMapOfTheUsersCanBeMeasured) {
  const Outcome result = run({"hbm", "--calibrate", "--set",
                              "address_map=row:15 sid:1 bank:2 column:2 channel:6 column:3 group:2",
                              "--set", "address_xor=bank0^row0 channel1^row3"});
  EXPECT_EQ(result.code, 0) << result.err;
}

TEST_F(CliHbmTest, ACalibrationIsWrittenAsAWholeOrNotAtAll) {
  expect_refused(hbm({"--calibrate", "-o", "none/c.yaml"}), 4, "none/c.yaml: cannot be written");
  expect_refused(hbm({"--calibrate", "-o", "."}), 4, "is a directory");
  expect_refused(hbm({"--calibrate", "-o", "/dev/null"}), 4, "is no regular file");
  test::write_file(file("c.yaml"), "kept");
  expect_refused(hbm({"--calibrate", "-o", "c.yaml", "--set", "banks=3"}), 2, "banks: 3",
                 {"c.yaml"});
  EXPECT_EQ(read("c.yaml"), "kept");
}

TEST_F(CliHbmTest, AModeTakesOnlyItsOwnOptions) {
  expect_refused(hbm({"--calibrate", "--trace", "t.trc"}), 2,
                 "--trace does not go with --calibrate");
  expect_refused(random({"--calibrate"}), 2, "does not go with --calibrate");
  expect_refused(hbm({"--calibrate", "--print-device"}), 2, "does not go with --");
  expect_refused(hbm({"--devices"}), 2, "--device does not go with --devices");
  expect_refused(random({"-o", "c.yaml"}), 2, "--output goes with --calibrate");
  expect_refused(hbm({"--calibrate", "--set", "ecc=inline"}), 2, "--calibrate knows no check bits");
}

TEST_F(CliHbmTest, AnInterruptEndsAReplayAndLeavesNothing) {
  for (const char* through : {"direct", "tlm"}) {
    const Outcome result = run(hbm({"--source", "random", "--requests", "1000000000", "--through",
                                    through, "--command-log", "log.csv"}),
                               {"log.csv.tmp", std::chrono::milliseconds(50)});
    EXPECT_EQ(result.code, 130) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find("interrupted after "), std::string::npos) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_EQ(listing(), Words{});
  }
}

TEST_F(CliHbmTest, ALongSilenceCostsNothing) {
  test::write_file(file("t.trc"), "0 R 0\n280000000000000 R 0\n");
  const auto json = run(hbm({"--trace", "t.trc", "--json"})).json();
  EXPECT_EQ(json.at("n_ref"), 280'000'000'000'000 / 3900);
}

TEST_F(CliHbmTest, ReplaysATraceAndWritesItsCommands) {
  test::write_file(file("t.trc"), "# one row\n0 R 0\n0 R 20\n5 W 47\n");
  const Outcome result = run(hbm({"--trace", "t.trc", "--command-log", "log.csv", "--json"}));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.json().at("trace"), "t");
  EXPECT_EQ(result.json().at("n_writes"), 1);
  EXPECT_EQ(listing(), (Words{"log.csv", "t.trc"}));
  EXPECT_EQ(read("log.csv"),
            "cycle,cmd,bankgroup,bank,row,col\n1,ACT,0,0,0,\n5,ACT,1,0,0,\n9,ACT,2,0,0,\n"
            "16,RD,0,0,0,0\n20,RD,1,0,0,0\n33,WR,2,0,0,0\n");
}

TEST_F(CliHbmTest, HalfCyclesStandInTheCommandLog) {
  const Outcome result = run({"hbm", "--device", "HBM3-6400-PC-native", "--source", "random",
                              "--requests", "200", "--command-log", "log.csv"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(read("log.csv").find(".5,ACT,"), std::string::npos);
}

TEST_F(CliHbmTest, APrintedDeviceCanBeUsed) {
  const Outcome printed =
      run({"hbm", "--device", "HBM3-6400", "--set", "page=closed", "--print-device"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  test::write_file(file("d.yaml"), printed.out);
  const Outcome again = run({"hbm", "--device", "d.yaml", "--print-device"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, printed.out);
  EXPECT_NE(again.out.find("page: closed\n"), std::string::npos);
}

TEST_F(CliHbmTest, OwnSettingsWinOverThePolicy) {
  const Outcome printed = run(hbm({"--policy", "closed", "--set", "page=open", "--print-device"}));
  EXPECT_NE(printed.out.find("page: open\n"), std::string::npos) << printed.err;
}

TEST_F(CliHbmTest, ListsDevicesAndPolicies) {
  EXPECT_NE(run({"hbm", "--devices"}).out.find("HBM3-6400-PC-native"), std::string::npos);
  EXPECT_NE(run({"hbm", "--policies"}).out.find("refpb_post"), std::string::npos);
}

TEST_F(CliHbmTest, AMachineTakesADeviceOver) {
  EXPECT_NE(run({"explain", "aipu.hbm.beats_per_ck", "--set", "aipu.hbm.extends=HBM3-6400"})
                .out.find("value    4"),
            std::string::npos);
}

TEST_F(CliHbmTest, UnknownNamesGetTheNearest) {
  expect_refused({"hbm", "--device", "HBM2-200-PC", "--source", "random"}, 2,
                 "no preset or file 'HBM2-200-PC'; did you mean 'HBM2-2000-PC'?");
  expect_refused(random({"--policy", "frfcsf"}), 2, "did you mean 'frfcfs'?; known: device, ");
  expect_refused(hbm({"--source", "randm"}), 2, "did you mean 'random'? valid: sequential, ");
  expect_refused(random({"--set", "pgae=open"}), 2, "did you mean 'page'?");
  expect_refused(random({"--set", "aipu.hbm.page=open"}), 2, "did you mean 'page'?");
  expect_refused(random({"--through", "systemc"}), 2, "valid: direct, tlm");
}

TEST_F(CliHbmTest, OptionsThatDoNotGoTogetherAreRefused) {
  expect_refused({"hbm"}, 2, "one of --trace FILE and --source NAME is missing");
  expect_refused(random({"--trace", "t.trc"}), 2, "--trace and --source exclude one another");
  expect_refused(hbm({"--trace", "t.trc", "--load", "100"}), 2, "--load goes with --source");
  expect_refused(random({"--stride", "64"}), 2, "--stride goes with --source sequential");
  expect_refused(hbm({"--source", "streams", "--reads", "1/2"}), 2,
                 "--reads goes with --source sequential or random or block");
}

TEST_F(CliHbmTest, EveryNumberIsChecked) {
  for (const char* value : {"0", "-1", "1.5", "many", "", "99999999999999999999"})
    expect_refused(hbm({"--source", "random", "--requests", value}), 2, "--requests ");
  expect_refused(random({"--load", "1001"}), 2, "not a whole number of 0..1000");
  for (const char* share : {"2", "3/2", "1/0", "-1", "a", "1/", "0.x", "1.5", ""})
    expect_refused(random({"--reads", share}), 2, "not a share, such as 1, 2/3 or 0.7");
  expect_refused(hbm({"--source", "block", "--block", "48"}), 2, "takes a multiple of 32 B");
  expect_refused(hbm({"--source", "block", "--block", "1 KB"}), 2, "not a size");
  expect_refused(hbm({"--source", "sequential", "--stride", "0"}), 2, "takes a multiple of 32 B");
  expect_refused(hbm({"--source", "bank_conflict", "--banks", "5"}), 2, "1..4");
  expect_refused(hbm({"--source", "streams", "--streams", "0:R,zz:W"}), 2, "'zz:W' is no stream");
  expect_refused(hbm({"--source", "streams", "--streams", "20000000:R"}), 2, "the device ends at");
}

TEST_F(CliHbmTest, TracesAreCheckedLineByLine) {
  expect_bad_trace("", "t.trc: no request in it");
  expect_bad_trace("0 R 0\n1 X 20\n", "t.trc:2: 'X' is no direction; valid: R, W");
  expect_bad_trace("5 R 0\n4 R 20\n", "t.trc:2: arrival 4 lies before");
  expect_bad_trace("a R 0\n", "t.trc:1: 'a' is no arrival");
  expect_bad_trace("0 R zz\n", "t.trc:1: 'zz' is no address");
  expect_bad_trace("0 R 20000000\n", "t.trc:1: '20000000' lies beyond the device");
  expect_bad_trace("0 R 20 R\n", "t.trc:1: 'R' is a word too many");
}

TEST_F(CliHbmTest, AMistakeFarDownATraceIsFoundInTheMiddleOfASimulation) {
  std::string text;
  for (int i = 0; i < 9999; ++i)
    text += fmt::format("{} R {:x}\n", i, 32 * i);
  test::write_file(file("t.trc"), text + "9999 X 0\n");
  for (const char* through : {"direct", "tlm"}) {
    expect_refused(hbm({"--trace", "t.trc", "--through", through}), 2,
                   "t.trc:10000: 'X' is no direction", {"t.trc"});
  }
}

TEST_F(CliHbmTest, FilesThatCannotBeReadOrWrittenAreNamed) {
  expect_refused(hbm({"--trace", "none.trc"}), 4, "none.trc");
  expect_refused({"hbm", "--device", "none.yaml", "--source", "random"}, 4, "none.yaml");
  expect_refused({"hbm", "--device", "./", "--source", "random"}, 4, "./: cannot be read");
  expect_refused(random({"--command-log", "none/log.csv"}), 4, "none/log.csv");
  expect_refused(random({"--command-log", "."}), 4, "is a directory");
}

TEST_F(CliHbmTest, AFailedReplayLeavesNoCommandLog) {
  test::write_file(file("t.trc"), "0 R 0\n1 X 20\n");
  expect_refused(hbm({"--trace", "t.trc", "--command-log", "log.csv"}), 2, "t.trc:2", {"t.trc"});
}

}  // namespace
}  // namespace aipu
