// SPDX-License-Identifier: Apache-2.0
// A router that is no twin of the switch: it carries the traffic, keeps the rules of its pins, and
// a fault on them is found. SwitchPins::make() of this program gives fifo_router.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "sim/cosim/random_run.h"
#include "tlm/cosim/foreign_switch.h"
#include "tlm/cosim/passed_pins.h"

namespace aipu::test {
namespace {

constexpr std::uint32_t kPorts = 4;
constexpr std::uint64_t kSeeds = 36;  ///< every pattern, every place

using Disturb =
    std::function<std::unique_ptr<cosim::SwitchPins>(std::unique_ptr<cosim::SwitchPins>)>;

/// The run of a number with the router in its place.
cosim::RandomRun run_of(std::uint64_t seed, const Disturb& disturb = {}) {
  cosim::RandomRun run = cosim::random_run(kPorts, 1, seed);
  run.config.flit_errors = 0;
  run.model = [config = run.config, place = run.place, disturb](const directcom::Routes& routes) {
    auto pins = cosim::SwitchPins::make(kPorts, 1);
    if (disturb) pins = disturb(std::move(pins));
    return std::make_unique<cosim::ForeignSwitch>(config, routes, place, std::move(pins));
  };
  return run;
}

TEST(SecondRouterTest, CarriesEveryPatternOnceAndInOrder) {
  std::uint64_t packets = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed)
    EXPECT_NO_THROW(packets += run_of(seed).run().packets) << "seed " << seed;
  EXPECT_GT(packets, 10'000U);
}

TEST(SecondRouterTest, IsNoTwinOfTheSwitch) {
  cosim::RandomRun run = cosim::random_run(kPorts, 1, 1);
  EXPECT_THROW(run.run(), cosim::Mismatch);  // held against the rules of exact timing
}

/// The first chance of each fault after some flits.
class FaultyPins final : public cosim::PassedPins {
 public:
  enum class Fault { kFlip, kDrop, kCredit, kNoGrant, kRoute };
  FaultyPins(std::unique_ptr<SwitchPins> to, Fault fault)
      : cosim::PassedPins(std::move(to)), fault_(fault) {}
  void clock(bool second) override {
    cosim::PassedPins::clock(second);
    active_ = false;
    const bool chance = fault_ == Fault::kNoGrant  ? PassedPins::granted() != 0
                        : fault_ == Fault::kCredit ? PassedPins::returning() != 0
                        : fault_ == Fault::kRoute  ? PassedPins::routed() != 0
                                                   : PassedPins::sending() != 0;
    if (chance && ++chances_ == kWhen) active_ = true;
  }
  std::uint64_t sending() const override { return less(Fault::kDrop, PassedPins::sending()); }
  std::uint64_t returning() const override { return less(Fault::kCredit, PassedPins::returning()); }
  std::uint64_t granted() const override { return less(Fault::kNoGrant, PassedPins::granted()); }
  std::uint32_t routed_output(std::uint32_t input) const override {
    const std::uint32_t output = PassedPins::routed_output(input);
    return active_ && fault_ == Fault::kRoute ? (output + 1) % kPorts : output;
  }
  Flit flit(std::uint32_t output) const override {
    Flit bits = PassedPins::flit(output);
    if (active_ && fault_ == Fault::kFlip) bits[1] ^= 1U;
    return bits;
  }

 private:
  static constexpr std::uint64_t kWhen = 200;
  std::uint64_t less(Fault fault, std::uint64_t mask) const {
    return active_ && fault_ == fault ? mask & (mask - 1) : mask;
  }

  const Fault fault_;
  bool active_ = false;
  std::uint64_t chances_ = 0;
};

struct Case {
  const char* name;
  FaultyPins::Fault fault;
  const char* detector;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name;
}

class SecondRouterFaultTest : public testing::TestWithParam<Case> {};

TEST_P(SecondRouterFaultTest, IsFoundByTheRuleItBreaks) {
  cosim::RandomRun run = run_of(9, [](std::unique_ptr<cosim::SwitchPins> pins) {
    return std::make_unique<FaultyPins>(std::move(pins), GetParam().fault);
  });
  try {
    run.run();
    ADD_FAILURE() << "not found";
  } catch (const cosim::Mismatch& e) {
    EXPECT_THAT(e.what(), testing::StartsWith(GetParam().detector));
  }
}

INSTANTIATE_TEST_SUITE_P(All, SecondRouterFaultTest,
                         testing::Values(Case{"WrongOutput", FaultyPins::Fault::kRoute, "RTL-1"},
                                         Case{"LostGrant", FaultyPins::Fault::kNoGrant, "RTL-3"},
                                         Case{"DroppedFlit", FaultyPins::Fault::kDrop, "RTL-"},
                                         Case{"FlippedBit", FaultyPins::Fault::kFlip, "RTL-4"},
                                         Case{"DroppedCredit", FaultyPins::Fault::kCredit,
                                              "RTL-5"}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(SecondRouterTest, SaysWhatItCannotBe) {
  const directcom::Topology topology = directcom::single_switch(kPorts);
  const directcom::Routes routes(topology);
  directcom::SwitchConfig config;
  config.speedup = 2;
  EXPECT_THROW(cosim::ForeignSwitch(config, routes, 0, cosim::SwitchPins::make(kPorts, 1)),
               ConfigError);
}

}  // namespace
}  // namespace aipu::test
