// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "sim/fabric/flow_run.h"
#include "sim/fabric/setup.h"

namespace aipu::fabric {

/// One object: the setup, completion times and slowdowns of all flows, every flow (`per_flow`),
/// `tiers` and `links`.
std::string to_json(const Setup& setup, const std::vector<Flow>& flows, const FlowResult& result);

/// The verdict in the first line, then tables.
void print(std::ostream& out, const Setup& setup, const std::vector<Flow>& flows,
           const FlowResult& result);

}  // namespace aipu::fabric
