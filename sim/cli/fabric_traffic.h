// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/arguments.h"
#include "sim/fabric/load_run.h"
#include "sim/fabric/setup.h"
#include "sim/fabric/traffic.h"

namespace aipu::cli {

/// The options of `fabric` that say how a network is loaded.
std::vector<Option> load_options();

/// The seed that a permutation is known by, which is then that of ECMP hashes too.
std::optional<std::uint64_t> permutation_seed(const std::string& traffic);

/// What --traffic, --classes and a load describe.
std::vector<fabric::FlowClass> read_traffic(const Arguments& arguments, std::uint32_t nodes,
                                            double load);
/// Those of --load or --sweep, ascending.
std::vector<double> read_loads(const Arguments& arguments);
/// Those of --warmup and --cycles, or by default; `zero_load`: the longest of the network.
fabric::Windows read_windows(const Arguments& arguments, const fabric::Setup& setup,
                             std::uint64_t zero_load,
                             const std::vector<fabric::FlowClass>& classes);

}  // namespace aipu::cli
