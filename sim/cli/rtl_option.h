// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "hw/directcom/routes.h"
#include "sim/cli/arguments.h"
#include "tlm/directcom/network.h"

namespace aipu::cli {

/// --rtl, of every verb that has switches: what simulates them (directcom::read_switch_kinds).
Option rtl_option();

/// Of a board: the key that it stands for, where it is given.
void add_rtl_override(const Arguments& arguments, std::vector<std::string>& overrides);

/// Of a network without a board: sets `network.make_switch`, where it is given. UsageError or
/// ConfigError where the option, or the RTL, does not fit.
void read_rtl(const Arguments& arguments, const directcom::Routes& routes,
              directcom::Network::Config& network);

}  // namespace aipu::cli
