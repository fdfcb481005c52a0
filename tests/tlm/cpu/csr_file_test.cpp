// SPDX-License-Identifier: Apache-2.0
#include "tlm/cpu/csr_file.h"

#include <algorithm>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <vector>

namespace aipu::cpu {
namespace {

constexpr std::uint32_t kNumbers = 4096;

struct Range {
  std::uint32_t first, last;
  unsigned xlen = 0;  ///< the only one that has them; 0 for both
  std::uint32_t step = 1;
};

/// Every register of a hart with machine mode, counters, PMP addresses and no triggers, by number.
const std::vector<Range> kRegisters = {
    {0x300, 0x301},     {0x304, 0x305},
    {0x310, 0x310, 32},                         // mstatus misa mie mtvec mstatush
    {0x320, 0x320},     {0x323, 0x33f},         // mcountinhibit mhpmevent3-31
    {0x340, 0x344},                             // mscratch mepc mcause mtval mip
    {0x3a0, 0x3af, 32}, {0x3a0, 0x3af, 64, 2},  // pmpcfg
    {0x3b0, 0x3ef},                             // pmpaddr
    {0x7a0, 0x7a3},                             // tselect tdata1-3
    {0xb00, 0xb00},     {0xb02, 0xb1f},         // mcycle minstret mhpmcounter3-31
    {0xb80, 0xb80, 32}, {0xb82, 0xb9f, 32},     // their high halves
    {0xc00, 0xc1f},     {0xc80, 0xc9f, 32},     // cycle time instret hpmcounter3-31
    {0xf11, 0xf15},                             // vendor arch imp hartid configptr
};

bool exists(std::uint32_t number, unsigned xlen) {
  return std::any_of(kRegisters.begin(), kRegisters.end(), [&](const Range& r) {
    return number >= r.first && number <= r.last && (number - r.first) % r.step == 0 &&
           (r.xlen == 0 || r.xlen == xlen);
  });
}

class CsrFileTest : public testing::TestWithParam<unsigned> {
 protected:
  std::uint64_t read(std::uint32_t number) const {
    std::uint64_t value = 0;
    EXPECT_TRUE(csrs_.read(number, clocks_, value)) << std::hex << number;
    return value;
  }
  void write(std::uint32_t number, std::uint64_t value) {
    EXPECT_TRUE(csrs_.write(number, value & ones_, clocks_)) << std::hex << number;
  }
  const std::uint64_t ones_ = GetParam() == 32 ? 0xffffffffULL : ~0ULL;
  Clocks clocks_;
  CsrFile csrs_{GetParam(), 5};
};
INSTANTIATE_TEST_SUITE_P(Xlen, CsrFileTest, testing::Values(32U, 64U));

TEST_P(CsrFileTest, ExactlyTheListedRegistersCanBeRead) {
  for (std::uint32_t number = 0; number < kNumbers; ++number) {
    std::uint64_t value = 0;
    EXPECT_EQ(csrs_.read(number, clocks_, value), exists(number, GetParam())) << std::hex << number;
  }
}

TEST_P(CsrFileTest, TheNumberSaysWhatCanBeWritten) {
  for (std::uint32_t number = 0; number < kNumbers; ++number) {
    const bool writable = exists(number, GetParam()) && number < 0xc00;
    EXPECT_EQ(csrs_.write(number, 0, clocks_), writable) << std::hex << number;
  }
}

/// What is left of all ones, and of zero after it.
TEST_P(CsrFileTest, FieldsKeepLegalValuesOnly) {
  struct Row {
    std::uint32_t number;
    std::uint64_t ones, zero;
  };
  const std::uint64_t a = ones_;
  const Row rows[] = {{0x300, 0x1888, 0x1800},
                      {0x304, 0x10888, 0},
                      {0x305, a & ~2ULL, 0},
                      {0x320, 5, 0},
                      {0x323, 0, 0},
                      {0x340, a, 0},
                      {0x341, a & ~1ULL, 0},
                      {0x342, a, 0},
                      {0x343, a, 0},
                      {0x344, 0, 0},
                      {0x3a0, 0, 0},
                      {0x3b0, a & ((1ULL << 54U) - 1), 0},
                      {0x3bf, a & ((1ULL << 54U) - 1), 0},
                      {0x3c0, 0, 0},
                      {0x3ef, 0, 0},
                      {0x7a0, 0, 0},
                      {0x7a1, 0, 0},
                      {0xb00, a, 0},
                      {0xb03, 0, 0}};
  for (const Row& row : rows) {
    write(row.number, ones_);
    EXPECT_EQ(read(row.number), row.ones) << std::hex << row.number;
    write(row.number, 0);
    EXPECT_EQ(read(row.number), row.zero) << std::hex << row.number;
  }
}

TEST_P(CsrFileTest, MisaNamesTheExtensionsWhateverIsWritten) {
  constexpr std::uint64_t kImac = 1U << 8U | 1U << 12U | 1U << 0U | 1U << 2U;
  const std::uint64_t want = kImac | (GetParam() == 32 ? 1ULL << 30U : 1ULL << 63U);
  for (const std::uint64_t value : {std::uint64_t{0}, ones_}) {
    write(0x301, value);
    EXPECT_EQ(read(0x301), want);
  }
}

TEST_P(CsrFileTest, ShadowsShowTheCountersThatMachineModeSets) {
  clocks_ = {1000, 4000, 70};
  write(0xb00, 50);
  write(0xb02, 9);
  clocks_ = {1010, 4010, 75};
  EXPECT_EQ(read(0xb00), 60U);
  EXPECT_EQ(read(0xc00), 60U);
  EXPECT_EQ(read(0xb02), 13U);  // the write itself is not counted
  EXPECT_EQ(read(0xc02), 13U);
  EXPECT_EQ(read(0xc01), 4010U);  // time has its own clock
}

TEST_P(CsrFileTest, AnInhibitedCounterKeepsItsValueAndTakesWrites) {
  write(0x320, 1);
  clocks_.cycles = 500;
  EXPECT_EQ(read(0xb00), 0U);
  write(0xb00, 77);
  clocks_.cycles = 600;
  EXPECT_EQ(read(0xb00), 77U);
  write(0x320, 0);
  clocks_.cycles = 610;
  EXPECT_EQ(read(0xb00), 87U);
}

TEST_P(CsrFileTest, HighHalvesAreRv32OnlyAndCarry) {
  if (GetParam() == 64) return;
  write(0xb80, 7);
  write(0xb00, 0xffffffff);
  clocks_.cycles = 1;
  EXPECT_EQ(read(0xb00), 0U);
  EXPECT_EQ(read(0xb80), 8U);
  EXPECT_EQ(read(0xc80), 8U);
}

TEST_P(CsrFileTest, InterruptsAreTakenInTheOrderOfTheirPriority) {
  write(0x304, ones_);
  const Interrupt order[] = {Interrupt::kFault, Interrupt::kExternal, Interrupt::kSoftware,
                             Interrupt::kTimer};
  for (const Interrupt line : order)
    csrs_.set_line(line, true);
  EXPECT_FALSE(csrs_.ready());
  write(0x300, 8);
  EXPECT_TRUE(csrs_.ready());
  for (const Interrupt line : order) {
    EXPECT_EQ(csrs_.next_interrupt(), static_cast<std::uint64_t>(line));
    csrs_.set_line(line, false);
  }
  EXPECT_FALSE(csrs_.ready());
}

TEST_P(CsrFileTest, TrapsStackTheEnableBitAndVectorInterruptsOnly) {
  write(0x305, 0x2001);
  write(0x300, 8);
  EXPECT_EQ(csrs_.enter(11, false, 0x80, 0), 0x2000U);
  EXPECT_EQ(read(0x300), 0x1880U);
  EXPECT_EQ(csrs_.leave(), 0x80U);
  EXPECT_EQ(read(0x300), 0x1888U);
  EXPECT_EQ(csrs_.enter(7, true, 0x90, 0), 0x2000U + 4 * 7);
  EXPECT_EQ(read(0x342), 7 | (GetParam() == 32 ? 1ULL << 31U : 1ULL << 63U));
  EXPECT_EQ(csrs_.enter(2, false, 0x94, 0x12), 0x2000U);  // nested: the bits are gone
  EXPECT_EQ(read(0x300), 0x1800U);
  EXPECT_EQ(csrs_.leave(), 0x94U);
  EXPECT_EQ(read(0x300), 0x1880U);
}

TEST_P(CsrFileTest, AHandlerAtAddressZeroIsAHandler) {
  EXPECT_FALSE(csrs_.has_handler());
  write(0x305, 0);
  EXPECT_TRUE(csrs_.has_handler());
  EXPECT_EQ(csrs_.enter(2, false, 0x80, 0), 0U);
}

}  // namespace
}  // namespace aipu::cpu
