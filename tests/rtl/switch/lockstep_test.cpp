// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iostream>

#include "sim/cosim/random_run.h"
#include "tlm/cosim/passed_pins.h"

namespace aipu::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// Seeds of one test, more with AIPU_RTL_SEEDS.
std::uint64_t seeds(std::uint64_t usual) {
  const char* const wanted = std::getenv("AIPU_RTL_SEEDS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : usual;
}

/// Accounts see the states of the ticks that a model is stepped in: they are compared where both
/// are stepped in the same ones.
enum class Steps : std::uint8_t { kEveryTick, kNamedTicks };

void run_seeds(std::uint32_t ports, std::uint32_t speedup, std::uint64_t count, Steps steps) {
  cosim::RandomRun::Result sum;
  for (std::uint64_t seed = 1; seed <= seeds(count); ++seed) {
    cosim::RandomRun run = cosim::random_run(ports, speedup, seed);
    run.every_tick = run.accounts = steps == Steps::kEveryTick;
    try {
      const auto result = run.run();
      sum.flits += result.flits;
      sum.packets += result.packets;
      sum.clocks += result.clocks;
    } catch (const cosim::Mismatch& e) {
      ADD_FAILURE() << run.name << " (" << run.topology.name << "): " << e.what();
    }
  }
  std::cout << sum.packets << " packets, " << sum.flits << " flits, " << sum.clocks
            << " clocks equal\n";
  EXPECT_GT(sum.flits, 0U);
}

TEST(LockstepTest, FourPortsAreEqualInEveryTick) {
  run_seeds(4, 1, 40, Steps::kEveryTick);
}

TEST(LockstepTest, FourPortsAreEqualInNamedTicks) {
  run_seeds(4, 1, 40, Steps::kNamedTicks);
}

TEST(LockstepTest, FourPortsAreEqualInEveryTickWithSpeedup) {
  run_seeds(4, 2, 40, Steps::kEveryTick);
}

TEST(LockstepTest, FourPortsAreEqualInNamedTicksWithSpeedup) {
  run_seeds(4, 2, 40, Steps::kNamedTicks);
}

TEST(LockstepTest, FivePortsAreEqualInEveryTick) {
  run_seeds(5, 1, 40, Steps::kEveryTick);
}

TEST(LockstepTest, FivePortsAreEqualInNamedTicks) {
  run_seeds(5, 1, 40, Steps::kNamedTicks);
}

TEST(LockstepTest, FivePortsAreEqualInEveryTickWithSpeedup) {
  run_seeds(5, 2, 40, Steps::kEveryTick);
}

TEST(LockstepTest, FivePortsAreEqualInNamedTicksWithSpeedup) {
  run_seeds(5, 2, 40, Steps::kNamedTicks);
}

TEST(LockstepTest, SixteenPortsAreEqualInEveryTick) {
  run_seeds(16, 1, 20, Steps::kEveryTick);
}

TEST(LockstepTest, SixteenPortsAreEqualInNamedTicks) {
  run_seeds(16, 1, 20, Steps::kNamedTicks);
}

TEST(LockstepTest, SixteenPortsAreEqualInEveryTickWithSpeedup) {
  run_seeds(16, 2, 20, Steps::kEveryTick);
}

TEST(LockstepTest, SixteenPortsAreEqualInNamedTicksWithSpeedup) {
  run_seeds(16, 2, 20, Steps::kNamedTicks);
}

TEST(LockstepTest, SwitchesOfOtherSizesRunOnLargerModels) {
  for (const std::uint32_t ports : {2U, 3U, 7U, 12U}) {
    for (const std::uint32_t speedup : {1U, 2U})
      run_seeds(ports, speedup, ports < 4 ? 20 : 6, Steps::kEveryTick);
  }
}

/// What a run says that ends with a Mismatch.
std::string mismatch_of(const cosim::RandomRun& run) {
  try {
    run.run();
  } catch (const cosim::Mismatch& e) {
    return e.what();
  }
  return "";
}

/// One grant with a wrong mark, or one flit that is not there.
class OneFault final : public cosim::PassedPins {
 public:
  OneFault(std::unique_ptr<SwitchPins> to, bool drop)
      : cosim::PassedPins(std::move(to)), drop_(drop) {}
  void clock(bool second) override {
    cosim::PassedPins::clock(second);
    grants_ += cosim::PassedPins::granted() != 0 ? 1 : 0;
  }
  std::uint64_t sending() const override {
    return drop_ && grants_ >= kWhen ? 0 : cosim::PassedPins::sending();
  }
  Grant grant(std::uint32_t output) const override {
    Grant grant = cosim::PassedPins::grant(output);
    if (!drop_ && grants_ >= kWhen) grant.mark = !grant.mark;
    return grant;
  }

 private:
  static constexpr std::uint64_t kWhen = 60;
  const bool drop_;
  std::uint64_t grants_ = 0;
};

cosim::RandomRun with_fault(bool drop) {
  cosim::RandomRun run = cosim::random_run(4, 1, 7);
  run.disturb = [drop](std::unique_ptr<cosim::SwitchPins> pins) {
    return std::make_unique<OneFault>(std::move(pins), drop);
  };
  return run;
}

void expect_context(const std::string& text) {
  EXPECT_THAT(text, HasSubstr("\nlast events (cycle, what, port):\n"));
  EXPECT_THAT(text, HasSubstr("arrival at input"));
  EXPECT_THAT(
      text,
      HasSubstr("\nseed 7; again with: hc1000 cosim regress --ports 4 --speedup 1 --from 7 "));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'),
            text.find("reference:") != std::string::npos ? 36 : 34);
}

TEST(LockstepTest, ADifferenceSaysWhereWhatWhenAndHowToRunItAgain) {
  const std::string text = mismatch_of(with_fault(false));
  EXPECT_THAT(text, MatchesRegex("lockstep: switch [a-z0-9]+, cycle [0-9]+ .tick [0-9]+., output "
                                 "[0-3], class [0-3], after [0-9]+ packets that agree:\n(.|\n)*"));
  EXPECT_THAT(text, HasSubstr("\n  reference: input "));
  EXPECT_THAT(text, HasSubstr("\n  other:     input "));
  EXPECT_THAT(text, HasSubstr(", marked, packet"));
  expect_context(text);
}

TEST(LockstepTest, ABrokenRuleComesWithTheSameContext) {
  const std::string text = mismatch_of(with_fault(true));
  EXPECT_THAT(text,
              MatchesRegex("RTL-3: switch [a-z0-9]+, cycle [0-9]+ .tick [0-9]+.: output "
                           "[0-3]: no flit in cycle [0-9]+, packet due from [0-9]+\n(.|\n)*"));
  expect_context(text);
}

}  // namespace
}  // namespace aipu::test
