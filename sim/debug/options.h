// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace aipu::debug {

/// What the user wants of a debugger.
struct Options {
  bool wanted = false;
  std::uint16_t port = 0;       ///< 0: a free one
  bool break_on_fault = false;  ///< faults and hangs stop before they end the run
  std::string symbols;          ///< the file to give to the debugger, for the line that says how
};

/// The line that tells how to connect.
std::string invitation(const Options& options, std::uint16_t port);

}  // namespace aipu::debug
