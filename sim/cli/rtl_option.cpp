// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/rtl_option.h"

#include <fmt/format.h>
#include <utility>

#include "sim/cli/wave_options.h"
#include "tlm/cosim/lookahead.h"

namespace aipu::cli {
namespace {

const std::string kWaves = "waves";

std::string joined(const Arguments& arguments) {
  return fmt::format("{}", fmt::join(arguments.all("rtl"), " "));
}

std::vector<directcom::SwitchKind> kinds_of(const Arguments& arguments, std::size_t switches) {
  try {
    return directcom::read_switch_kinds(joined(arguments), switches);
  } catch (const ConfigError& error) {
    throw UsageError(arguments.verb(), fmt::format("--rtl {}", error.what()));
  }
}

}  // namespace

std::vector<Option> rtl_options() {
  std::vector<Option> options{
      {"rtl", "switch[N]=KIND",
       "simulates switch N (* for all) as tlm, rtl or lockstep; may be repeated", "",
       Option::Kind::kRepeated}};
  const auto waves = wave_options();
  options.insert(options.end(), waves.begin(), waves.end());
  return options;
}

void add_rtl_override(const Arguments& arguments, std::vector<std::string>& overrides) {
  if (arguments.given("rtl"))
    overrides.emplace_back("simulation.switch_models=" + joined(arguments));
}

cosim::SwitchMaker::Run rtl_run(const Arguments& arguments, const directcom::SwitchConfig& plane) {
  cosim::SwitchMaker::Run run;
  run.failure_prefix = "mismatch";
  for (const Option& option : wave_options()) {
    if (arguments.given(option.name) && !arguments.given(option.name == kWaves ? "rtl" : kWaves)) {
      throw UsageError(arguments.verb(), fmt::format("--{} goes with --{} only", option.name,
                                                     option.name == kWaves ? "rtl" : kWaves));
    }
  }
  if (arguments.given(kWaves))
    run.waves = read_wave_window(arguments, "wave-from", "wave-to", cosim::tick_ps(plane));
  return run;
}

void read_rtl(const Arguments& arguments, const directcom::Routes& routes,
              directcom::Network::Config& network) {
  const cosim::SwitchMaker::Run run = rtl_run(arguments, network.plane);
  if (!arguments.given("rtl")) return;
  const auto lookahead = [network](const directcom::Routes& all, std::uint32_t index) {
    const auto cycles = [&](std::uint32_t tier) { return network.cycles_of_link(tier); };
    return cosim::lookahead_of(network.plane, all, index, cycles);
  };
  const cosim::SwitchMaker maker(kinds_of(arguments, routes.topology().switches.size()), lookahead,
                                 run);
  maker.check(network.plane, routes);
  network.make_switch = [maker, plane = network.plane, seed = network.seed](
                            const directcom::Routes& all, std::uint32_t index) {
    return maker.make(plane, all, index, seed);
  };
}

}  // namespace aipu::cli
