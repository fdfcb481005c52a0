// SPDX-License-Identifier: Apache-2.0
// Every fault on the pins is found, and by the rule that it breaks.
#include <array>
#include <deque>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/cosim/random_run.h"
#include "tlm/cosim/passed_pins.h"

namespace aipu::test {
namespace {

constexpr std::uint64_t kWhen = 500;  ///< the fault comes with the first chance after so many

enum class Fault : std::uint8_t {
  kNone,
  kFlipOutput,
  kDropFlit,
  kExtraFlit,
  kStuckMark,
  kDropCreditOut,
  kExtraCreditOut,
  kWrongCreditOut,
  kFlipPayloadIn,
  kFlipClassIn,
  kFlipDestinationIn,
  kDropCreditIn,
  kLateCreditIn,
  kDoubleCreditIn,
  kLostGrant,
  kWrongGrant,
  kLostHold
};

class FaultyPins final : public cosim::PassedPins {
 public:
  FaultyPins(std::unique_ptr<SwitchPins> to, Fault fault)
      : cosim::PassedPins(std::move(to)), fault_(fault) {}

  void put_flit(std::uint32_t input, const Flit& flit) override {
    Flit bits = flit;
    const bool header = bits[0] != 0 && left_[input] == 0;
    if (header) {
      const std::uint32_t type = bits[0] & 15U;
      left_[input] = type == 1 || type == 4 ? ((bits[1] >> 14U & 0x3FFU) + 15) / 16 : 0;
      if (hit(Fault::kFlipClassIn)) bits[0] ^= 1U << 4U;
      if (hit(Fault::kFlipDestinationIn)) bits[0] ^= 1U << 6U;
    } else {
      --left_[input];
      if (hit(Fault::kFlipPayloadIn)) bits[2] ^= 0x8000U;
    }
    cosim::PassedPins::put_flit(input, bits);
  }
  void put_credit(std::uint32_t output, const Credit& credit) override {
    // To a switch, where credit is scarce; from some packet on all of it.
    const bool returns = fault_ == Fault::kDropCreditIn || fault_ == Fault::kLateCreditIn ||
                         fault_ == Fault::kDoubleCreditIn;
    const bool hurt = returns && output >= 2 && ++chances_ > kWhen / 5;
    if (hurt && fault_ == Fault::kLateCreditIn) late_.push_back({clocks_ + 50, {output, credit}});
    if (hurt && (fault_ == Fault::kLateCreditIn || fault_ == Fault::kDropCreditIn)) return;
    Credit more = credit;
    if (hurt && fault_ == Fault::kDoubleCreditIn) more.flits *= 2;
    cosim::PassedPins::put_credit(output, more);
  }
  void hold(std::uint32_t output) override {
    if (fault_ != Fault::kLostHold) cosim::PassedPins::hold(output);
  }
  void clock(bool second) override {
    ++clocks_;
    for (; !late_.empty() && late_.front().first <= clocks_; late_.pop_front())
      cosim::PassedPins::put_credit(late_.front().second.first, late_.front().second.second);
    cosim::PassedPins::clock(second);
    sending_ = cosim::PassedPins::sending();
    if (sending_ != 0 && hit(Fault::kDropFlit)) sending_ &= sending_ - 1;
    if ((sending_ & 3U) != 3 && hit(Fault::kExtraFlit)) sending_ |= ~sending_ & (sending_ + 1);
    returning_ = cosim::PassedPins::returning();
    if (returning_ != 0 && hit(Fault::kDropCreditOut)) returning_ &= returning_ - 1;
    if (hit(Fault::kExtraCreditOut)) returning_ |= ~returning_ & (returning_ + 1);
    granted_ = cosim::PassedPins::granted();
    if (granted_ != 0 && hit(Fault::kLostGrant)) granted_ &= granted_ - 1;
    flip_ = sending_ != 0 && hit(Fault::kFlipOutput);
    wrong_credit_ = returning_ != 0 && hit(Fault::kWrongCreditOut);
    wrong_grant_ = granted_ != 0 && hit(Fault::kWrongGrant);
  }
  std::uint64_t sending() const override { return sending_; }
  std::uint64_t returning() const override { return returning_; }
  std::uint64_t granted() const override { return granted_; }
  Flit flit(std::uint32_t output) const override {
    Flit bits = cosim::PassedPins::flit(output);
    if (flip_) bits[3] ^= 1U;
    return bits;
  }
  bool mark(std::uint32_t output) const override {
    return fault_ != Fault::kStuckMark && cosim::PassedPins::mark(output);
  }
  Credit credit(std::uint32_t input) const override {
    Credit credit = cosim::PassedPins::credit(input);
    if (wrong_credit_) ++credit.flits;
    return credit;
  }
  Grant grant(std::uint32_t output) const override {
    Grant grant = cosim::PassedPins::grant(output);
    if (wrong_grant_) grant.traffic_class ^= 1U;
    return grant;
  }

 private:
  bool hit(Fault fault) {
    if (fault != fault_ || done_ || ++chances_ < kWhen) return false;
    done_ = true;
    return true;
  }

  const Fault fault_;
  bool done_ = false;
  std::uint64_t chances_ = 0;
  std::array<std::uint32_t, 64> left_{};
  std::uint64_t clocks_ = 0;
  std::deque<std::pair<std::uint64_t, std::pair<std::uint32_t, Credit>>> late_;
  std::uint64_t sending_ = 0;
  std::uint64_t returning_ = 0;
  std::uint64_t granted_ = 0;
  bool flip_ = false;
  bool wrong_credit_ = false;
  bool wrong_grant_ = false;
};

struct Case {
  const char* name;
  Fault fault;
  const char* detector;  ///< how the message begins
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name;
}

class FaultTest : public testing::TestWithParam<Case> {};

/// Leaf of a small fabric: little credit, links that repeat, marks, all classes.
cosim::RandomRun small_run() {
  cosim::RandomRun run;
  run.name = "fault";
  run.topology = directcom::leaf_spine(3, 2, 2);
  run.link_cycles = {8, 20};
  run.config.speedup = 1;
  run.config.voq_flits = 40;
  run.config.mark_flits = 10;
  run.config.flit_errors = 2'000'000;
  run.config.patience = 4;
  run.pattern = cosim::Pattern::kUniform;
  run.load = 0.9;
  run.max_flits = 33;
  run.classes = 15;
  run.cycles = 4'000;
  return run;
}

TEST_P(FaultTest, IsFoundByTheRuleItBreaks) {
  cosim::RandomRun run = small_run();
  run.disturb = [&](std::unique_ptr<cosim::SwitchPins> pins) {
    return std::make_unique<FaultyPins>(std::move(pins), GetParam().fault);
  };
  if (GetParam().fault == Fault::kNone) {
    EXPECT_GT(run.run().packets, kWhen);
    return;
  }
  try {
    run.run();
    ADD_FAILURE() << "not found";
  } catch (const cosim::Mismatch& e) {
    EXPECT_THAT(e.what(), testing::StartsWith(GetParam().detector));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, FaultTest,
    testing::Values(Case{"None", Fault::kNone, ""},
                    Case{"FlippedOutputBit", Fault::kFlipOutput, "RTL-4"},
                    Case{"DroppedFlit", Fault::kDropFlit, "RTL-3"},
                    Case{"ExtraFlit", Fault::kExtraFlit, "RTL-3"},
                    Case{"StuckMark", Fault::kStuckMark, "RTL-4"},
                    Case{"DroppedCredit", Fault::kDropCreditOut, "RTL-5"},
                    Case{"ExtraCredit", Fault::kExtraCreditOut, "RTL-5"},
                    Case{"WrongCredit", Fault::kWrongCreditOut, "RTL-5"},
                    Case{"FlippedPayloadBit", Fault::kFlipPayloadIn, "RTL-4"},
                    Case{"FlippedClass", Fault::kFlipClassIn, "RTL-2"},
                    Case{"FlippedDestination", Fault::kFlipDestinationIn, "lockstep"},
                    Case{"StuckCreditFromBehind", Fault::kDropCreditIn, "lockstep"},
                    Case{"LateCreditFromBehind", Fault::kLateCreditIn, "lockstep"},
                    Case{"DoubledCreditFromBehind", Fault::kDoubleCreditIn, "IN-3"},
                    Case{"LostGrant", Fault::kLostGrant, "lockstep"},
                    Case{"WrongGrant", Fault::kWrongGrant, "RTL-2"},
                    Case{"LostHold", Fault::kLostHold, "lockstep"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace aipu::test
