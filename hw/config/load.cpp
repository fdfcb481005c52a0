// SPDX-License-Identifier: Apache-2.0
#include "hw/config/load.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <optional>

#include "hw/base/error.h"
#include "hw/base/nearest.h"
#include "hw/config/explain.h"
#include "hw/config/presets.h"
#include "hw/config/yaml_source.h"

namespace aipu::config {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtends = "extends";

struct Text {
  std::string text;
  std::string file;
};

const Preset* find_preset(const std::string& name) {
  const auto& all = presets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Preset& p) { return p.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : presets())
    names.push_back(preset.name);
  return names;
}

/// A preset or a file; `place` is where it was asked for, empty for the command line.
Text open(const std::string& name, const fs::path& folder, const std::string& place) {
  if (const Preset* preset = find_preset(name)) return {preset->text, "preset " + name};
  const fs::path path = folder / name;
  if (!fs::exists(path) && path.extension() != ".yaml" && path.extension() != ".yml") {
    throw ConfigError(
        place, fmt::format("no preset or file '{}'{}", name, suggestion(name, preset_names())));
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in || fs::is_directory(path)) {
    if (!place.empty()) throw ConfigError(place, fmt::format("cannot read '{}'", path.string()));
    throw IoError(path.string(), "cannot be read");
  }
  return {text, path.string()};
}

struct Extends {
  std::string name;
  std::string place;
};

std::optional<Extends> find_extends(const SchemaSource& root) {
  std::optional<Extends> result;
  if (!root.is_map()) return result;
  root.visit([&](const std::string& key, const std::string& place, const SchemaSource& value) {
    if (key != kExtends) return;
    if (result) throw ConfigError(place, "extends: given twice, first at " + result->place);
    if (!value.is_scalar()) {
      throw ConfigError(value.place(), "extends: takes one preset or file");
    }
    result = Extends{value.text(), value.place()};
  });
  return result;
}

/// Applies a text on top of what it extends. `open_files` are the texts that lead here.
void apply(const Text& source, Board& board, Places& places, std::vector<std::string> open_files) {
  const auto root = parse_yaml(source.text, source.file);
  open_files.push_back(source.file);
  if (const auto base = find_extends(*root)) {
    const Text text = open(base->name, fs::path(source.file).parent_path(), base->place);
    if (std::find(open_files.begin(), open_files.end(), text.file) != open_files.end()) {
      throw ConfigError(base->place, fmt::format("extends: '{}' extends itself", base->name));
    }
    apply(text, board, places, open_files);
  }
  schema().read(*without_key(*root, kExtends), board, places);
}

Board finish(const Text& source, const std::vector<std::string>& overrides) {
  Board board;
  Places places;
  apply(source, board, places, {});
  for (const std::string& text : overrides) {
    const auto source_of_override = parse_override(text);
    expect_key(text.substr(0, text.find('=')), source_of_override->place());
    schema().read(*source_of_override, board, places);
  }
  schema().check(board, places);
  return board;
}

}  // namespace

Board load(const std::string& preset_or_path, const std::vector<std::string>& overrides) {
  return finish(open(preset_or_path, "", ""), overrides);
}

Board load_text(const std::string& text, const std::string& file,
                const std::vector<std::string>& overrides) {
  return finish({text, file}, overrides);
}

}  // namespace aipu::config
