// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <yaml-cpp/yaml.h>

namespace aipu::config {

/// The bytes of a file; nothing where it cannot be read.
std::optional<std::string> read_text(const std::filesystem::path& path);

/// `file:line:column`, or the file alone where the mark says no more.
std::string place_of(const std::string& file, const YAML::Mark& mark);

/// The one document of a text, which is null where there is nothing in it. ConfigError with its
/// place for a syntax error or a second document.
YAML::Node load_document(const std::string& text, const std::string& file);

}  // namespace aipu::config
