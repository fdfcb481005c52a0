// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "hw/config/board.h"
#include "hw/hbm/config.h"

namespace aipu::config {

/// The board that a preset or a YAML file describes, with `a.b.c=value` overrides applied last.
///
/// Layers: the defaults of the code, then what the file `extends` (a preset or a file beside it),
/// then the file, then the overrides in order. A preset's name wins over a file of that name.
/// Throws ConfigError (`file:line:column: key: what would be valid`), or IoError for a missing
/// file.
Board load(const std::string& preset_or_path, const std::vector<std::string>& overrides = {});

/// The same from text; `file` names it in messages and is what relative `extends` start from.
Board load_text(const std::string& text, const std::string& file,
                const std::vector<std::string>& overrides = {});

/// The memory device that a preset of hw/config/presets/hbm or a YAML file with the keys of
/// `aipu.hbm` describes. Layers, overrides (`page=closed`, `timing.rl=14 CK`) and errors as in
/// load().
///
/// A board takes a device over with `aipu: {hbm: {extends: HBM3-6400}}`, or with the override
/// `aipu.hbm.extends=HBM3-6400`: its keys replace those so far and yield to those beside and after.
hbm::Config load_hbm(const std::string& preset_or_path,
                     const std::vector<std::string>& overrides = {});

}  // namespace aipu::config
