// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace aipu::memory {

/// A controller setting with a name: overrides of config::load_hbm(), to go before the user's.
struct Policy {
  std::string name;
  std::string description;
  std::vector<std::string> overrides;
};

/// All policies; the first leaves the device as it is.
const std::vector<Policy>& policies();

/// Throws ConfigError that names the nearest and lists all.
const Policy& find_policy(const std::string& name);

}  // namespace aipu::memory
