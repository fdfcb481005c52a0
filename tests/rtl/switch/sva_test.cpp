// SPDX-License-Identifier: Apache-2.0
// What may not come in is found by the assertion that says so; without assertions nobody looks.
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tlm/cosim/switch_pins.h"

namespace aipu::test {
namespace {

using cosim::SwitchPins;
using Select = SwitchPins::Select;

constexpr std::uint32_t kPorts = 4;
constexpr std::uint32_t kRuleLongest = 6;  // rtl/router/packet_pkg.sv

/// The header of a packet of so many payload bytes, class 1, for node 0.
SwitchPins::Flit header(std::uint32_t bytes) {
  return {1U | 1U << 4U, bytes << 14U, 0, 0};
}

/// Node 0 is behind output 0, with credit for `credit` flits.
void configure(SwitchPins& pins, std::uint64_t credit) {
  pins.configure(Select::kRoute, 0, 0, 1);
  pins.configure(Select::kFarPool, 0, 0, 0);
  pins.configure(Select::kCredit, 0, 1, credit);
}

struct Case {
  const char* name;
  const char* rule;
  const char* assertion;
  std::uint32_t speedup;
  std::function<void(SwitchPins&)> abuse;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.name;
}

class SvaTest : public testing::TestWithParam<Case> {};

TEST_P(SvaTest, IsBroken) {
  const auto pins = SwitchPins::make(kPorts, GetParam().speedup);
  pins->assertions(true);
  GetParam().abuse(*pins);
  ASSERT_NE(pins->broken(), nullptr);
  EXPECT_EQ(pins->broken()->rule, GetParam().rule);
  EXPECT_THAT(pins->broken()->where, testing::HasSubstr(GetParam().assertion));
}

TEST_P(SvaTest, IsNotLookedAtWithoutAssertions) {
  const auto pins = SwitchPins::make(kPorts, GetParam().speedup);
  GetParam().abuse(*pins);
  EXPECT_EQ(pins->broken(), nullptr);
}

void gap(SwitchPins& pins) {
  configure(pins, 100);
  pins.put_flit(2, header(100));
  pins.clock(false);
  pins.clock(false);
}
void too_long(SwitchPins& pins) {
  configure(pins, 100);
  pins.configure(Select::kRule, 0, kRuleLongest, 127);
  pins.put_flit(0, header(1023));
  pins.clock(false);
}
void longer_than_configured(SwitchPins& pins) {
  configure(pins, 100);
  pins.configure(Select::kRule, 0, kRuleLongest, 4);
  pins.put_flit(0, header(64));
  pins.clock(false);
}
void credit_for_nothing(SwitchPins& pins) {
  configure(pins, 100);
  pins.put_credit(3, {0, 1, 1});
  pins.clock(false);
}
void flit_in_second_tick(SwitchPins& pins) {
  configure(pins, 100);
  pins.put_flit(0, header(0));
  pins.clock(true);
}
void credit_in_first_tick(SwitchPins& pins) {
  configure(pins, 100);
  pins.put_flit(0, header(0));
  for (int k = 0; k < 10; ++k) {
    pins.clock(false);
    pins.clock(true);
  }
  pins.put_credit(0, {0, 1, 1});
  pins.clock(false);
}
void more_than_the_buffer(SwitchPins& pins) {
  configure(pins, 0);
  for (std::uint32_t k = 0; k <= pins.limits().buffer_flits; ++k) {
    pins.put_flit(1, header(0));
    pins.clock(false);
  }
}
void configured_while_busy(SwitchPins& pins) {
  configure(pins, 100);
  pins.put_flit(0, header(0));
  pins.clock(false);
  configure(pins, 100);
}
void unknown_table(SwitchPins& pins) {
  pins.configure(static_cast<Select>(7), 0, 0, 0);
}
void unknown_rule(SwitchPins& pins) {
  pins.configure(Select::kRule, 0, 7, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Pins, SvaTest,
    testing::Values(
        Case{"GapInAPacket", "IN-1", "FlitsFollowWithoutGap, port 2", 1, gap},
        Case{"PacketOf65Flits", "IN-2", "LengthIsAllowed, port 0", 1, too_long},
        Case{"PacketLongerThanConfigured", "IN-2", "LengthIsAllowed", 1, longer_than_configured},
        Case{"CreditForNothing", "IN-3", "CreditForWhatLeft, port 3", 1, credit_for_nothing},
        Case{"FlitInASecondTick", "IN-4", "FlitsInFirstTicks", 2, flit_in_second_tick},
        Case{"CreditInAFirstTick", "IN-4", "CreditInSecondTicks", 2, credit_in_first_tick},
        Case{"MoreThanTheBuffer", "IN-5", "SenderHasCredit, port 1", 1, more_than_the_buffer},
        Case{"ConfiguredWhileBusy", "CFG-1", "ConfiguredWhileEmpty", 1, configured_while_busy},
        Case{"UnknownTable", "CFG-2", "ConfiguresWhatExists", 1, unknown_table},
        Case{"UnknownRule", "CFG-2", "ConfiguresARuleThatExists", 1, unknown_rule}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace aipu::test
