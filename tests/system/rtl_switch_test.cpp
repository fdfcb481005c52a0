// SPDX-License-Identifier: Apache-2.0
// Switches of a board in RTL, under real firmware.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sstream>

#include "hw/base/error.h"
#include "sim/platform/switches.h"
#include "tests/support/child.h"
#include "tests/support/tiny_model.h"
#include "tests/system/model_run.h"
#include "tlm/cosim/passed_pins.h"

namespace aipu::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Four AIPUs that share every layer, and switches as the text says.
ModelRun run_with(const std::string& switches) {
  ModelRun run;
  run.plan = {4, 1};
  run.functional = true;
  run.settings = {"simulation.switch_models=" + switches};
  return run;
}

std::string dump_of(const ModelRun& run) {
  const ChildResult child = in_child([&] { return run_and_dump(run); });
  EXPECT_TRUE(child.good);
  EXPECT_THAT(child.output, StartsWith("code 0 "));
  return child.output;
}

TEST(RtlSwitchTest, LockstepChangesNothingAtAll) {
  const std::string tlm = dump_of(run_with(""));
  EXPECT_GT(tlm.size(), 10'000U);
  EXPECT_EQ(difference(tlm, dump_of(run_with("switch[0]=lockstep"))), "");
  EXPECT_EQ(difference(tlm, dump_of(run_with("switch[*]=lockstep"))), "");
}

TEST(RtlSwitchTest, RtlAloneForwardsTheSamePackets) {
  // Requests that meet in one picosecond may change their order, and adaptive choice then the plane
  // of a packet: only the sum over the planes is certain.
  const auto forwarded = [](const std::string& text) {
    std::istringstream in(text);
    std::uint64_t packets = 0;
    for (std::string line; std::getline(in, line);) {
      std::istringstream words(line);
      std::string name;
      std::uint64_t count = 0;
      words >> name >> count;
      if (name.rfind("board.switch", 0) == 0 && name.find(".packets") != std::string::npos)
        packets += count;
    }
    return packets;
  };
  const std::uint64_t tlm = forwarded(dump_of(run_with("")));
  EXPECT_GT(tlm, 1'000U);
  EXPECT_EQ(forwarded(dump_of(run_with("switch[*]=rtl"))), tlm);
}

/// Flips a bit of every flit at the outputs, after a while.
class FlippedBit final : public cosim::PassedPins {
 public:
  using PassedPins::PassedPins;
  void clock(bool second) override {
    PassedPins::clock(second);
    if (sending() != 0) ++ticks_;
  }
  Flit flit(std::uint32_t output) const override {
    constexpr std::uint64_t kGood = 500;
    Flit bits = PassedPins::flit(output);
    if (ticks_ > kGood) bits[2] ^= 1U;
    return bits;
  }

 private:
  std::uint64_t ticks_ = 0;
};

TEST(RtlSwitchTest, ABrokenRuleEndsTheRunAndLeavesItsEvidence) {
  const TempDir folder;
  ModelRun run = run_with("switch[2]=lockstep");
  run.rtl.failure_prefix = folder.file("mismatch");
  run.rtl.disturb = [](std::unique_ptr<cosim::SwitchPins> pins) {
    return std::make_unique<FlippedBit>(std::move(pins));
  };
  const ChildResult child = in_child([&] { return run_and_dump(run); });
  EXPECT_TRUE(child.good);
  EXPECT_THAT(child.output, StartsWith("code 1 "));
  EXPECT_THAT(child.output, HasSubstr("RTL-4: switch plane2.leaf0, cycle "));
  EXPECT_THAT(child.output, HasSubstr("hc1000 cosim replay "));
  for (const char* end : {".replay", ".fst", ".gtkw"})
    EXPECT_FALSE(read_file(folder.file(std::string("mismatch.plane2.leaf0") + end)).empty()) << end;
}

TEST(RtlSwitchTest, SaysBeforeAnythingIsMadeWhatCannotBe) {
  const auto refused = [](const std::string& switches, const std::string& setting) {
    ModelRun run = run_with(switches);
    run.settings.push_back(setting);
    try {
      platform::check_switches(board_of(run));
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refused("switch[3]=rtl", "simulation.seed=1"), "accepted");
  EXPECT_THAT(refused("switch[4]=rtl", "simulation.seed=1"),
              StartsWith("simulation.switch_models: 'switch[4]=rtl': there are switches 0..3"));
  EXPECT_THAT(refused("switch[0]=rtl", "simulation.fabric=fast"),
              StartsWith("switch plane0.leaf0 in RTL: "));
  EXPECT_EQ(refused("switch[0]=tlm", "simulation.fabric=fast"), "accepted");
}

}  // namespace
}  // namespace aipu::test
