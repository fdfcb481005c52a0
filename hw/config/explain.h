// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "hw/config/board.h"

namespace aipu::config {

/// What a key or group means: description, type, range, default and the value it has in `board`.
/// An empty key explains the whole board. Unknown key: UserError that names the nearest.
void explain_key(std::ostream& out, const std::string& key, const Board& board = Board{});

/// JSON Schema (draft-07) of a configuration file, for editors and validators.
void explain_schema(std::ostream& out);

/// Full dotted names of all keys (no groups), in the order of the schema.
std::vector<std::string> key_names();

/// Throws ConfigError at `place` unless `key` exists; knows keys whose first parts were forgotten.
void expect_key(const std::string& key, const std::string& place);
/// The same for a key of a memory device (load_hbm()).
void expect_hbm_key(const std::string& key, const std::string& place);

}  // namespace aipu::config
