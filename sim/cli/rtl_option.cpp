// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/rtl_option.h"

#include <fmt/format.h>
#include <utility>

#include "tlm/cosim/lookahead.h"
#include "tlm/cosim/switch_maker.h"

namespace aipu::cli {
namespace {

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

Option rtl_option() {
  return {"rtl", "switch[N]=KIND",
          "simulates switch N (* for all) as tlm, rtl or lockstep; may be repeated", "",
          Option::Kind::kRepeated};
}

void add_rtl_override(const Arguments& arguments, std::vector<std::string>& overrides) {
  if (arguments.given("rtl"))
    overrides.emplace_back("simulation.switch_models=" + joined(arguments));
}

void read_rtl(const Arguments& arguments, const directcom::Routes& routes,
              directcom::Network::Config& network) {
  if (!arguments.given("rtl")) return;
  const auto kinds = kinds_of(arguments, routes.topology().switches.size());
  const cosim::SwitchMaker maker(kinds,
                                 [network](const directcom::Routes& all, std::uint32_t index) {
                                   return cosim::lookahead_of(network.plane, all, index,
                                                              [&](std::uint32_t tier) {
                                                                return network.cycles_of_link(tier);
                                                              });
                                 },
                                 {});
  const auto make = [maker, plane = network.plane, seed = network.seed](
                        const directcom::Routes& all, std::uint32_t index) {
    return maker.make(plane, all, index, seed);
  };
  for (std::uint32_t s = 0; s < kinds.size(); ++s)
    if (kinds[s] != directcom::SwitchKind::kTlm) make(routes, s);
  network.make_switch = make;
}

}  // namespace aipu::cli
