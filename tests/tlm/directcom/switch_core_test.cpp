// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/switch_core.h"

#include <array>
#include <gtest/gtest.h>
#include <map>
#include <random>

namespace aipu::directcom {
namespace {

constexpr std::uint32_t kPlenty = 1'000'000;

/// The default switch without speed-up, so that ticks are link cycles.
SwitchConfig plain() {
  SwitchConfig config;
  config.speedup = 1;
  return config;
}

/// One switch; destination d is at port d, behind every port one pool of `credits` flits.
struct Bench {
  explicit Bench(std::uint32_t ports, const SwitchConfig& switch_config = plain(),
                 std::uint32_t credits = kPlenty)
      : config(switch_config), topology(single_switch(ports)), routes(topology) {
    for (std::uint32_t p = 0; p < ports; ++p)
      core.offer(p, {{credits}, nullptr});
  }
  void arrive(std::uint64_t cycle, std::uint32_t input, std::uint32_t output, std::uint32_t c,
              std::uint32_t flits, void* packet = nullptr) {
    core.arrive(cycle, {packet, input, output, static_cast<std::uint16_t>(input),
                        static_cast<std::uint16_t>(flits), static_cast<std::uint8_t>(c)});
  }
  /// Runs to the end; what left, in order.
  std::vector<SwitchModel::Departure> run(std::uint64_t until = SwitchModel::kNever) {
    std::vector<SwitchModel::Departure> all;
    while (core.next() != SwitchModel::kNever && core.next() <= until) {
      const auto& departures = core.step(core.next());
      all.insert(all.end(), departures.begin(), departures.end());
    }
    return all;
  }
  /// The cycle in which a packet was granted, without speed-up.
  std::uint64_t granted(const SwitchModel::Departure& d) const {
    return d.head + 1 - config.pipeline.count;
  }

  SwitchConfig config = plain();
  Topology topology;
  Routes routes;
  SwitchCore<1> core{config, routes, 0, 1};
};

TEST(SwitchCoreTest, APacketIsGrantedInTheCycleAfterItsArrival) {
  Bench core(4);
  core.arrive(100, 1, 2, 1, 5);
  const auto grants = core.run();
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(core.granted(grants[0]), 101U);
}

TEST(SwitchCoreTest, ASaturatedQueueRunsWithoutAGap) {
  for (const std::uint32_t flits : {1U, 8U, 33U}) {
    SwitchConfig config = plain();
    config.voq_flits = 10'000;
    Bench core(2, config);
    for (std::uint32_t i = 0; i < 100; ++i)
      core.arrive(0, 0, 1, 1, flits);
    const auto grants = core.run();
    ASSERT_EQ(grants.size(), 100U);
    for (std::uint32_t i = 0; i < 100; ++i)
      EXPECT_EQ(core.granted(grants[i]), 1 + i * flits);
    const auto account = core.core.account(1, 1 + 100 * flits);
    EXPECT_EQ(account[SwitchModel::kBusy], 100U * flits);
    EXPECT_EQ(account[SwitchModel::kNoPacket], 1U);
  }
}

TEST(SwitchCoreTest, APacketWaitsUntilAllItsFlitsHaveCredit) {
  Bench core(2, plain(), 40);
  core.arrive(0, 0, 1, 1, 33);
  core.arrive(33, 0, 1, 1, 33);
  EXPECT_EQ(core.run().size(), 1U);
  EXPECT_NE(core.core.stuck(), "");
  core.core.credit(200, 1, 0, 1, 25);  // one short: 7 + 25
  EXPECT_TRUE(core.run().empty());
  core.core.credit(300, 1, 0, 1, 1);
  const auto grants = core.run();
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(core.granted(grants[0]), 300U);
  const auto account = core.core.account(1, 400);
  EXPECT_EQ(account[SwitchModel::kBusy], 66U);
  EXPECT_EQ(account[SwitchModel::kNoCredit], 300U - 34U);
}

TEST(SwitchCoreTest, AQueueWithoutCreditDoesNotBlockItsInput) {
  Bench core(3, plain(), 33);
  core.arrive(0, 0, 1, 1, 33);
  core.arrive(0, 0, 1, 1, 33);
  core.arrive(0, 0, 2, 1, 33);
  const auto grants = core.run();
  ASSERT_EQ(grants.size(), 2U);
  EXPECT_EQ(grants[1].output, 2U);
  EXPECT_EQ(core.granted(grants[1]), 34U);
}

TEST(SwitchCoreTest, ControlGoesFirstAtOutputAndInput) {
  Bench core(4);
  core.arrive(0, 0, 1, 3, 33);
  core.arrive(1, 0, 1, 3, 33);
  core.arrive(1, 2, 1, 0, 1);
  auto grants = core.run();
  ASSERT_EQ(grants.size(), 3U);
  EXPECT_EQ(grants[1].packet.traffic_class, 0U);
  EXPECT_EQ(core.granted(grants[1]), 34U) << "a packet is never interrupted";

  Bench both(4);
  both.arrive(0, 0, 1, 3, 33);
  both.arrive(0, 0, 3, 0, 1);
  grants = both.run();
  EXPECT_EQ(grants[0].output, 3U);
}

TEST(SwitchCoreTest, InputsTakeTurnsAtAContestedOutput) {
  SwitchConfig config = plain();
  config.voq_flits = 100'000;
  Bench core(16, config);
  for (std::uint32_t i = 0; i < 15; ++i) {
    for (std::uint32_t k = 0; k < 100; ++k)
      core.arrive(0, i, 15, 2, 8);
  }
  std::array<int, 16> served{};
  for (const auto& grant : core.run(8 * 750))
    ++served[grant.packet.input];
  for (std::uint32_t i = 0; i < 15; ++i)
    EXPECT_NEAR(served[i], 50, 1) << "input " << i;
}

/// Input 0 feeds both outputs, input 1 only output 1; all flows always have packets. Packets served
/// of flow (0, 1), which loses its turn each time unless input 0 waits for output 1, and of all
/// three.
std::array<int, 2> serve_conflict(std::uint32_t patience) {
  SwitchConfig config = plain();
  config.voq_flits = 1'000'000;
  config.patience = patience;
  Bench core(2, config);
  for (std::uint32_t k = 0; k < 10'000; ++k) {
    core.arrive(0, 0, 0, 1, 8);
    core.arrive(0, 0, 1, 1, 8);
    core.arrive(0, 1, 1, 1, 8);
  }
  std::array<int, 2> served{};
  for (const auto& g : core.run(8 * 10'000)) {
    ++served[1];
    if (g.packet.input == 0 && g.output == 1) ++served[0];
  }
  return served;
}

TEST(SwitchCoreTest, NoFlowStarvesUnderAStandingConflict) {
  EXPECT_LE(serve_conflict(0)[0], 1) << "the conflict exists";
  const auto patient = serve_conflict(SwitchConfig{}.patience);
  EXPECT_GE(patient[0], 10'000 / 17 - 1) << "one turn of 17";
}

TEST(SwitchCoreTest, AtPatienceOneEveryFlowGetsItsFairShare) {
  const auto served = serve_conflict(1);
  EXPECT_NEAR(served[0], 5000, 250);
  EXPECT_NEAR(served[1], 15'000, 250);
}

TEST(SwitchCoreTest, RandomTrafficKeepsEveryPromise) {
  constexpr std::uint32_t kPorts = 8;
  constexpr std::uint32_t kCredits = 66;
  std::mt19937 random(3);
  Bench core(kPorts, plain(), kCredits);
  std::vector<std::uint64_t> input_free(kPorts, 0);
  std::vector<std::uint64_t> output_free(kPorts, 0);
  std::map<std::uint64_t, std::vector<SwitchModel::Arrival>> returns;
  std::array<std::array<std::uint32_t, kClasses>, kPorts> outstanding{};
  std::vector<int> seen(20'000, 0);
  std::size_t sent = 0;
  for (std::uint64_t cycle = 0; cycle < 200'000; ++cycle) {
    for (std::uint32_t i = 0; i < kPorts && sent < seen.size(); ++i) {
      const auto flits = static_cast<std::uint32_t>(1 + random() % 33);
      const auto output = static_cast<std::uint32_t>(random() % kPorts);
      const auto c = static_cast<std::uint32_t>(random() % kClasses);
      if (random() % 20 == 0 &&
          core.core.occupied(i, output, c) + flits <= SwitchConfig{}.voq_flits) {
        core.arrive(cycle, i, output, c, flits, &seen[sent++]);
      }
    }
    for (const SwitchModel::Arrival& a : returns[cycle]) {
      core.core.credit(cycle, a.destination, 0, a.traffic_class, a.flits);
      outstanding[a.destination][a.traffic_class] -= a.flits;
    }
    returns.erase(cycle);
    if (core.core.next() != cycle) {
      ASSERT_GT(core.core.next(), cycle);
      continue;
    }
    for (const auto& g : core.core.step(cycle)) {
      const auto& p = g.packet;
      ++*static_cast<int*>(p.packet);
      ASSERT_LE(input_free[p.input], cycle);
      ASSERT_LE(output_free[p.destination], cycle);
      input_free[p.input] = output_free[p.destination] = cycle + p.flits;
      ASSERT_LE(outstanding[p.destination][p.traffic_class] += p.flits, kCredits);
      returns[cycle + p.flits + 50].push_back(p);
    }
  }
  EXPECT_EQ(core.core.waiting(), 0U);
  EXPECT_EQ(seen, std::vector<int>(seen.size(), 1)) << "each packet exactly once";
  for (std::uint32_t o = 0; o < kPorts; ++o) {
    std::uint64_t total = 0;
    for (const std::uint64_t cycles : core.core.account(o, 200'000))
      total += cycles;
    EXPECT_EQ(total, 200'000U);
  }
}

TEST(SwitchCoreTest, SteppingInOtherCyclesTooChangesNothing) {
  // The calendar is complete: what it leaves out has no effect.
  const auto grants_of = [](bool every_cycle) {
    std::mt19937 random(11);
    Bench core(4);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> result;
    for (std::uint64_t cycle = 0; cycle < 20'000; ++cycle) {
      if (random() % 8 == 0) {
        const auto i = static_cast<std::uint32_t>(random() % 4);
        const auto o = static_cast<std::uint32_t>(random() % 4);
        const auto c = static_cast<std::uint32_t>(random() % 4);
        const auto flits = static_cast<std::uint32_t>(1 + random() % 33);
        if (core.core.occupied(i, o, c) + flits <= SwitchConfig{}.voq_flits) {
          core.arrive(cycle, i, o, c, flits);
        }
      }
      if (!every_cycle && core.core.next() > cycle) continue;
      for (const auto& g : core.core.step(cycle))
        result.emplace_back(g.head, g.packet.input);
    }
    return result;
  };
  EXPECT_EQ(grants_of(false), grants_of(true));
}

}  // namespace
}  // namespace aipu::directcom
