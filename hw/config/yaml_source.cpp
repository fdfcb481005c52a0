// SPDX-License-Identifier: Apache-2.0
#include "hw/config/yaml_source.h"

#include <utility>

#include "hw/base/error.h"
#include "hw/config/yaml_document.h"

namespace aipu::config {
namespace {

class YamlSource : public SchemaSource {
 public:
  YamlSource(std::string file, YAML::Node node) : file_(std::move(file)), node_(std::move(node)) {}

  bool is_map() const override { return node_.IsMap(); }
  bool is_scalar() const override { return node_.IsScalar(); }
  std::string text() const override { return node_.Scalar(); }
  std::string place() const override { return place_of(file_, node_.Mark()); }

  void visit(const Visitor& visitor) const override {
    for (const auto& entry : node_) {
      const std::string key_place = place_of(file_, entry.first.Mark());
      if (!entry.first.IsScalar()) throw ConfigError(key_place, "a key must be a plain name");
      visitor(entry.first.Scalar(), key_place, YamlSource(file_, entry.second));
    }
  }

 private:
  std::string file_;
  YAML::Node node_;
};

/// A file with nothing in it, or nothing but comments.
class EmptySource : public SchemaSource {
 public:
  explicit EmptySource(std::string file) : file_(std::move(file)) {}
  bool is_map() const override { return true; }
  bool is_scalar() const override { return false; }
  std::string text() const override { return ""; }
  std::string place() const override { return file_; }
  void visit(const Visitor&) const override {}

 private:
  std::string file_;
};

class FilteredSource : public SchemaSource {
 public:
  FilteredSource(const SchemaSource& map, std::string key) : map_(map), key_(std::move(key)) {}
  bool is_map() const override { return map_.is_map(); }
  bool is_scalar() const override { return map_.is_scalar(); }
  std::string text() const override { return map_.text(); }
  std::string place() const override { return map_.place(); }
  void visit(const Visitor& visitor) const override {
    const auto dot = key_.find('.');
    const bool deeper = dot != std::string::npos;
    map_.visit([&](const std::string& key, const std::string& place, const SchemaSource& value) {
      const bool on_the_way = key == key_.substr(0, dot);
      if (!on_the_way || (deeper && !value.is_map())) {
        visitor(key, place, value);
      } else if (deeper) {
        visitor(key, place, FilteredSource(value, key_.substr(dot + 1)));
      }
    });
  }

 private:
  const SchemaSource& map_;
  std::string key_;
};

/// One override: a chain of maps with a single key each, then the value.
class OverrideSource : public SchemaSource {
 public:
  OverrideSource(std::string place, std::string path, std::string value)
      : place_(std::move(place)), path_(std::move(path)), value_(std::move(value)) {}

  bool is_map() const override { return !path_.empty(); }
  bool is_scalar() const override { return path_.empty(); }
  std::string text() const override { return value_; }
  std::string place() const override { return place_; }
  void visit(const Visitor& visitor) const override {
    const auto dot = path_.find('.');
    const std::string rest = dot == std::string::npos ? "" : path_.substr(dot + 1);
    visitor(path_.substr(0, dot), place_, OverrideSource(place_, rest, value_));
  }

 private:
  std::string place_;
  std::string path_;
  std::string value_;
};

}  // namespace

std::unique_ptr<SchemaSource> parse_yaml(const std::string& text, const std::string& file) {
  const YAML::Node document = load_document(text, file);
  if (document.IsNull()) return std::make_unique<EmptySource>(file);
  return std::make_unique<YamlSource>(file, document);
}

std::unique_ptr<SchemaSource> without_key(const SchemaSource& map, const std::string& key) {
  return std::make_unique<FilteredSource>(map, key);
}

std::unique_ptr<SchemaSource> parse_override(const std::string& text) {
  const std::string place = "--set " + text;
  const auto equal = text.find('=');
  if (equal == std::string::npos || equal == 0) {
    throw ConfigError(place, "an override reads key=value, such as aipu.clock='1.2 GHz'");
  }
  const std::string path = text.substr(0, equal);
  if (path.front() == '.' || path.back() == '.' || path.find("..") != std::string::npos) {
    throw ConfigError(place, "a key reads a.b.c");
  }
  return std::make_unique<OverrideSource>(place, path, text.substr(equal + 1));
}

}  // namespace aipu::config
