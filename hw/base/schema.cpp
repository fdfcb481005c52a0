// SPDX-License-Identifier: Apache-2.0
#include "hw/base/schema.h"

#include <cctype>
#include <fmt/format.h>

#include "hw/base/nearest.h"

namespace aipu {
namespace {

bool inside(const std::string& name, const std::string& group) {
  return group.empty() || name == group || name.rfind(group + ".", 0) == 0;
}

bool has_word(const std::string& text, const std::string& word) {
  const auto part_of_word = [&](std::size_t at) {
    return at < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
  };
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const bool starts = at == 0 || !part_of_word(at - 1);
    if (starts && !part_of_word(at + word.size())) return true;
  }
  return false;
}

}  // namespace

void Places::note(const std::string& key, const std::string& place) {
  marks_[key] = {next_++, place};
}

template <typename Accept>
std::string Places::latest_of(const Accept& accept) const {
  const Mark* best = nullptr;
  for (const auto& [name, mark] : marks_) {
    if (accept(name) && (best == nullptr || mark.order > best->order)) best = &mark;
  }
  return best == nullptr ? "" : best->place;
}

std::string Places::latest(const std::string& key) const {
  return latest_of([&](const std::string& name) { return inside(name, key); });
}

std::string Places::blamed(const std::string& group, const std::string& message) const {
  const std::string place = latest_of([&](const std::string& name) {
    return inside(name, group) && has_word(message, name.substr(name.rfind('.') + 1));
  });
  return place.empty() ? latest(group) : place;
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
