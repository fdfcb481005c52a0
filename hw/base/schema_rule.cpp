// SPDX-License-Identifier: Apache-2.0
#include "hw/base/schema_rule.h"

#include <algorithm>
#include <fmt/format.h>

namespace aipu {

bool RangeRule::holds(const Value& value) const {
  switch (kind) {
    case Kind::kAny:
      return true;
    case Kind::kOneOf:
      return std::find(values.begin(), values.end(), value) != values.end();
    case Kind::kPowerOfTwo:
      if (!is_power_of_two(std::get<std::uint64_t>(value))) return false;
      break;
    case Kind::kBetween:
      break;
  }
  return values[0] <= value && value <= values[1];
}

std::string RangeRule::text(const ValueType& type) const {
  if (kind == Kind::kAny) return "";
  if (kind == Kind::kOneOf) {
    std::vector<std::string> choices;
    for (const Value& value : values)
      choices.push_back(print_value(type, value));
    return fmt::format("one of {}", fmt::join(choices, ", "));
  }
  return fmt::format("{}{}..{}", kind == Kind::kPowerOfTwo ? "a power of two, " : "",
                     print_value(type, values[0]), print_value(type, values[1]));
}

}  // namespace aipu
