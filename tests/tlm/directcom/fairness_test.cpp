// SPDX-License-Identifier: Apache-2.0
// Standing conflicts in one switch: flows that always have packets get their max-min fair share.
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/tlm/directcom/network_traffic.h"

namespace aipu::directcom::test {
namespace {

/// A flow of an input to an output.
struct Pair {
  std::uint32_t input;
  std::uint32_t output;
};

/// By water filling: the end with the least left for each of its open flows closes them at that.
std::vector<double> max_min_shares(const std::vector<Pair>& flows, std::uint32_t ports) {
  std::vector<double> left(std::size_t{2} * ports, 1);  // of inputs, then of outputs
  std::vector<double> shares(flows.size(), -1);
  const auto open_at = [&](std::uint32_t end) {
    std::vector<std::size_t> open;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      const bool at = flows[f].input == end || flows[f].output + ports == end;
      if (at && shares[f] < 0) open.push_back(f);
    }
    return open;
  };
  for (;;) {
    double least = 2;
    std::uint32_t tightest = 0;
    for (std::uint32_t end = 0; end < 2 * ports; ++end) {
      const std::size_t open = open_at(end).size();
      if (open == 0 || left[end] / static_cast<double>(open) >= least) continue;
      least = left[end] / static_cast<double>(open);
      tightest = end;
    }
    if (least > 1) return shares;
    for (const std::size_t f : open_at(tightest)) {
      shares[f] = least;
      left[flows[f].input] -= least;
      left[flows[f].output + ports] -= least;
    }
  }
}

std::vector<Pair> all_to_all(std::uint32_t ports) {
  std::vector<Pair> flows;
  for (std::uint32_t i = 0; i < ports; ++i) {
    for (std::uint32_t o = 0; o < ports; ++o)
      flows.push_back({i, o});
  }
  return flows;
}

/// Every input to its own output and the next.
std::vector<Pair> chain(std::uint32_t ports) {
  std::vector<Pair> flows;
  for (std::uint32_t i = 0; i < ports; ++i) {
    flows.push_back({i, i});
    if (i + 1 < ports) flows.push_back({i, i + 1});
  }
  return flows;
}

/// Input 0 to all outputs, every other input to its own.
std::vector<Pair> one_to_many(std::uint32_t ports) {
  std::vector<Pair> flows;
  for (std::uint32_t o = 0; o < ports; ++o) {
    flows.push_back({0, o});
    if (o != 0) flows.push_back({o, o});
  }
  return flows;
}

/// All inputs to output 0, every other output from its own input.
std::vector<Pair> many_to_one(std::uint32_t ports) {
  std::vector<Pair> flows = one_to_many(ports);
  for (Pair& flow : flows)
    std::swap(flow.input, flow.output);
  return flows;
}

/// Flows of packets that never end, `flits(flow)` each, in one switch.
struct Conflict {
  std::uint32_t ports;
  std::vector<Pair> flows;
  std::function<std::uint32_t(const Pair&)> flits = [](const Pair&) { return 8U; };

  std::vector<double> rates(const SwitchConfig& plane, std::uint64_t cycles = 80'000) const {
    const Topology topology = single_switch(ports);
    const Routes routes(topology);
    Network::Config config;
    config.plane = plane;
    std::vector<StandingFlow> standing;
    for (const Pair& flow : flows) {
      standing.push_back({static_cast<std::uint16_t>(flow.input),
                          static_cast<std::uint16_t>(flow.output),
                          [this, flow] { return flits(flow); }});
    }
    return StandingTraffic(routes, config, std::move(standing), 20).rates(cycles);
  }
  /// Least and most of a flow, as parts of its fair share.
  std::pair<double, double> shares(const SwitchConfig& plane) const {
    const std::vector<double> fair = max_min_shares(flows, ports);
    const std::vector<double> got = rates(plane);
    double least = 1e9;
    double most = 0;
    for (std::size_t f = 0; f < flows.size(); ++f) {
      least = std::min(least, got[f] / fair[f]);
      most = std::max(most, got[f] / fair[f]);
    }
    return {least, most};
  }
};

TEST(MaxMinTest, WaterFillsTheExamplesOfTheBooks) {
  // Input 0 to both outputs, input 1 to output 1: halves. One more flow at output 1: thirds, and
  // input 0 keeps the rest for output 0.
  const auto halves = max_min_shares({{0, 0}, {0, 1}, {1, 1}}, 2);
  EXPECT_EQ(halves, (std::vector<double>{0.5, 0.5, 0.5}));
  const auto thirds = max_min_shares({{0, 0}, {0, 1}, {1, 1}, {2, 1}}, 3);
  EXPECT_DOUBLE_EQ(thirds[0], 2.0 / 3);
  EXPECT_DOUBLE_EQ(thirds[1], 1.0 / 3);
}

struct Case {
  const char* name;
  std::vector<Pair> (*flows)(std::uint32_t ports);
  std::uint32_t ports;
  std::uint32_t speedup;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name << c.ports << "Speedup" << c.speedup;
}

class FairnessTest : public testing::TestWithParam<Case> {};

TEST_P(FairnessTest, EveryFlowGetsItsFairShareWithinFivePercent) {
  const Case& c = GetParam();
  SwitchConfig plane;
  plane.speedup = c.speedup;
  for (const std::uint32_t flits : {1U, 8U, 33U}) {
    const Conflict conflict{c.ports, c.flows(c.ports), [flits](const Pair&) { return flits; }};
    const auto [least, most] = conflict.shares(plane);
    fmt::print("{}: {} flits: {:.3f} .. {:.3f} of the fair share\n", c.name, flits, least, most);
    EXPECT_GE(least, 0.95) << flits << " flits";
    EXPECT_LE(most, 1.05) << flits << " flits";
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::uint32_t speedup : {1U, 2U}) {
    for (const std::uint32_t ports : {2U, 3U, 4U, 5U, 8U, 12U, 16U}) {
      all.push_back({"AllToAll", all_to_all, ports, speedup});
      all.push_back({"Chain", chain, ports, speedup});
      all.push_back({"OneToMany", one_to_many, ports, speedup});
      all.push_back({"ManyToOne", many_to_one, ports, speedup});
    }
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Conflicts, FairnessTest, testing::ValuesIn(cases()),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace aipu::directcom::test
