// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/cli/verbs.h"

namespace aipu::cli {

/// The verbs behind `hc1000 cosim`, in the order of the help.
const std::vector<Verb>& cosim_verbs();

Verb cosim_regress_verb();
Verb cosim_replay_verb();

/// UserError, in one line, where this build has no RTL switch.
void need_rtl(const std::string& verb);

}  // namespace aipu::cli
