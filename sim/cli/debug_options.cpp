// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/debug_options.h"

#include <limits>

namespace aipu::cli {

std::vector<Option> debug_options() {
  using Kind = Option::Kind;
  return {{"gdb", "PORT",
           "wait for GDB on this port of the loopback interface before the first instruction; 0 "
           "chooses a free one and prints it"},
          {"break-on-fault", "",
           "with --gdb: a fault or a hang stops in GDB before it ends the run", "", Kind::kFlag}};
}

debug::Options read_debug_options(const Arguments& arguments) {
  debug::Options options;
  options.wanted = arguments.given("gdb");
  options.break_on_fault = arguments.flag("break-on-fault");
  if (options.break_on_fault && !options.wanted) {
    throw UsageError(arguments.verb(),
                     "--break-on-fault needs --gdb PORT: it stops in the debugger");
  }
  if (options.wanted) {
    constexpr std::uint64_t kTop = std::numeric_limits<std::uint16_t>::max();
    options.port = static_cast<std::uint16_t>(arguments.count("gdb", 0, kTop));
  }
  return options;
}

}  // namespace aipu::cli
