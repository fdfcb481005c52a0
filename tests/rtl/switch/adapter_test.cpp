// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "sim/cosim/random_run.h"
#include "tlm/cosim/passed_pins.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::test {
namespace {

using cosim::VerilatedSwitch;
using directcom::SwitchConfig;
using directcom::SwitchModel;

/// Both models of one switch, driven directly.
struct Pair {
  explicit Pair(std::uint32_t ports, const SwitchConfig& config = {})
      : topology(directcom::single_switch(ports)), routes(topology) {
    auto other = std::make_unique<VerilatedSwitch>(config, routes, 0, 1);
    rtl = other.get();
    both = std::make_unique<cosim::LockstepSwitch>(
        directcom::make_switch_core(config, routes, 0, 1), std::move(other),
        cosim::LockstepSwitch::Run{"switch", "", 1, true});
  }
  void offer(std::uint32_t credits) {
    for (std::uint32_t p = 0; p < both->ports(); ++p)
      both->offer(p, {{credits}, nullptr});
  }
  void arrive(std::uint64_t cycle, std::uint32_t input, std::uint32_t output, std::uint32_t c,
              std::uint32_t flits) {
    both->arrive(cycle, {nullptr, input, output, static_cast<std::uint16_t>(input),
                         static_cast<std::uint16_t>(flits), static_cast<std::uint8_t>(c)});
  }
  std::vector<SwitchModel::Departure> run(std::uint64_t until = SwitchModel::kNever) {
    std::vector<SwitchModel::Departure> all;
    while (both->next() != SwitchModel::kNever && both->next() <= until) {
      const auto& departures = both->step(both->next());
      all.insert(all.end(), departures.begin(), departures.end());
    }
    return all;
  }
  directcom::Topology topology;
  directcom::Routes routes;
  VerilatedSwitch* rtl = nullptr;
  std::unique_ptr<cosim::LockstepSwitch> both;
};

SwitchConfig with_speedup(std::uint32_t speedup) {
  SwitchConfig config;
  config.speedup = speedup;
  return config;
}

TEST(AdapterTest, TheHeadLeavesOnePipelineBehindItsArrival) {
  for (const std::uint32_t speedup : {1U, 2U}) {
    Pair pair(4, with_speedup(speedup));
    pair.offer(100);
    pair.arrive(100, 1, 2, 1, 5);
    const auto left = pair.run();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].head, 104U);
    pair.rtl->settle();
    EXPECT_EQ(pair.rtl->flits_checked(), 5U);
  }
}

TEST(AdapterTest, NothingIsClockedWhileTheSwitchIsIdle) {
  Pair pair(5, with_speedup(1));
  pair.offer(100);
  for (std::uint64_t k = 1; k <= 20; ++k)
    pair.arrive(k * 1'000'000, 0, 3, 2, 2);
  EXPECT_EQ(pair.run().size(), 20U);
  pair.rtl->settle();
  EXPECT_LT(pair.rtl->clocks(), 20U * 12);
}

TEST(AdapterTest, CreditWakesASleepingOutput) {
  Pair pair(4, with_speedup(1));
  pair.offer(40);
  pair.arrive(1, 0, 1, 1, 33);
  pair.arrive(40, 0, 1, 1, 33);
  EXPECT_EQ(pair.run(500).size(), 1U);
  pair.both->credit(600, 1, 1, 1, 33);
  const auto left = pair.run(700);
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].head, 603U);
}

TEST(AdapterTest, CreditThatReturnsInTheCycleOfASendIsNotLost) {
  Pair pair(4, with_speedup(1));
  pair.offer(1);
  for (std::uint64_t k = 0; k < 50; ++k)
    pair.arrive(10 + k, 0, 1, 1, 1);
  pair.run(11);
  for (std::uint64_t k = 0; k < 49; ++k)
    pair.both->credit(12 + k, 1, 1, 1, 1);
  EXPECT_EQ(pair.run(100).size(), 49U);
  EXPECT_EQ(pair.both->waiting(), 0U);
}

TEST(AdapterTest, ManyPacketsMayWaitAndTakeEverySlot) {
  Pair pair(4, with_speedup(1));
  pair.offer(1);
  for (std::uint32_t k = 0; k < 512; ++k) {
    for (std::uint32_t i = 0; i < 4; ++i)
      pair.arrive(10 + k, i, (i + k) % 4, 1 + k % 3, 1);
  }
  std::uint64_t credit_at = 12;
  std::uint64_t left = 0;
  std::array<std::uint64_t, 4> last{};  // a link carries one credit a cycle
  while (left < 2048) {
    for (const auto& d : pair.run(credit_at)) {
      ++left;
      last[d.output] = std::max(last[d.output] + 1, credit_at + 2 + left % 3);
      pair.both->credit(last[d.output], d.output, d.packet.destination, d.packet.traffic_class,
                        d.packet.flits);
    }
    credit_at += 5;
  }
  EXPECT_EQ(pair.both->waiting(), 0U);
}

/// The message of a configuration that the RTL cannot be.
std::string refused(std::uint32_t ports, const SwitchConfig& config) {
  const directcom::Topology topology = directcom::single_switch(ports);
  const directcom::Routes routes(topology);
  try {
    const VerilatedSwitch model(config, routes, 0, 1);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "accepted";
}

TEST(AdapterTest, SaysWhatTheRtlCannotBe) {
  EXPECT_EQ(refused(5, with_speedup(2)), "accepted");
  EXPECT_EQ(refused(7, {}), "accepted");
  EXPECT_EQ(refused(17, {}),
            "switch switch in RTL: no model of 17 ports or more; there are: 4, 5, 16");
  SwitchConfig config;
  config.up_choice = directcom::PathChoice::kEcmp;
  EXPECT_EQ(refused(4, config), "switch switch in RTL: up_choice ecmp is not built");
  config = {};
  config.pipeline = Cycles(6);
  EXPECT_EQ(refused(4, config), "switch switch in RTL: pipeline must be 4");
  config = with_speedup(2);
  config.multicast_flits = 512;
  EXPECT_EQ(refused(4, config), "switch switch in RTL: multicast_flits needs speedup 1");
  config.speedup = 1;
  EXPECT_EQ(refused(4, config), "accepted");
  config = with_speedup(2);
  config.flit_errors = 1;
  EXPECT_EQ(refused(4, config), "switch switch in RTL: flit_errors needs speedup 1");
  config = {};
  config.voq_flits = 4096;
  EXPECT_EQ(refused(4, config),
            "switch switch in RTL: voq_flits 4096 makes inputs of 65536 flits, at most 8192 are "
            "built");
}

/// Says that it is not busy, always.
class NeverBusy final : public cosim::PassedPins {
 public:
  using cosim::PassedPins::PassedPins;
  bool busy() const override { return false; }
};

TEST(AdapterTest, ASwitchThatFallsAsleepWithAPacketIsFound) {
  const directcom::Topology topology = directcom::single_switch(4);
  const directcom::Routes routes(topology);
  VerilatedSwitch rtl({}, routes, 0, 1, std::make_unique<NeverBusy>(cosim::SwitchPins::make(4, 2)));
  rtl.arrive(10, {nullptr, 0, 2, 0, 2, 1});
  try {
    rtl.step(22);
    rtl.settle();
    ADD_FAILURE() << "not found";
  } catch (const cosim::Mismatch& e) {
    EXPECT_STREQ(e.what(),
                 "RTL-6: switch switch, cycle 11 (tick 22): busy_o is low with packets in it");
  }
}

}  // namespace
}  // namespace aipu::test
