// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "hw/base/error.h"
#include "hw/cpu/config.h"
#include "sim/debug/options.h"

namespace aipu {

/// What `hc1000 hart FILE.elf` was asked to do.
struct HartOptions {
  std::string elf;
  std::uint64_t max_instructions = 1'000'000'000;
  std::string signature;               ///< file for the bytes from begin_signature to end_signature
  unsigned signature_granularity = 4;  ///< bytes to a line of it
  std::string log;                     ///< file for a line per retired instruction
  bool json = false;                   ///< print the result as one JSON object in place of text
  bool portable_dispatch = false;
  std::string semihost;         ///< folder of semihosting calls; empty: their ebreak traps
  std::uint64_t frequency = 1;  ///< of the hart's clock, Hz, as semihosting tells it
  cpu::Config config;
  debug::Options debug;
};

/// Runs a bare RV32 or RV64 executable on one hart without SystemC (hw/docs/cpu.md, "hc1000 hart"):
/// plain memory around its segments and at 0x8000'0000, a timer at 0x0200'0000, `tohost`.
/// Returns kGood for tohost 1, kCheckFailed for another end or an unhandled trap, kLimit where the
/// instruction limit or an endless wfi ends it. An exit by semihosting is good with code 0. Throws
/// UserError for a file it cannot run.
ExitCode run_elf(const HartOptions& options, std::ostream& out, std::ostream& err);

}  // namespace aipu
