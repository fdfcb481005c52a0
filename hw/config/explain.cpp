// SPDX-License-Identifier: Apache-2.0
#include "hw/config/explain.h"

#include <algorithm>
#include <fmt/format.h>
#include <ostream>

#include "hw/base/error.h"
#include "hw/base/nearest.h"
#include "hw/base/schema.h"

namespace aipu::config {
namespace {

std::string join(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

/// Calls visitor(full name, entry) for everything below a group, groups before their contents.
template <typename Visitor>
void walk(const SchemaEntry& group, const std::string& prefix, const Visitor& visitor) {
  for (const SchemaEntry& entry : group.entries) {
    const std::string name = join(prefix, entry.name);
    visitor(name, entry);
    if (entry.group) walk(entry, name, visitor);
  }
}

/// Why a key is not known, with the nearest one: by its last parts, else by its spelling.
std::string unknown(const std::string& key, const SchemaEntry& root,
                    const std::string& all_keys = "hc1000 explain") {
  std::vector<std::string> all;
  std::vector<std::string> ending;
  const std::string tail = "." + key;
  walk(root, "", [&](const std::string& name, const SchemaEntry&) {
    all.push_back(name);
    const bool ends = name.size() > tail.size() &&
                      name.compare(name.size() - tail.size(), tail.size(), tail) == 0;
    if (ends) ending.push_back(name);
  });
  std::string best = ending.empty() ? nearest(key, all) : ending.front();
  if (best.empty()) {  // the last part may be right and the way to it wrong
    const std::string last = key.substr(key.rfind('.') + 1);
    for (const std::string& name : all) {
      if (best.empty() && name.substr(name.rfind('.') + 1) == last) best = name;
    }
  }
  return fmt::format("unknown key '{}'{}", key,
                     best.empty() ? fmt::format("; `{}` lists all keys", all_keys)
                                  : fmt::format("; did you mean '{}'?", best));
}

const SchemaEntry* find(const SchemaEntry& root, const std::string& key) {
  const SchemaEntry* at = &root;
  std::size_t from = 0;
  while (from <= key.size()) {
    const auto dot = std::min(key.find('.', from), key.size());
    const std::string part = key.substr(from, dot - from);
    const auto next = std::find_if(at->entries.begin(), at->entries.end(),
                                   [&](const SchemaEntry& e) { return e.name == part; });
    if (next == at->entries.end()) return nullptr;
    at = &*next;
    from = dot + 1;
  }
  return at;
}

std::string valid_text(const SchemaEntry& entry) {
  const std::string range = entry.range.text(entry.type);
  if (!range.empty()) return range;
  switch (entry.type.kind) {
    case ValueType::Kind::kName:
      return fmt::format("one of {}", fmt::join(entry.type.names, ", "));
    case ValueType::Kind::kBool:
      return "true or false";
    case ValueType::Kind::kInteger:
      return fmt::format("0..{}", entry.type.max);
    case ValueType::Kind::kQuantity:
      return fmt::format("any, such as {}", entry.type.units->example);
    case ValueType::Kind::kReal:
    case ValueType::Kind::kText:
      break;
  }
  return "any";
}

void explain_one(std::ostream& out, const std::string& name, const SchemaEntry& entry) {
  const std::string value = print_value(entry.type, entry.value);
  const std::string fallback = print_value(entry.type, entry.fallback);
  out << fmt::format("{}\n  {}\n  type     {}\n", name, entry.description, entry.type.text());
  if (entry.type.kind == ValueType::Kind::kQuantity) {
    std::vector<std::string> units;
    for (const UnitName& unit : entry.type.units->units) {
      if (unit.printed) units.emplace_back(unit.name);
    }
    out << fmt::format("  units    {}\n", fmt::join(units, ", "));
  }
  out << fmt::format("  valid    {}\n  default  {}\n  value    {}\n", valid_text(entry), fallback,
                     value);
}

void explain_group(std::ostream& out, const std::string& name, const SchemaEntry& group) {
  out << fmt::format("{}\n  {}\n\n", name.empty() ? group.name : name, group.description);
  std::size_t wide = 0;
  walk(group, name, [&](const std::string& key, const SchemaEntry& entry) {
    if (!entry.group) wide = std::max(wide, key.size());
  });
  walk(group, name, [&](const std::string& key, const SchemaEntry& entry) {
    if (entry.group) return;
    const bool changed = entry.value != entry.fallback;
    out << fmt::format(
        "  {:<{}}  {:<12}  {}{}\n", key, wide, print_value(entry.type, entry.value),
        entry.description,
        changed ? fmt::format(" (default {})", print_value(entry.type, entry.fallback)) : "");
  });
  for (const std::string& requirement : group.requirements)
    out << "\n  rule: " << requirement;
  if (!group.requirements.empty()) out << "\n";
}

}  // namespace

void explain_key(std::ostream& out, const std::string& key, const Board& board) {
  const SchemaEntry root = schema().describe(board);
  const SchemaEntry* entry = key.empty() ? &root : find(root, key);
  if (entry == nullptr) throw UserError(ExitCode::kUsage, unknown(key, root));
  if (entry->group) {
    explain_group(out, key, *entry);
  } else {
    explain_one(out, key, *entry);
  }
}

std::vector<std::string> key_names() {
  std::vector<std::string> names;
  walk(schema().describe(Board{}), "", [&](const std::string& name, const SchemaEntry& entry) {
    if (!entry.group) names.push_back(name);
  });
  return names;
}

void expect_key(const std::string& key, const std::string& place) {
  const SchemaEntry root = schema().describe(Board{});
  if (find(root, key) == nullptr) throw ConfigError(place, unknown(key, root));
}

void expect_hbm_key(const std::string& key, const std::string& place) {
  const SchemaEntry root = hbm::schema().describe(hbm::Config{});
  if (find(root, key) != nullptr) return;
  throw ConfigError(place, unknown(key, root, "hc1000 explain aipu.hbm"));
}

}  // namespace aipu::config
