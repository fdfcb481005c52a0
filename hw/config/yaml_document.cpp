// SPDX-License-Identifier: Apache-2.0
#include "hw/config/yaml_document.h"

#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <vector>

#include "hw/base/error.h"

namespace aipu::config {

std::optional<std::string> read_text(const std::filesystem::path& path) {
  std::ifstream in;
  if (!std::filesystem::is_directory(path)) in.open(path, std::ios::binary);  // else it would throw
  if (!in.is_open()) return std::nullopt;
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) return std::nullopt;
  return text;
}

std::string place_of(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file;
  return fmt::format("{}:{}:{}", file, mark.line + 1, mark.column + 1);
}

YAML::Node load_document(const std::string& text, const std::string& file) {
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& error) {
    throw ConfigError(place_of(file, error.mark), error.msg);
  }
  if (documents.size() > 1) {
    throw ConfigError(place_of(file, documents[1].Mark()), "a second document (`---`) in one file");
  }
  return documents.empty() ? YAML::Node() : documents[0];
}

}  // namespace aipu::config
