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

/// All boards, sorted by name; embedded at build time.
const std::vector<Preset>& presets();

/// All memory devices (hw/config/presets/hbm/NAME.yaml), likewise.
const std::vector<Preset>& hbm_presets();

}  // namespace aipu::config
