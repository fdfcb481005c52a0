// SPDX-License-Identifier: Apache-2.0
#include "hw/directcom/switch_kind.h"

#include <gmock/gmock.h>

#include "hw/base/error.h"

namespace aipu::directcom {
namespace {

using testing::ElementsAre;

constexpr auto kTlm = SwitchKind::kTlm;
constexpr auto kRtl = SwitchKind::kRtl;
constexpr auto kLockstep = SwitchKind::kLockstep;

TEST(SwitchKindTest, SwitchesThatNoneNamesAreTlm) {
  EXPECT_THAT(read_switch_kinds("", 2), ElementsAre(kTlm, kTlm));
  EXPECT_THAT(read_switch_kinds(" switch[1]=rtl ", 3), ElementsAre(kTlm, kRtl, kTlm));
}

TEST(SwitchKindTest, TheLastThatNamesASwitchWins) {
  EXPECT_THAT(read_switch_kinds("switch[*]=lockstep switch[1]=rtl switch[2]=tlm", 3),
              ElementsAre(kLockstep, kRtl, kTlm));
  EXPECT_THAT(read_switch_kinds("switch[1]=rtl switch[*]=lockstep", 2),
              ElementsAre(kLockstep, kLockstep));
}

TEST(SwitchKindTest, SaysWhatIsWrongAndWhatWouldBeValid) {
  const auto refused = [](const std::string& text, const std::string& message) {
    try {
      read_switch_kinds(text, 4);
      ADD_FAILURE() << text << " is accepted";
    } catch (const ConfigError& error) {
      EXPECT_EQ(error.what(), message + "; valid: switch[N]=tlm|rtl|lockstep, N or * for all");
    }
  };
  refused("switch[4]=rtl", "'switch[4]=rtl': there are switches 0..3");
  refused("switch[]=rtl", "'switch[]=rtl': no number of a switch");
  refused("switch[-1]=rtl", "'switch[-1]=rtl': no number of a switch");
  refused("switch[0x1]=rtl", "'switch[0x1]=rtl': no number of a switch");
  refused("switch[99999999999999999999]=rtl",
          "'switch[99999999999999999999]=rtl': no number of a switch");
  refused("switch[0]=verilog", "'switch[0]=verilog': no kind of switch");
  refused("switch[0]", "'switch[0]': names no switch");
  refused("switch0=rtl", "'switch0=rtl': names no switch");
  refused("rtl", "'rtl': names no switch");
}

}  // namespace
}  // namespace aipu::directcom
