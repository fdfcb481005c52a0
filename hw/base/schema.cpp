// SPDX-License-Identifier: Apache-2.0
#include "hw/base/schema.h"

#include <fmt/format.h>

#include "hw/base/nearest.h"

namespace aipu {

void Places::note(const std::string& key, const std::string& place) {
  marks_[key] = {next_++, place};
}

std::string Places::latest(const std::string& key) const {
  const Mark* best = nullptr;
  for (const auto& [name, mark] : marks_) {
    const bool inside = key.empty() || name == key || name.rfind(key + ".", 0) == 0;
    if (inside && (best == nullptr || mark.order > best->order)) best = &mark;
  }
  return best == nullptr ? "" : best->place;
}

namespace schema_detail {

std::string join(const std::string& prefix, const std::string& name) {
  return prefix.empty() ? name : prefix + "." + name;
}

void check_range(const ValueType& type, const RangeRule& range, const Value& value,
                 const Where& where) {
  if (range.holds(value)) return;
  fail_value(where, fmt::format("{} is out of range; valid: {}", print_value(type, value),
                                range.text(type)));
}

std::string scalar_text(const SchemaSource& source, const ValueType& type, const Where& where) {
  if (!source.is_scalar()) fail_value(where, fmt::format("takes one value ({})", type.text()));
  return source.text();
}

void expect_map(const SchemaSource& source, const Where& where) {
  if (!source.is_map()) fail_value(where, "is a group: it takes `key: value` lines below it");
}

void unknown_key(const Where& where, const std::string& key,
                 const std::vector<std::string>& known) {
  fail_value(where, fmt::format("unknown key '{}'{}", key, suggestion(key, known)));
}

}  // namespace schema_detail
}  // namespace aipu
