// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/wave_options.h"

#include <fmt/format.h>
#include <variant>

#include "hw/base/schema_value.h"
#include "hw/base/units.h"
#include "sim/memory/new_file.h"

namespace aipu::cli {
namespace {

std::uint64_t picoseconds(const Arguments& arguments, const std::string& name) {
  try {
    return std::get<std::uint64_t>(
        parse_value(value_type<Picoseconds>(), arguments.text(name), {"", "--" + name}));
  } catch (const ConfigError& error) {
    throw UsageError(arguments.verb(), error.what());
  }
}

}  // namespace

std::vector<Option> wave_options() {
  return {{"waves", "FILE", "gets the waves (FST) of the RTL switch; of several, one file each"},
          {"wave-from", "TIME", "of the waves, simulated, as 1500 ns or 2 us; else from the start"},
          {"wave-to", "TIME", "of the waves; else to the end"}};
}

cosim::WaveWindow read_wave_window(const Arguments& arguments, const std::string& from,
                                   const std::string& to, std::uint64_t tick_ps) {
  cosim::WaveWindow window;
  window.path = arguments.text("waves");
  window.tick_ps = tick_ps;
  if (arguments.given(from)) window.from = picoseconds(arguments, from) / tick_ps;
  if (arguments.given(to)) window.to = picoseconds(arguments, to) / tick_ps;
  if (window.from > window.to)
    throw UsageError(arguments.verb(), fmt::format("--{} is behind --{}", from, to));
  const memory::NewFile can_be_made(window.path);
  return window;
}

}  // namespace aipu::cli
