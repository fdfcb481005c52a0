// SPDX-License-Identifier: Apache-2.0
// Illegal acts of firmware end the run with code 1 and a report that names hart, pc, symbol,
// address and rule.
#include <gmock/gmock.h>

#include "tests/firmware/chip/guest.h"

namespace aipu::test {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

/// An act and what the report must say of it, as regular expressions.
struct Illegal {
  const char* name;
  enum act act;
  std::vector<std::string> report;
  friend void PrintTo(const Illegal& illegal, std::ostream* out) { *out << illegal.name; }
};

class IllegalActTest : public GuestTest, public testing::WithParamInterface<Illegal> {};

TEST_P(IllegalActTest, EndsTheRunWithCodeOneAndNamesWhoWhatAndWhere) {
  build();
  if (GetParam().act == ACT_COUNTER_OVERFLOW || GetParam().act == ACT_COUNTER_OVERFLOW_BY_HART) {
    ASSERT_TRUE(chip().cores[0]->counters().add(20, 0xffffffff));
  }

  const platform::Ending end = act(GetParam().act);

  EXPECT_EQ(end.code, ExitCode::kCheckFailed) << end.report;
  EXPECT_THAT(end.report, HasSubstr("aipu0.core0"));
  for (const std::string& part : GetParam().report)
    EXPECT_THAT(end.report, ContainsRegex(part));
  EXPECT_LT(end.elapsed_ps, 200'000'000U) << "found late";
  EXPECT_THAT(console_, HasSubstr("aipu0.core0"));
}

const std::string kCommand = "command of pc 0x1000[0-9a-f]+ \\(.*[a-z].*\\)";
const std::string kWaited = "last trap: interrupt at pc 0x1000[0-9a-f]+ \\(.*[a-z].*\\), mcause 16";

std::string at_pc(const std::string& what) {
  return "last trap: " + what + " at pc 0x1000[0-9a-f]+ \\(.*[a-z].*\\)";
}

INSTANTIATE_TEST_SUITE_P(
    Engine, IllegalActTest,
    testing::Values(
        Illegal{"CopyFromNowhere",
                ACT_COPY_FROM_NOWHERE,
                {"bad_address in load copy at 0xfff010000000000", kCommand, kWaited}},
        Illegal{"MisalignedTile",
                ACT_TILE_MISALIGNED,
                {"misaligned in tensor mac at 0x10040004", kCommand, kWaited}},
        Illegal{"OverlappingTile",
                ACT_TILE_OVERLAP,
                {"overlap in tensor mac at 0x100400[0-9a-f]+", kCommand, kWaited}},
        Illegal{"UnknownCommand",
                ACT_UNKNOWN_COMMAND,
                {"unknown_command in vector . at 0x63", kCommand, kWaited}},
        Illegal{"SizeZero", ACT_SIZE_ZERO, {"bad_size in tensor mac at 0x0", kCommand, kWaited}},
        Illegal{"DtypeUnknown",
                ACT_DTYPE_UNKNOWN,
                {"bad_dtype in tensor mac at 0x9", kCommand, kWaited}},
        Illegal{"CounterOverflow",
                ACT_COUNTER_OVERFLOW,
                {"counter_overflow in tensor mac at 0x14", kCommand, kWaited}},
        Illegal{"CounterOverflowByHart",
                ACT_COUNTER_OVERFLOW_BY_HART,
                {"counter_overflow at 0x14", kCommand, kWaited}},
        Illegal{"OverwriteWhileRead",
                ACT_OVERWRITE_WHILE_READ,
                {"overlap in load copy at 0x2fff000000048000", kCommand, kWaited}},
        Illegal{"TensorFromNowhere",
                ACT_TENSOR_FROM_NOWHERE,
                {"bad_address in tensor mac at 0x0", kCommand, kWaited}},
        Illegal{"VectorFromNowhere",
                ACT_VECTOR_FROM_NOWHERE,
                {"bad_address in vector mul at 0x10100000", kCommand, kWaited}},
        Illegal{"PutFromNowhere",
                ACT_PUT_FROM_NOWHERE,
                {"bad_address in directcom put at 0x2fff0000000f?ffc0", kCommand, kWaited}},
        Illegal{"FaultWhileBlocked",
                ACT_FAULT_WHILE_BLOCKED,
                {"bad_size in tensor mac", kCommand, kWaited}},
        Illegal{"FaultWhileAsleep",
                ACT_FAULT_WHILE_ASLEEP,
                {"bad_size in tensor mac", kCommand, kWaited}},
        Illegal{"FaultWhileSpinning",
                ACT_FAULT_WHILE_SPINNING,
                {"bad_size in tensor mac", kCommand, kWaited}},
        Illegal{"FaultWhileQueueFull",
                ACT_FAULT_WHILE_QUEUE_FULL,
                {"bad_size in tensor mac", kCommand, kWaited}}),
    [](const auto& i) { return std::string(i.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Hart, IllegalActTest,
    testing::Values(
        Illegal{"LoadPageZero",
                ACT_LOAD_PAGE_ZERO,
                {at_pc("load access fault"), "mcause 5, mtval 0x40"}},
        Illegal{"StorePageZero",
                ACT_STORE_PAGE_ZERO,
                {at_pc("store access fault"), "mcause 7, mtval 0x44"}},
        Illegal{"LoadBehindSram",
                ACT_LOAD_BEHIND_SRAM,
                {at_pc("load access fault"), "mcause 5, mtval 0x10100000"}},
        Illegal{"IllegalInstruction",
                ACT_ILLEGAL_INSTRUCTION,
                {at_pc("illegal instruction"), "mcause 2, mtval 0xffffffff"}},
        Illegal{"Assertion",
                ACT_ASSERT,
                {at_pc("breakpoint"), "mcause 3",
                 "assertion failed: act == ACT_NOTHING, .*tests/firmware/chip/acts.c:[0-9]+ in "
                 "[a-z_]+\\(\\)\n"}},
        Illegal{"RegisterByte", ACT_REGISTER_BYTE, {"mcause 7, mtval 0x2000048"}},
        Illegal{"RegisterWriteOnly", ACT_REGISTER_WRITE_ONLY, {"mcause 5, mtval 0x2000048"}},
        Illegal{"RegisterReadOnly", ACT_REGISTER_READ_ONLY, {"mcause 7, mtval 0x2000004"}},
        Illegal{"HandlerAbsent",
                ACT_HANDLER_ABSENT,
                {"hart fault: .*core0.hart: pc 0x0+: instruction access fault",
                 "in the first instruction of the trap handler",
                 "latest first:\n    0x1000[0-9a-f]+ \\(.*[a-z].*\\) -> 0x00000000\n"}}),
    [](const auto& i) { return std::string(i.param.name); });

}  // namespace
}  // namespace aipu::test
