// SPDX-License-Identifier: Apache-2.0
// Runs that close the coverage of the small switch. What they hit goes to AIPU_COVERAGE_DIR, where
// tools/rtl/coverage.py judges it.
#include "sim/cosim/coverage.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <set>

#include "sim/cosim/random_run.h"
#include "tests/rtl/coverage/pin_traffic.h"

namespace aipu::test {
namespace {

constexpr std::uint32_t kPorts = 4;

/// Of all tests of this process.
class Collected : public testing::EmptyTestEventListener {
 public:
  static Collected& get() {
    static auto* const collected = new Collected;  // GoogleTest deletes its listeners
    return *collected;
  }
  cosim::Coverage& bins(std::uint32_t speedup) { return bins_[speedup - 1]; }
  void write(cosim::SwitchPins& pins, std::uint32_t speedup) {
    if (folder_.empty()) return;
    EXPECT_TRUE(pins.write_coverage(fmt::format("{}/x{}.{}.dat", folder_, speedup, files_++)));
  }

 private:
  Collected() {
    if (const char* const folder = std::getenv("AIPU_COVERAGE_DIR"); folder != nullptr)
      folder_ = folder;
  }
  /// An injected fault is a bin, hit when the detector that its test expects has found it.
  void OnTestEnd(const testing::TestInfo& test) override {
    const std::string suite = test.test_suite_name();
    const std::string name = test.name();
    if (suite.find("FaultTest") == std::string::npos) return;
    const std::string fault = name.substr(name.find('/') + 1);
    if (fault != "None" && test.result()->Passed()) faults_.insert(fault);
  }
  void OnTestProgramEnd(const testing::UnitTest& /*all*/) override {
    if (folder_.empty()) return;
    std::ofstream out(folder_ + "/bins.txt");
    for (const auto& bins : bins_)
      bins.each(
          [&](const std::string& id, std::uint64_t hits) { out << id << ' ' << hits << '\n'; });
    for (const auto& fault : faults_)
      out << "fault." << fault << " 1\n";
  }

  std::string folder_;
  int files_ = 0;
  std::array<cosim::Coverage, 2> bins_{cosim::Coverage(kPorts, 1), cosim::Coverage(kPorts, 2)};
  std::set<std::string> faults_;
};

const int kListens = [] {
  testing::UnitTest::GetInstance()->listeners().Append(&Collected::get());
  return 0;
}();

/// Writes the points of the model when the run is over.
class WrittenPins final : public cosim::CoveredPins {
 public:
  WrittenPins(std::unique_ptr<SwitchPins> to, std::uint32_t speedup)
      : CoveredPins(std::move(to), Collected::get().bins(speedup)), speedup_(speedup) {}
  ~WrittenPins() override { Collected::get().write(*this, speedup_); }

 private:
  const std::uint32_t speedup_;
};

class CoverageTest : public testing::TestWithParam<std::uint32_t> {
 protected:
  std::unique_ptr<cosim::SwitchPins> covered(std::unique_ptr<cosim::SwitchPins> pins) {
    pins->assertions(true);
    return std::make_unique<WrittenPins>(std::move(pins), GetParam());
  }
  std::unique_ptr<cosim::SwitchPins> covered() {
    return covered(cosim::SwitchPins::make(kPorts, GetParam()));
  }
};

TEST_P(CoverageTest, RandomNetworksInLockstep) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    cosim::RandomRun run = cosim::random_run(kPorts, GetParam(), seed);
    run.cycles = 600;
    run.config.voq_flits = 33 + seed % 8;
    run.max_flits = std::min(run.max_flits, run.config.voq_flits);
    run.disturb = [&](auto pins) { return covered(std::move(pins)); };
    EXPECT_GT(run.run().packets, 0U) << run.name;
  }
}

TEST_P(CoverageTest, RandomBitsAtThePins) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 1);
  static constexpr std::uint32_t kChoices[] = {0, 1, 2, 3, 5, 7};  // 7: none, takes the first
  for (std::uint32_t round = 0; round < 24; ++round) {
    PinTraffic::Knobs knobs;
    knobs.load = round % 4 == 0 ? 1 : 0.2 + 0.1 * (round % 5);
    knobs.max_flits = round % 3 == 0 ? 64 : round % 3 == 1 ? 1 : 8;
    knobs.credit = round % 2 == 0 ? 2 * knobs.max_flits + 2 : 200;
    knobs.choice = kChoices[round % 6];
    knobs.patience = round % 7;
    knobs.mark = round % 2 == 0 ? 6 : 0;
    knobs.holds = GetParam() == 1 && round % 4 == 1 ? 0.2 : 0;
    knobs.delay = 1 + 10 * (round % 3);
    traffic.start(knobs);
    traffic.run(400);
  }
  EXPECT_GT(traffic.delivered(), 1'000U);
}

TEST_P(CoverageTest, EveryBufferFills) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 2);
  for (const std::uint32_t flits : {1U, 64U}) {
    PinTraffic::Knobs knobs;
    knobs.load = 1;
    knobs.max_flits = flits;
    knobs.credit = flits;
    traffic.start(knobs);
    traffic.fill();
  }
}

TEST_P(CoverageTest, EveryQueueTakesTheWholeBuffer) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 5);
  PinTraffic::Knobs knobs;
  knobs.load = 1;
  for (std::uint32_t queue = 0; queue < 4 * kPorts; ++queue) {
    knobs.outputs = 1U << queue / 4;
    knobs.classes = 1U << queue % 4;
    traffic.start(knobs);
    traffic.fill();
  }
}

TEST_P(CoverageTest, EveryOutputWantsOneInput) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 9);
  PinTraffic::Knobs knobs;
  knobs.load = 1;
  knobs.max_flits = 4;
  knobs.credit = 200;
  for (std::uint32_t i = 0; i < kPorts; ++i) {
    knobs.inputs = 1U << i;
    traffic.start(knobs);
    traffic.fill();
  }
}

TEST_P(CoverageTest, QueuesLoseManyTurns) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 6);
  PinTraffic::Knobs knobs;
  knobs.load = 1;
  knobs.max_flits = 1;
  knobs.credit = 8;
  knobs.delay = 1;
  knobs.patience = 255;
  knobs.outputs = 1;
  for (knobs.slow = 0; knobs.slow < kPorts; ++knobs.slow) {
    traffic.start(knobs);
    traffic.run(8'000);
  }
}

TEST_P(CoverageTest, ClassesTakeTurnsByTheirDeficits) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 10);
  PinTraffic::Knobs knobs;
  knobs.load = 1;
  knobs.max_flits = 8;
  knobs.quantum = 8;
  for (const std::uint32_t patience : {0U, 1U, 2U, 8U}) {
    knobs.patience = patience;
    for (const std::uint32_t credit : {8U, 16U, 200U}) {
      knobs.credit = credit;
      knobs.pools = credit == 200 ? 4 : 2;
      traffic.start(knobs);
      traffic.run(1'000);
    }
  }
}

TEST_P(CoverageTest, LongestPacketsAndLargestCredits) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 11);
  PinTraffic::Knobs knobs;
  knobs.load = 1;
  knobs.longest = true;
  knobs.credit = pins->limits().credits;
  knobs.delay = 500;
  traffic.configure(knobs);
  traffic.run(4'000);
}

/// A class with credit for one short packet a turn keeps the rest of every quantum.
TEST_P(CoverageTest, DeficitsGrowToTheirLastBit) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 7);
  PinTraffic::Knobs knobs;
  knobs.load = 1;
  knobs.max_flits = 1;
  knobs.credit = 1;
  knobs.pools = 1;
  knobs.delay = 1;
  knobs.classes = 14;
  knobs.quantum = (1U << 17U) - 1;
  traffic.configure(knobs);
  traffic.run(100'000);
}

TEST_P(CoverageTest, RegistersThatDoNotExistAreNotWritten) {
  const auto pins = covered();
  pins->assertions(false);  // CFG-2
  pins->configure(cosim::SwitchPins::Select::kRule, 0, 7, ~0ULL);
  PinTraffic traffic(*pins, GetParam(), 8);
  traffic.configure({});
  traffic.run(50);
  EXPECT_GT(traffic.delivered(), 0U);
}

TEST_P(CoverageTest, ResetsInTheMiddleOfTraffic) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 3);
  PinTraffic::Knobs knobs;
  knobs.load = 1;
  for (std::uint32_t round = 0; round < 8; ++round) {
    traffic.configure(knobs);
    traffic.run(100 + round, true);
    traffic.reset();
  }
  traffic.configure(knobs);
  traffic.run(100);
}

TEST_P(CoverageTest, SleepsAndWakes) {
  const auto pins = covered();
  PinTraffic traffic(*pins, GetParam(), 4);
  PinTraffic::Knobs knobs;
  knobs.load = 0.02;
  knobs.delay = 200;
  knobs.max_flits = 4;
  traffic.configure(knobs);
  traffic.run(3'000);
}

INSTANTIATE_TEST_SUITE_P(Speedup, CoverageTest, testing::Values(1U, 2U));

}  // namespace
}  // namespace aipu::test
