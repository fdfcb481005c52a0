// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

/// Numbers of the control and status registers that the hart knows.
namespace aipu::cpu::csr {

constexpr std::uint32_t kMstatus = 0x300;
constexpr std::uint32_t kMisa = 0x301;
constexpr std::uint32_t kMie = 0x304;
constexpr std::uint32_t kMtvec = 0x305;
constexpr std::uint32_t kMstatush = 0x310;  // RV32
constexpr std::uint32_t kMcountinhibit = 0x320;
constexpr std::uint32_t kMhpmevent3 = 0x323;  // .. 0x33f
constexpr std::uint32_t kMscratch = 0x340;
constexpr std::uint32_t kMepc = 0x341;
constexpr std::uint32_t kMcause = 0x342;
constexpr std::uint32_t kMtval = 0x343;
constexpr std::uint32_t kMip = 0x344;
constexpr std::uint32_t kPmpcfg0 = 0x3a0;   // .. 0x3af
constexpr std::uint32_t kPmpaddr0 = 0x3b0;  // .. 0x3ef
constexpr std::uint32_t kPmpEntries = 16;   ///< of them keep what is written
constexpr std::uint32_t kTselect = 0x7a0;   // .. tdata3 0x7a3
constexpr std::uint32_t kMcycle = 0xb00;    // ..h 0xb80
constexpr std::uint32_t kMinstret = 0xb02;
constexpr std::uint32_t kCycle = 0xc00;  // ..h 0xc80
constexpr std::uint32_t kTime = 0xc01;
constexpr std::uint32_t kInstret = 0xc02;
constexpr std::uint32_t kMvendorid = 0xf11;
constexpr std::uint32_t kMarchid = 0xf12;
constexpr std::uint32_t kMimpid = 0xf13;
constexpr std::uint32_t kMhartid = 0xf14;
constexpr std::uint32_t kMconfigptr = 0xf15;

constexpr std::uint64_t kMstatusMie = 1U << 3U;
constexpr std::uint64_t kMstatusMpie = 1U << 7U;
constexpr std::uint64_t kMstatusMpp = 3U << 11U;  ///< reads as machine mode, the only one

constexpr bool is_read_only(std::uint32_t number) {
  return (number >> 10U) == 3U;
}

}  // namespace aipu::cpu::csr
