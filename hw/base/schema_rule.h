// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <type_traits>
#include <vector>

#include "hw/base/schema_value.h"

namespace aipu {

/// Which values of a type are valid, as data: one check and one text for every key.
struct RangeRule {
  enum class Kind : std::uint8_t { kAny, kBetween, kPowerOfTwo, kOneOf };
  Kind kind = Kind::kAny;
  std::vector<Value> values;  ///< lowest and highest, or the choices

  bool holds(const Value& value) const;
  /// "1..64", "a power of two, 64 B..4 KiB", "one of 1, 2, 4"; empty for any value.
  std::string text(const ValueType& type) const;
};

/// A RangeRule that remembers the C++ type it was written with, so that `between(64_B, 4_KiB)`
/// does not compile for a member counted in Cycles. `Rule<AnyValue>` suits every member.
template <typename T>
struct Rule {
  RangeRule range;
};
struct AnyValue {};

/// Every value the type can hold.
inline Rule<AnyValue> any() {
  return {};
}

/// Inclusive at both ends.
template <typename T>
Rule<T> between(T low, T high) {
  return {{RangeRule::Kind::kBetween, {to_value(low), to_value(high)}}};
}

/// Powers of two, inclusive at both ends.
template <typename T>
Rule<T> power_of_two(T low, T high) {
  return {{RangeRule::Kind::kPowerOfTwo, {to_value(low), to_value(high)}}};
}

/// One of a few values: `one_of(1U, 2U, 4U)`, `one_of("a", "b")`.
template <typename T, typename... Rest>
auto one_of(T first, Rest... rest) {
  using Kept = std::conditional_t<std::is_convertible_v<T, const char*>, std::string, T>;
  return Rule<Kept>{{RangeRule::Kind::kOneOf, {to_value(Kept(first)), to_value(Kept(rest))...}}};
}

/// Whether a rule written with type R may guard a member of type T: the same type, or two integers.
template <typename T, typename R>
inline constexpr bool kRuleFits = std::is_same_v<R, AnyValue> || std::is_same_v<R, T> ||
                                  (std::is_integral_v<R> && std::is_integral_v<T> &&
                                   !std::is_same_v<T, bool>);

/// The names of an enumeration: `EnumNames<Mode>{{"fast", Mode::kFast}, {"exact", Mode::kExact}}`.
template <typename E>
struct EnumNames {
  struct Entry {
    const char* name;
    E value;
  };
  std::vector<Entry> entries;

  EnumNames(std::initializer_list<Entry> list) : entries(list) {}
};

}  // namespace aipu
