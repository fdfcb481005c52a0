// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "hw/config/board.h"
#include "sim/cli/arguments.h"

namespace aipu::cli {

/// Which harts' console lines are shown while a run goes on.
class ConsoleFilter {
 public:
  ConsoleFilter() = default;
  explicit ConsoleFilter(std::vector<std::string> globs) : globs_(std::move(globs)) {}
  /// Whether one of the patterns names this hart (aipu0.core3, aipu0.control).
  bool shows(const std::string& hart) const;

 private:
  std::vector<std::string> globs_;
};

/// --console GLOB, of verbs that run firmware.
Option console_option();

/// What --console asks for. UsageError for a pattern that names no hart of this machine.
ConsoleFilter read_console_filter(const Arguments& arguments, const config::Board& board);

}  // namespace aipu::cli
