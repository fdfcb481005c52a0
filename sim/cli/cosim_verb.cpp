// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/cosim_verb.h"

#include "tlm/cosim/built_router.h"
#include "tlm/cosim/switch_pins.h"

namespace aipu::cli {

const std::vector<Verb>& cosim_verbs() {
  static const std::vector<Verb> all{cosim_regress_verb(), cosim_replay_verb()};
  return all;
}

void need_rtl(const std::string& verb) {
  if (!cosim::SwitchPins::built().empty()) return;
  throw UserError(ExitCode::kUsage, verb + ": " + cosim::no_rtl());
}

Verb cosim_verb() {
  return {{"cosim",
           "holds the RTL switch, Verilated, against the model in C++",
           "",
           false,
           {},
           {"hc1000 cosim regress -j 2", "hc1000 cosim replay failure.replay --waves failure.fst"}},
          nullptr,
          cosim_verbs};
}

}  // namespace aipu::cli
