// SPDX-License-Identifier: Apache-2.0
// Two commands on one tile, and reads of tiles that nobody wrote: the report names who, where,
// what.
#include <gmock/gmock.h>

#include "tests/firmware/chip/guest.h"

namespace aipu::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

const std::string kPlace = "0x1000[0-9a-f]+ \\([a-z_]+[.a-z0-9]*\\+?[0-9a-fx]*\\)";

/// An act and what the report says of it.
struct Mistake {
  const char* name;
  enum act act;
  std::string first, second;
  bool hazard = false;  ///< found without being asked for
  friend void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }
};

class TileTest : public GuestTest, public testing::WithParamInterface<Mistake> {};

TEST_P(TileTest, TheReportNamesCommandRangeAndReason) {
  if (!GetParam().hazard) build({"simulation.check_uninitialised=fault"});

  const platform::Ending end = act(GetParam().act);

  EXPECT_EQ(end.code, ExitCode::kCheckFailed) << end.report;
  EXPECT_THAT(end.report, ContainsRegex(GetParam().first + ", command of pc " + kPlace));
  EXPECT_THAT(end.report, ContainsRegex(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    Hazard, TileTest,
    testing::Values(
        Mistake{"OverwritesWhatIsRead", ACT_OVERWRITE_WHILE_READ,
                "overlap in load copy at 0x2fff000000048000",
                "it overwrites 0x48000..0x48100 of its core's SRAM while the store copy of pc " +
                    kPlace + " still reads it",
                true},
        Mistake{"ReadsWhatIsWritten", ACT_READ_WHILE_WRITTEN, "overlap in tensor mac at 0x10040000",
                "it reads 0x40000..0x40800 of its core's SRAM while the load copy of pc " + kPlace +
                    " still writes it",
                true},
        Mistake{"WritesWhatIsWritten", ACT_WRITE_TWICE,
                "overlap in load copy at 0x2fff00000004ff00",
                "it overwrites 0x4ff00..0x50000 of its core's SRAM while the load copy of pc " +
                    kPlace + " still writes it",
                true}),
    [](const auto& i) { return std::string(i.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Unwritten, TileTest,
    testing::Values(
        Mistake{"Store", ACT_STORE_UNWRITTEN, "uninitialised in store copy at 0x2fff000000040080",
                "it reads 0x40000..0x40100 of its core's SRAM; nobody has written 0x40080"},
        Mistake{"Tensor", ACT_MAC_UNWRITTEN, "uninitialised in tensor mac at 0x10050000",
                "nobody has written 0x50000"},
        Mistake{"Vector", ACT_VECTOR_UNWRITTEN, "uninitialised in vector mul at 0x10070000",
                "it reads 0x70000..0x70100 of its core's SRAM; nobody has written 0x70000"},
        Mistake{"Put", ACT_PUT_UNWRITTEN, "uninitialised in directcom put at 0x2fff000000040100",
                "nobody has written 0x40100"}),
    [](const auto& i) { return std::string(i.param.name); });

using UnwrittenTest = GuestTest;

TEST_F(UnwrittenTest, WhatDmaEnginesAndTheHartWroteMayBeReadByAll) {
  build({"simulation.check_uninitialised=fault"});
  const platform::Ending end = act(ACT_READ_WRITTEN);
  EXPECT_EQ(end.code, ExitCode::kGood) << end.report;
}

TEST_F(UnwrittenTest, IsAWarningUnlessToldOtherwise) {
  const platform::Ending end = act(ACT_STORE_UNWRITTEN);

  EXPECT_EQ(end.code, ExitCode::kLimit) << "the command is done, the hart waits for another";
  EXPECT_THAT(console_, ContainsRegex("aipu0.core0: warning: uninitialised in store copy at "
                                      "0x2fff000000040080, command of pc " +
                                      kPlace));
  EXPECT_EQ(warnings_, 1);
}

TEST_F(UnwrittenTest, IsNotLookedForWhereItIsOff) {
  build({"simulation.check_uninitialised=off"});
  act(ACT_STORE_UNWRITTEN);
  EXPECT_THAT(console_, Not(HasSubstr("uninitialised")));
}

}  // namespace
}  // namespace aipu::test
