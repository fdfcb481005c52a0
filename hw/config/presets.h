// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace aipu::config {

/// A configuration that is part of the program (hw/config/presets/NAME.yaml).
struct Preset {
  std::string name;
  std::string text;
};

/// All presets, sorted by name; embedded at build time.
const std::vector<Preset>& presets();

}  // namespace aipu::config
