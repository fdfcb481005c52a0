// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "hw/base/schema.h"

namespace aipu::config {

/// Parses YAML text; places read `file:line:column`. An empty text is an empty map. Syntax errors
/// and more than one document end in a ConfigError.
std::unique_ptr<SchemaSource> parse_yaml(const std::string& text, const std::string& file);

/// The same map without one key, which may be that of a group in it (`a.b.c`): what remains of a
/// file after its `extends`.
std::unique_ptr<SchemaSource> without_key(const SchemaSource& map, const std::string& key);

/// `a.b.c=value` as nested maps; every place is the override itself, `--set a.b.c=value`.
std::unique_ptr<SchemaSource> parse_override(const std::string& text);

}  // namespace aipu::config
