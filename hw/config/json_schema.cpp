// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

#include "hw/base/schema.h"
#include "hw/config/explain.h"
#include "hw/config/presets.h"

namespace aipu::config {
namespace {

using Json = nlohmann::ordered_json;

Json json_value(const ValueType& type, const Value& value) {
  switch (type.kind) {
    case ValueType::Kind::kInteger:
      return std::get<std::uint64_t>(value);
    case ValueType::Kind::kReal:
      return std::get<double>(value);
    case ValueType::Kind::kBool:
      return std::get<bool>(value);
    case ValueType::Kind::kQuantity:
    case ValueType::Kind::kText:
    case ValueType::Kind::kName:
      break;
  }
  return print_value(type, value);
}

/// A decimal number and one of the units; the range of a quantity stays with the loader.
std::string pattern_of(const UnitTable& table) {
  std::string units;
  for (const UnitName& unit : table.units)
    units += (units.empty() ? "" : "|") + std::string(unit.name);
  return fmt::format("^[0-9]+(\\.[0-9]+)? ?({})$", units);
}

void add_range(Json& out, const SchemaEntry& entry) {
  const bool number =
      entry.type.kind == ValueType::Kind::kInteger || entry.type.kind == ValueType::Kind::kReal;
  if (entry.range.kind == RangeRule::Kind::kOneOf) {
    for (const Value& value : entry.range.values)
      out["enum"].push_back(json_value(entry.type, value));
  } else if (entry.range.kind != RangeRule::Kind::kAny && number) {
    out["minimum"] = json_value(entry.type, entry.range.values[0]);
    out["maximum"] = json_value(entry.type, entry.range.values[1]);
  } else if (entry.type.kind == ValueType::Kind::kInteger) {
    out["minimum"] = 0;
    out["maximum"] = entry.type.max;
  }
}

Json json_key(const SchemaEntry& entry) {
  static constexpr const char* kTypes[] = {"integer", "number", "boolean",
                                           "string",  "string", "string"};
  Json out;
  const std::string range = entry.range.text(entry.type);
  out["description"] =
      range.empty() ? entry.description : fmt::format("{} (valid: {})", entry.description, range);
  out["type"] = kTypes[static_cast<std::size_t>(entry.type.kind)];
  out["default"] = json_value(entry.type, entry.fallback);
  if (entry.type.kind == ValueType::Kind::kName) out["enum"] = entry.type.names;
  if (entry.type.kind == ValueType::Kind::kQuantity) out["pattern"] = pattern_of(*entry.type.units);
  add_range(out, entry);
  return out;
}

Json json_group(const SchemaEntry& group) {
  Json out;
  out["description"] = group.description;
  out["type"] = "object";
  out["additionalProperties"] = false;
  out["properties"] = Json::object();
  for (const SchemaEntry& entry : group.entries) {
    out["properties"][entry.name] = entry.group ? json_group(entry) : json_key(entry);
  }
  return out;
}

Json json_extends(const std::vector<Preset>& presets) {
  Json extends;
  extends["description"] = "preset or file to start from";
  extends["type"] = "string";
  for (const Preset& preset : presets)
    extends["examples"].push_back(preset.name);
  return extends;
}

}  // namespace

void explain_schema(std::ostream& out) {
  Json root;
  root["$schema"] = "http://json-schema.org/draft-07/schema#";
  root["title"] = "hc1000 configuration";
  root.update(json_group(schema().describe(Board{})));
  root["properties"]["extends"] = json_extends(presets());
  root["properties"]["aipu"]["properties"]["hbm"]["properties"]["extends"] =
      json_extends(hbm_presets());
  out << root.dump(2) << "\n";
}

}  // namespace aipu::config
