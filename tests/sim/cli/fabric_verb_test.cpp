// SPDX-License-Identifier: Apache-2.0
// `hc1000 fabric` with a load, as a user starts it.
#include <algorithm>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using Words = std::vector<std::string>;

class CliFabricTest : public test::ProgramTest {
 protected:
  /// `hc1000 fabric` on a small switch and for a short time, with more arguments.
  static Words fabric(const Words& more) {
    Words words{"fabric", "--topology",    "switch:16", "--packet-flits", "8", "--buffer-flits",
                "32",     "--link-cycles", "1"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static Words load(const std::string& x, const Words& more = {}) {
    Words words = fabric({"--load", x, "--cycles", "20000"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(CliFabricTest, SaysWhatLimitsTheNetwork) {
  const Outcome result = run(load("0.5"));
  EXPECT_EQ(result.code, 0) << result.err;
  const std::string first = result.out.substr(0, result.out.find('\n'));
  EXPECT_EQ(first.rfind("accepts 0.", 0), 0U) << first;
  EXPECT_NE(first.find("of 0.5000 offered, stable; busiest link "), std::string::npos) << first;
  EXPECT_NE(result.out.find("tier 0 down"), std::string::npos);
}

TEST_F(CliFabricTest, JsonHasTheMeasuresAtTheTop) {
  const auto json = run(load("0.5", {"--json"})).json();
  for (const char* key :
       {"offered", "accepted_mean", "accepted_min_node", "accepted_max_node", "lat_mean", "lat_p50",
        "lat_p95", "lat_p99", "hops", "flits_per_cpu_s", "packet_hops_per_cpu_s"})
    EXPECT_TRUE(json.at(key).is_number()) << key;
  EXPECT_EQ(json.at("stable"), true);
  EXPECT_EQ(json.at("offered"), 0.5);
  EXPECT_EQ(json.at("hops"), 1);
  EXPECT_NEAR(json.at("accepted_mean").get<double>(), 0.5, 0.01);
  ASSERT_EQ(json.at("classes").size(), 1U);
  EXPECT_EQ(json.at("classes")[0].at("name"), "uniform");
  EXPECT_EQ(json.at("classes")[0].at("lat_mean"), json.at("lat_mean"));
  ASSERT_EQ(json.at("links").size(), 32U);
  for (const auto& link : json.at("links")) {
    double sum = 0;
    for (const char* state : {"busy", "no_packet", "no_credit", "lost_arbitration"})
      sum += link.at(state).get<double>();
    EXPECT_NEAR(sum, 1, 3e-6);
    EXPECT_EQ(link.at("tier"), 0);
  }
  EXPECT_EQ(json.at("links")[0].at("from"), "node0.0");
  EXPECT_EQ(json.at("links")[0].at("to"), "switch.0");
  EXPECT_EQ(json.at("tiers").size(), 2U);
}

TEST_F(CliFabricTest, LatencyOfAnEmptySwitchIsTheFormula) {
  const auto json = run(fabric({"--load", "0.0001", "--cycles", "1000000", "--json"})).json();
  EXPECT_EQ(json.at("lat_p50"), 2 * 1 + 4 + 8 - 1);
}

TEST_F(CliFabricTest, ByDefaultTheNetworkIsThatOfTheBoard) {
  const auto json = run({"fabric", "--load", "0.001", "--cycles", "100000", "--json"}).json();
  EXPECT_EQ(json.at("nodes"), 16);
  EXPECT_EQ(json.at("lanes"), 4);
  EXPECT_EQ(json.at("link_cycles"), (std::vector<int>{98, 196}));
  EXPECT_EQ(json.at("lat_p50"), 2 * 98 + 4 + 33 - 1);
  EXPECT_EQ(json.at("cycle_ns"), 1.28);
}

TEST_F(CliFabricTest, OnlyTheMachineHasTheSpeedupOfItsBoard) {
  const auto speedup = [this](const Words& more) {
    Words words{"fabric", "--load", "0.01", "--cycles", "1000", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words).json().at("speedup").get<int>();
  };
  EXPECT_EQ(speedup({}), 2);
  EXPECT_EQ(speedup({"--topology", "hc1000:2"}), 2);
  EXPECT_EQ(speedup({"--topology", "switch:4"}), 1);
  EXPECT_EQ(speedup({"--topology", "leafspine:2x2x2"}), 1);
  EXPECT_EQ(speedup({"--topology", "switch:4", "--speedup", "2"}), 2);
  EXPECT_EQ(speedup({"--topology", "switch:4", "--set", "speedup=2"}), 2);
}

TEST_F(CliFabricTest, CorruptedFlitsAreSentAgainAndCounted) {
  const auto clean = run(load("0.5", {"--json"})).json();
  EXPECT_EQ(clean.at("repeats"), 0);
  const auto json = run(load("0.5", {"--flit-errors", "1000000", "--json"})).json();
  EXPECT_EQ(json.at("flit_errors"), 1'000'000);
  // Two links of a packet of 8 flits, each corrupted with 1/1000.
  const double packets = json.at("packets").get<double>() * 1.5;  // and the warm-up
  EXPECT_NEAR(json.at("repeats").get<double>() / packets, 0.016, 0.003);
  EXPECT_EQ(json.at("packets_late"), 0);
  EXPECT_GT(json.at("lat_mean").get<double>(), clean.at("lat_mean").get<double>());
  EXPECT_NE(run(load("0.5", {"--flit-errors", "1000000"})).out.find("sent again"),
            std::string::npos);
  expect_refused(load("0.5", {"--flit-errors", "10000001"}), 2, "--flit-errors");
}

TEST_F(CliFabricTest, ASweepIsAListOfPoints) {
  const auto json = run(fabric({"--sweep", "0.1:0.3:0.1", "--cycles", "5000", "--json"})).json();
  ASSERT_EQ(json.at("points").size(), 3U);
  EXPECT_EQ(json.at("points")[0].at("offered"), 0.1);
  EXPECT_EQ(json.at("points")[2].at("offered"), 0.3);
  EXPECT_EQ(json.at("traffic"), "uniform");
  EXPECT_FALSE(json.contains("offered"));
  auto alone = run(fabric({"--load", "0.2", "--cycles", "5000", "--json"})).json();
  EXPECT_EQ(json.at("points")[1].at("lat_mean"), alone.at("lat_mean"));
  const Outcome text = run(fabric({"--sweep", "0.1:1:0.3", "--cycles", "5000"}));
  EXPECT_EQ(std::count(text.out.begin(), text.out.end(), '\n'), 3 + 1 + 4 + 1) << text.out;
}

TEST_F(CliFabricTest, WhatIsNotMeasuredIsNull) {
  const auto json = run(load("0.2", {"--traffic", "hotspot:3", "--json"})).json();
  EXPECT_EQ(json.at("stable"), false);
  for (const char* key : {"lat_mean", "lat_p50", "lat_p95", "lat_p99"})
    EXPECT_TRUE(json.at(key).is_null()) << key;
  EXPECT_NEAR(json.at("accepted_max_node").get<double>(), 1, 0.001);
  EXPECT_EQ(json.at("accepted_min_node"), 0);
  const auto none = run(fabric({"--load", "0.000001", "--cycles", "2", "--json"})).json();
  EXPECT_TRUE(none.at("lat_mean").is_null());
  EXPECT_TRUE(none.at("hops").is_null());
}

TEST_F(CliFabricTest, TheSameCommandGivesTheSameBytes) {
  const Words words = load("0.6", {"--topology", "leafspine:4x4x4", "--json"});
  Words twice = words;
  twice.erase(twice.begin() + 1, twice.begin() + 3);  // the topology is given once
  auto one = run(twice).json();
  auto two = run(twice).json();
  for (const char* key : {"flits_per_cpu_s", "packet_hops_per_cpu_s"}) {
    one.erase(key);
    two.erase(key);
  }
  EXPECT_EQ(one.dump(), two.dump());
  twice.insert(twice.end(), {"--seed", "2"});
  EXPECT_NE(run(twice).json().at("lat_mean"), one.at("lat_mean"));
}

TEST_F(CliFabricTest, IncastAndBackgroundAreClassesOfTheirOwn) {
  const Words traffic{"--traffic", "incast+background:0,0.3", "--json"};
  const auto shared = run(load("0.1", traffic)).json();
  ASSERT_EQ(shared.at("classes").size(), 2U);
  EXPECT_EQ(shared.at("classes")[0].at("name"), "incast");
  EXPECT_EQ(shared.at("classes")[1].at("name"), "background");
  EXPECT_EQ(shared.at("classes")[1].at("offered"), 0.3);
  EXPECT_EQ(shared.at("classes")[0].at("stable"), false);
  EXPECT_EQ(shared.at("traffic_classes"), "shared");
  Words words = load("0.1", traffic);
  words.insert(words.end(), {"--classes", "split"});
  const auto split = run(words).json();
  EXPECT_EQ(split.at("traffic_classes"), "split");
  EXPECT_EQ(split.at("classes")[1].at("stable"), true);
  const auto alone = run(load("0", traffic)).json();
  EXPECT_EQ(alone.at("classes")[0].at("packets"), 0);
  EXPECT_TRUE(alone.at("classes")[0].at("lat_mean").is_null());
  EXPECT_TRUE(alone.at("lat_mean").is_number());
}

TEST_F(CliFabricTest, PermutationsComeFromASeedOrAFile) {
  test::write_file(file("p.csv"), "nodes,seed,d\n4,7,3 2 1 0\n");
  const auto json = run({"fabric", "--topology", "switch:4", "--traffic", "perm:p.csv#7", "--load",
                         "0.5", "--cycles", "2000", "--json"})
                        .json();
  EXPECT_EQ(json.at("hash_seed"), 7);
  EXPECT_EQ(run(load("0.5", {"--traffic", "randperm:11", "--json"})).json().at("hash_seed"), 11);
  EXPECT_EQ(run(load("0.5", {"--traffic", "randperm:11", "--hash-seed", "3", "--json"}))
                .json()
                .at("hash_seed"),
            3);
  expect_refused(load("0.5", {"--traffic", "perm:p.csv"}), 2, "no permutation of 16 nodes",
                 {"p.csv"});
}

TEST_F(CliFabricTest, ATopologyMayComeFromAFile) {
  test::write_file(file("two.yaml"),
                   "nodes: 4\nswitches:\n  - {name: a, ports: 3}\n  - {name: b, ports: 3}\n"
                   "links:\n  - [node0, a]\n  - [node1, a]\n  - [node2, b]\n  - [node3, b]\n"
                   "  - [a, b]\n");
  const Words words{"fabric", "--topology", "two.yaml", "--traffic", "bitcomp",
                    "--load", "0.2",        "--cycles", "5000",      "--json"};
  const Outcome result = run(words);
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.json().at("switches"), 2);
  EXPECT_EQ(result.json().at("hops"), 2);
}

TEST_F(CliFabricTest, MaskedLinksCarryNothingAndTrafficGoesOn) {
  const Words words{"fabric", "--topology",   "leafspine:4x4x4", "--load", "0.4",
                    "--mask", "leaf0-spine1", "--cycles",        "20000",  "--json"};
  const Outcome result = run(words);
  ASSERT_EQ(result.code, 0) << result.err;
  const auto json = result.json();
  EXPECT_EQ(json.at("masked"), (Words{"leaf0-spine1"}));
  EXPECT_NEAR(json.at("accepted_mean").get<double>(), 0.4, 0.02);
  for (const auto& link : json.at("links")) {
    const bool masked = (link.at("from") == "leaf0.5" && link.at("to") == "spine1.0") ||
                        (link.at("from") == "spine1.0" && link.at("to") == "leaf0.5");
    EXPECT_EQ(link.at("busy") == 0, masked) << link;
  }
  expect_refused(load("0.5", {"--mask", "node0-switch"}), 2, "cannot be masked");
  expect_refused({"fabric", "--topology", "switch:1", "--load", "0.5", "--mask", "node0-switch"}, 2,
                 "cannot be masked");
  expect_refused(load("0.5", {"--mask", "node99-switch"}), 2, "no link 'node99-switch'");
}

TEST_F(CliFabricTest, ResultsAndLinksGoToFiles) {
  const Outcome result = run(load("0.2", {"--json", "-o", "r.json", "--links", "l.csv"}));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(listing(), (Words{"l.csv", "r.json"}));
  EXPECT_EQ(nlohmann::json::parse(read("r.json")).at("offered"), 0.2);
  const std::string csv = read("l.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 33);
}

TEST_F(CliFabricTest, ImpossibleLoadsAreRefused) {
  for (const char* x : {"0", "-0.1", "1.01", "nan", "inf", "x", "", "1e-9"})
    expect_refused(load(x), 2, "--load");
  expect_refused(fabric({}), 2, "one of --load X and --sweep A:B:STEP is missing");
  expect_refused(load("0.5", {"--sweep", "0.1:0.2:0.1"}), 2, "exclude one another");
  for (const char* sweep : {"0.1", "0.1:0.2", "0.1:0.2:0", "0.2:0.1:0.1", "0:1:0.1", "0.1:2:0.1",
                            "0.1:0.9:0.0001", "0.1:0.2:0.1:0.1"})
    expect_refused(fabric({"--sweep", sweep}), 2, "--sweep");
  expect_refused(load("0.8", {"--traffic", "incast+background:0,0.3"}), 2,
                 "more than a node can send");
}

TEST_F(CliFabricTest, UnknownThingsAreNamed) {
  const auto of = [](const char* topology) {
    return Words{"fabric", "--topology", topology, "--load", "0.5"};
  };
  for (const char* name :
       {"tree:3", "switch", "switch:x", "switch:0", "switch:300", "leafspine:8x8",
        "leafspine:0x8x8", "hc1000:0", "hc1000:4096", "switch:1x2", ""})
    expect_refused(of(name), 2, "");
  expect_refused(of("leafspine:8x8x0"), 2, "needs a spine");
  expect_refused(of("swich:3"), 2, "did you mean 'switch'?");
  expect_refused(of("none.yaml"), 4, "none.yaml: cannot be read");
  for (const char* name : {"hotspot:16", "hotspot:-1", "hotspot:", "incast+background:16,0.3"})
    expect_refused(load("0.5", {"--traffic", name}), 2, "there is no node");
  expect_refused(load("0.5", {"--traffic", "unifrom"}), 2, "did you mean 'uniform'?");
  expect_refused(load("0.5", {"--traffic", "uniform:1"}), 2, "takes no more");
  expect_refused(load("0.5", {"--traffic", "perm:none.csv"}), 4, "none.csv: cannot be read");
  expect_refused(load("0.5", {"--routing", "adaptve"}), 2, "did you mean 'adaptive'?");
  expect_refused(load("0.5", {"--set", "patiens=1"}), 2, "did you mean 'patience'?");
  expect_refused(load("0.5", {"--classes", "split"}), 2, "goes with incast+background");
}

TEST_F(CliFabricTest, PatternsNeedAPowerOfTwo) {
  for (const char* name : {"bitcomp", "shuffle", "transpose"}) {
    expect_refused({"fabric", "--topology", "switch:12", "--traffic", name, "--load", "0.5"}, 2,
                   "needs a power of two of nodes, not 12");
  }
  expect_refused({"fabric", "--topology", "switch:8", "--traffic", "transpose", "--load", "0.5"}, 2,
                 "needs a power of four of nodes, not 8");
}

TEST_F(CliFabricTest, PacketsMustFitTheirBuffers) {
  expect_refused({"fabric", "--load", "0.5", "--buffer-flits", "32"}, 2,
                 "does not hold a packet of 33 flits");
  expect_refused(load("0.5", {"--speedup", "2", "--output-flits", "7"}), 2,
                 "does not hold a packet of 8 flits");
  expect_refused(load("0.5", {"--set", "payload=64 B"}), 2, "longer than payload 64 B");
  expect_refused(load("0.5", {"--set", "voq_flits=7"}), 2, "voq_flits must hold");
  expect_refused({"fabric", "--load", "0.5", "--packet-flits", "65"}, 2, "1..64");
}

TEST_F(CliFabricTest, EveryNumberIsChecked) {
  for (const char* option : {"--speedup", "--pipeline-cycles", "--seed", "--warmup", "--hash-seed",
                             "--oversubscription"}) {
    for (const char* value : {"-1", "x", "", "1.5", "99999999999999999999"})
      expect_refused(load("0.5", {option, value}), 2, option);
  }
  for (const char* value : {"-1", "x", "", "0", "1,x", "9999999"})
    expect_refused({"fabric", "--load", "0.5", "--link-cycles", value}, 2, "--link-cycles");
  expect_refused(fabric({"--load", "0.5", "--cycles", "1"}), 2, "--cycles");
  expect_refused(load("0.5", {"--oversubscription", "2"}), 2, "one switch has no up ports");
  expect_refused(fabric({"--sweep", "0.1:0.2:0.1", "--links", "l.csv"}), 2,
                 "--links does not go with --sweep");
}

TEST_F(CliFabricTest, AnInterruptEndsARunAndLeavesNothing) {
  test::write_file(file("now"), "x");
  const Outcome result = run(fabric({"--load", "0.8", "--cycles", "900000000", "-o", "r.txt"}),
                             {"now", std::chrono::milliseconds(200)});
  EXPECT_EQ(result.code, 130) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("interrupted in cycle "), std::string::npos) << result.err;
  EXPECT_EQ(listing(), Words{"now"});
}

}  // namespace
}  // namespace aipu
