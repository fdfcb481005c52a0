// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/switch_core.h"

#include <array>
#include <gtest/gtest.h>
#include <map>
#include <random>

namespace aipu::directcom {
namespace {

constexpr std::uint32_t kPlenty = 1'000'000;

SwitchCore make(std::uint32_t ports, const SwitchConfig& config = {},
                std::uint32_t credits = kPlenty) {
  SwitchCore core(config, ports);
  for (std::uint32_t p = 0; p < ports; ++p)
    core.offer(p, 1, credits);
  return core;
}

/// Runs to the end; what was granted, in order.
std::vector<SwitchCore::Grant> run(SwitchCore& core, std::uint64_t until = SwitchCore::kNever) {
  std::vector<SwitchCore::Grant> all;
  while (core.next() != SwitchCore::kNever && core.next() <= until) {
    const auto& grants = core.step(core.next());
    all.insert(all.end(), grants.begin(), grants.end());
  }
  return all;
}

TEST(SwitchCoreTest, APacketIsGrantedInTheCycleAfterItsArrival) {
  SwitchCore core = make(4);
  core.arrive(100, {nullptr, 1, 2, 1, 5, 0});
  const auto grants = run(core);
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(grants[0].cycle, 101U);
}

TEST(SwitchCoreTest, ASaturatedQueueRunsWithoutAGap) {
  for (const std::uint32_t flits : {1U, 8U, 33U}) {
    SwitchConfig config;
    config.voq_flits = 10'000;
    SwitchCore core = make(2, config);
    for (std::uint32_t i = 0; i < 100; ++i)
      core.arrive(0, {nullptr, 0, 1, 1, flits, 0});
    const auto grants = run(core);
    ASSERT_EQ(grants.size(), 100U);
    for (std::uint32_t i = 0; i < 100; ++i)
      EXPECT_EQ(grants[i].cycle, 1 + i * flits);
    const auto account = core.account(1, 1 + 100 * flits);
    EXPECT_EQ(account[SwitchCore::kBusy], 100U * flits);
    EXPECT_EQ(account[SwitchCore::kNoPacket], 1U);
  }
}

TEST(SwitchCoreTest, APacketWaitsUntilAllItsFlitsHaveCredit) {
  SwitchCore core = make(2, {}, 40);
  core.arrive(0, {nullptr, 0, 1, 1, 33, 0});
  core.arrive(33, {nullptr, 0, 1, 1, 33, 0});
  EXPECT_EQ(run(core).size(), 1U);
  EXPECT_NE(core.stuck(), "");
  core.credit(200, 1, 0, 1, 25);  // one short: 7 + 25
  EXPECT_TRUE(run(core).empty());
  core.credit(300, 1, 0, 1, 1);
  const auto grants = run(core);
  ASSERT_EQ(grants.size(), 1U);
  EXPECT_EQ(grants[0].cycle, 300U);
  const auto account = core.account(1, 400);
  EXPECT_EQ(account[SwitchCore::kBusy], 66U);
  EXPECT_EQ(account[SwitchCore::kNoCredit], 300U - 34U);
}

TEST(SwitchCoreTest, AQueueWithoutCreditDoesNotBlockItsInput) {
  SwitchCore core = make(3, {}, 33);
  core.arrive(0, {nullptr, 0, 1, 1, 33, 0});
  core.arrive(0, {nullptr, 0, 1, 1, 33, 0});
  core.arrive(0, {nullptr, 0, 2, 1, 33, 0});
  const auto grants = run(core);
  ASSERT_EQ(grants.size(), 2U);
  EXPECT_EQ(grants[1].packet.output, 2U);
  EXPECT_EQ(grants[1].cycle, 34U);
}

TEST(SwitchCoreTest, ControlGoesFirstAtOutputAndInput) {
  SwitchCore core = make(4);
  core.arrive(0, {nullptr, 0, 1, 3, 33, 0});
  core.arrive(1, {nullptr, 0, 1, 3, 33, 0});
  core.arrive(1, {nullptr, 2, 1, 0, 1, 0});
  auto grants = run(core);
  ASSERT_EQ(grants.size(), 3U);
  EXPECT_EQ(grants[1].packet.traffic_class, 0U);
  EXPECT_EQ(grants[1].cycle, 34U) << "a packet is never interrupted";

  SwitchCore both = make(4);
  both.arrive(0, {nullptr, 0, 1, 3, 33, 0});
  both.arrive(0, {nullptr, 0, 3, 0, 1, 0});
  grants = run(both);
  EXPECT_EQ(grants[0].packet.output, 3U);
}

TEST(SwitchCoreTest, InputsTakeTurnsAtAContestedOutput) {
  SwitchConfig config;
  config.voq_flits = 100'000;
  SwitchCore core = make(16, config);
  for (std::uint32_t i = 0; i < 15; ++i) {
    for (std::uint32_t k = 0; k < 100; ++k)
      core.arrive(0, {nullptr, i, 15, 2, 8, 0});
  }
  std::array<int, 16> served{};
  for (const auto& grant : run(core, 8 * 750))
    ++served[grant.packet.input];
  for (std::uint32_t i = 0; i < 15; ++i)
    EXPECT_NEAR(served[i], 50, 1) << "input " << i;
}

/// Input 0 feeds both outputs, input 1 only output 1; all flows always have packets. Packets served
/// of flow (0, 1), which loses its turn each time unless input 0 waits for output 1, and of all
/// three.
std::array<int, 2> serve_conflict(std::uint32_t patience) {
  SwitchConfig config;
  config.voq_flits = 1'000'000;
  config.patience = patience;
  SwitchCore core = make(2, config);
  for (std::uint32_t k = 0; k < 10'000; ++k) {
    core.arrive(0, {nullptr, 0, 0, 1, 8, 0});
    core.arrive(0, {nullptr, 0, 1, 1, 8, 0});
    core.arrive(0, {nullptr, 1, 1, 1, 8, 0});
  }
  std::array<int, 2> served{};
  for (const auto& g : run(core, 8 * 10'000)) {
    ++served[1];
    if (g.packet.input == 0 && g.packet.output == 1) ++served[0];
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
  SwitchCore core = make(kPorts, {}, kCredits);
  std::vector<std::uint64_t> input_free(kPorts, 0);
  std::vector<std::uint64_t> output_free(kPorts, 0);
  std::map<std::uint64_t, std::vector<SwitchCore::Arrival>> returns;
  std::array<std::array<std::uint32_t, kClasses>, kPorts> outstanding{};
  std::vector<int> seen(20'000, 0);
  std::size_t sent = 0;
  for (std::uint64_t cycle = 0; cycle < 200'000; ++cycle) {
    for (std::uint32_t i = 0; i < kPorts && sent < seen.size(); ++i) {
      const auto flits = static_cast<std::uint32_t>(1 + random() % 33);
      const auto output = static_cast<std::uint32_t>(random() % kPorts);
      const auto c = static_cast<std::uint32_t>(random() % kClasses);
      if (random() % 20 == 0 && core.occupied(i, output, c) + flits <= SwitchConfig{}.voq_flits) {
        core.arrive(cycle, {&seen[sent++], i, output, c, flits, 0});
      }
    }
    for (const SwitchCore::Arrival& a : returns[cycle]) {
      core.credit(cycle, a.output, 0, a.traffic_class, a.flits);
      outstanding[a.output][a.traffic_class] -= a.flits;
    }
    returns.erase(cycle);
    if (core.next() != cycle) {
      ASSERT_GT(core.next(), cycle);
      continue;
    }
    for (const auto& g : core.step(cycle)) {
      const auto& p = g.packet;
      ++*static_cast<int*>(p.packet);
      ASSERT_LE(input_free[p.input], cycle);
      ASSERT_LE(output_free[p.output], cycle);
      input_free[p.input] = output_free[p.output] = cycle + p.flits;
      ASSERT_LE(outstanding[p.output][p.traffic_class] += p.flits, kCredits);
      returns[cycle + p.flits + 50].push_back(p);
    }
  }
  EXPECT_EQ(core.waiting(), 0U);
  EXPECT_EQ(seen, std::vector<int>(seen.size(), 1)) << "each packet exactly once";
  for (std::uint32_t o = 0; o < kPorts; ++o) {
    std::uint64_t total = 0;
    for (const std::uint64_t cycles : core.account(o, 200'000))
      total += cycles;
    EXPECT_EQ(total, 200'000U);
  }
}

TEST(SwitchCoreTest, SteppingInOtherCyclesTooChangesNothing) {
  // The calendar is complete: what it leaves out has no effect.
  const auto grants_of = [](bool every_cycle) {
    std::mt19937 random(11);
    SwitchCore core = make(4);
    std::vector<std::pair<std::uint64_t, std::uint32_t>> result;
    for (std::uint64_t cycle = 0; cycle < 20'000; ++cycle) {
      if (random() % 8 == 0) {
        const auto i = static_cast<std::uint32_t>(random() % 4);
        const auto o = static_cast<std::uint32_t>(random() % 4);
        const auto c = static_cast<std::uint32_t>(random() % 4);
        const auto flits = static_cast<std::uint32_t>(1 + random() % 33);
        if (core.occupied(i, o, c) + flits <= SwitchConfig{}.voq_flits) {
          core.arrive(cycle, {nullptr, i, o, c, flits, 0});
        }
      }
      if (!every_cycle && core.next() > cycle) continue;
      for (const auto& g : core.step(cycle))
        result.emplace_back(g.cycle, g.packet.input);
    }
    return result;
  };
  EXPECT_EQ(grants_of(false), grants_of(true));
}

}  // namespace
}  // namespace aipu::directcom
