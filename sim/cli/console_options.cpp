// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/console_options.h"

#include <algorithm>
#include <fmt/format.h>
#include <fnmatch.h>

namespace aipu::cli {
namespace {

bool names_a_hart(const std::string& glob, const config::Board& board) {
  const ConsoleFilter filter({glob});
  for (std::uint32_t aipu = 0; aipu < board.aipus; ++aipu) {
    if (filter.shows(fmt::format("aipu{}.control", aipu))) return true;
    for (std::uint32_t core = 0; core < board.aipu.cores; ++core) {
      if (filter.shows(fmt::format("aipu{}.core{}", aipu, core))) return true;
    }
  }
  return false;
}

}  // namespace

bool ConsoleFilter::shows(const std::string& hart) const {
  return std::any_of(globs_.begin(), globs_.end(), [&](const std::string& glob) {
    return fnmatch(glob.c_str(), hart.c_str(), 0) == 0;
  });
}

Option console_option() {
  return {"console", "GLOB",
          "shows console lines of these harts on stderr, as 'aipu0.core*'; may be repeated", "",
          Option::Kind::kRepeated};
}

ConsoleFilter read_console_filter(const Arguments& arguments, const config::Board& board) {
  const std::vector<std::string>& globs = arguments.all("console");
  for (const std::string& glob : globs) {
    if (names_a_hart(glob, board)) continue;
    throw UsageError(arguments.verb(),
                     fmt::format("--console '{}' names no hart of this machine: each of aipu0..{} "
                                 "has core0..{} and control",
                                 glob, board.aipus - 1, board.aipu.cores - 1));
  }
  return ConsoleFilter(globs);
}

}  // namespace aipu::cli
