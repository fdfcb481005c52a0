// SPDX-License-Identifier: Apache-2.0
#include "hw/config/load.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <optional>

#include "hw/base/error.h"
#include "hw/base/nearest.h"
#include "hw/config/explain.h"
#include "hw/config/presets.h"
#include "hw/config/yaml_document.h"
#include "hw/config/yaml_source.h"

namespace aipu::config {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtends = "extends";
constexpr const char* kDeviceGroup = "aipu.hbm";  // a memory device may be taken over as a whole

struct Text {
  std::string text;
  std::string file;
};

using Presets = std::vector<Preset>;

const Preset* find_preset(const Presets& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Preset& p) { return p.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> names_of(const Presets& all) {
  std::vector<std::string> names;
  for (const Preset& preset : all)
    names.push_back(preset.name);
  return names;
}

/// A preset or a file; `place` is where it was asked for, empty for the command line.
Text open(const Presets& all, const std::string& name, const fs::path& folder,
          const std::string& place) {
  if (const Preset* preset = find_preset(all, name)) return {preset->text, "preset " + name};
  const fs::path path = folder / name;
  if (!fs::exists(path) && path.extension() != ".yaml" && path.extension() != ".yml") {
    throw ConfigError(
        place, fmt::format("no preset or file '{}'{}", name, suggestion(name, names_of(all))));
  }
  const std::optional<std::string> text = read_text(path);
  if (!text) {
    if (!place.empty()) throw ConfigError(place, fmt::format("cannot read '{}'", path.string()));
    throw IoError(path.string(), "cannot be read");
  }
  return {*text, path.string()};
}

struct Extends {
  std::string name;
  std::string place;
};

/// The `extends` of a map, or of the group in it that a dotted `group` names.
std::optional<Extends> find_extends(const SchemaSource& map, const std::string& group = "") {
  std::optional<Extends> result;
  if (!map.is_map()) return result;
  const auto dot = group.find('.');
  const std::string wanted = group.empty() ? kExtends : group.substr(0, dot);
  map.visit([&](const std::string& key, const std::string& place, const SchemaSource& value) {
    if (key != wanted) return;
    if (result) throw ConfigError(place, key + ": given twice, first at " + result->place);
    if (!group.empty()) {
      result = find_extends(value, dot == std::string::npos ? "" : group.substr(dot + 1));
    } else if (value.is_scalar()) {
      result = Extends{value.text(), value.place()};
    } else {
      throw ConfigError(value.place(), "extends: takes one preset or file");
    }
  });
  return result;
}

/// What texts of one kind are merged into.
template <typename Config>
struct Target {
  Config& config;
  Places& places;
  const Presets& presets;
  Schema<Config> schema;
  std::string key;  ///< dotted name of this Config, empty for a whole one
};

using Files = std::vector<std::string>;

template <typename Config>
void apply(const Text& source, Target<Config>& target, Files open_files);

/// Applies what a map, or the group `group` in it, extends. `files` are the texts that lead here.
template <typename Config>
void apply_base(const SchemaSource& map, const std::string& group, const fs::path& folder,
                Target<Config>& target, const Files& files) {
  const auto base = find_extends(map, group);
  if (!base) return;
  const Text text = open(target.presets, base->name, folder, base->place);
  if (std::find(files.begin(), files.end(), text.file) != files.end()) {
    throw ConfigError(base->place, fmt::format("extends: '{}' extends itself", base->name));
  }
  apply(text, target, files);
}

/// Reads a map without its `extends`, which have been applied.
void read(const SchemaSource& map, const fs::path&, Target<hbm::Config>& target) {
  target.schema.read(map, target.config, target.places, target.key);
}

void read(const SchemaSource& map, const fs::path& folder, Target<Board>& target) {
  Target<hbm::Config> device{target.config.aipu.hbm, target.places, hbm_presets(), hbm::schema(),
                             kDeviceGroup};
  apply_base(map, kDeviceGroup, folder, device, {});
  const auto rest = without_key(map, std::string(kDeviceGroup) + "." + kExtends);
  target.schema.read(*rest, target.config, target.places, target.key);
}

/// Applies a text on top of what it extends.
template <typename Config>
void apply(const Text& source, Target<Config>& target, Files open_files) {
  const auto root = parse_yaml(source.text, source.file);
  open_files.push_back(source.file);
  const fs::path folder = fs::path(source.file).parent_path();
  apply_base(*root, "", folder, target, open_files);
  read(*without_key(*root, kExtends), folder, target);
}

template <typename Config, typename Expect>
void apply_overrides(const std::vector<std::string>& overrides, Target<Config>& target,
                     const Expect& expect) {
  for (const std::string& text : overrides) {
    const auto map = parse_override(text);
    const std::string key = text.substr(0, text.find('='));
    if (key != std::string(kDeviceGroup) + "." + kExtends) expect(key, map->place());
    read(*map, "", target);
  }
}

/// An empty file is hardly meant to be the device of all defaults.
void expect_any_key(const Text& source) {
  const auto root = parse_yaml(source.text, source.file);
  if (!root->is_map()) return;  // told when it is read
  bool any = false;
  root->visit([&any](const std::string&, const std::string&, const SchemaSource&) { any = true; });
  if (!any) throw ConfigError(source.file, "no key of a memory in it, such as data_rate");
}

Board finish(const Text& source, const std::vector<std::string>& overrides) {
  Board board;
  Places places;
  Target<Board> target{board, places, presets(), schema(), ""};
  apply(source, target, {});
  apply_overrides(overrides, target, expect_key);
  target.schema.check(board, places);
  return board;
}

}  // namespace

Board load(const std::string& preset_or_path, const std::vector<std::string>& overrides) {
  return finish(open(presets(), preset_or_path, "", ""), overrides);
}

Board load_text(const std::string& text, const std::string& file,
                const std::vector<std::string>& overrides) {
  return finish({text, file}, overrides);
}

hbm::Config load_hbm(const std::string& preset_or_path, const std::vector<std::string>& overrides) {
  hbm::Config device;
  Places places;
  Target<hbm::Config> target{device, places, hbm_presets(), hbm::schema(), ""};
  const Text source = open(hbm_presets(), preset_or_path, "", "");
  expect_any_key(source);
  apply(source, target, {});
  apply_overrides(overrides, target, expect_hbm_key);
  target.schema.check(device, places);
  return device;
}

}  // namespace aipu::config
