// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "hw/base/units.h"

namespace aipu {

/// A unit a quantity may be written in, and how many base units it is.
struct UnitName {
  const char* name;
  std::uint64_t scale;
  bool printed = true;  ///< false: only read (an alternative spelling)
};

/// How values of one quantity are spelled. `units` ascend; `fractions` says that printing may use
/// up to three decimals (1.28 ns), which is exact in decimal units and unreadable in binary ones.
struct UnitTable {
  const char* quantity;
  const char* example;
  bool fractions;
  std::vector<UnitName> units;
};

/// The units of a Quantity. Another quantity joins by specialising this beside its definition.
template <typename Q>
const UnitTable& units_of();
template <>
const UnitTable& units_of<Bytes>();
template <>
const UnitTable& units_of<Cycles>();
template <>
const UnitTable& units_of<Hertz>();
template <>
const UnitTable& units_of<Picoseconds>();
template <>
const UnitTable& units_of<BitsPerSecond>();

/// How a value with a spelling of its own is written: `canonical` returns the text as it is
/// printed, or nothing for a text that is no such value.
struct TextForm {
  const char* name;     ///< "delay"
  const char* example;  ///< "14 ns or 14 CK"
  std::optional<std::string> (*canonical)(const std::string& text);
};

/// Joins a type with a spelling of its own to the schema. Specialise beside its definition with
/// `static const TextForm& form()`, `static std::string print(const T&)` and
/// `static T read(const std::string& canonical)`.
template <typename T>
struct TextCodec {
  using None = void;
};
template <typename T, typename = void>
struct HasTextCodec : std::true_type {};
template <typename T>
struct HasTextCodec<T, typename TextCodec<T>::None> : std::false_type {};

/// A configuration value without its C++ type; a quantity is its count of base units.
using Value = std::variant<std::uint64_t, double, bool, std::string>;

/// What a value may be, apart from its range.
struct ValueType {
  enum class Kind : std::uint8_t { kInteger, kReal, kBool, kText, kQuantity, kName };
  Kind kind = Kind::kInteger;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();  ///< what an integer's type holds
  const UnitTable* units = nullptr;                               ///< of a quantity
  std::vector<std::string> names;                                 ///< of an enumeration
  const TextForm* form = nullptr;                                 ///< of a text that has one

  /// One or two words for a reader: "integer", "size".
  std::string text() const;
};

/// Where a value was written, for messages.
struct Where {
  std::string place;  ///< `file:line:column`, or the override itself
  std::string key;    ///< full dotted name
};

/// Ends in the user's ConfigError: `place: key: message`.
[[noreturn]] void fail_value(const Where& where, const std::string& message);

/// Reads the text of a value; a ConfigError at `where` says what would be valid.
Value parse_value(const ValueType& type, const std::string& text, const Where& where);

/// Prints a value so that parse_value() returns it unchanged; quantities in the largest exact unit.
std::string print_value(const ValueType& type, const Value& value);

/// "1536 B", "64 KiB", "1.28 ns": a quantity as configurations and reports spell it.
std::string print_quantity(const UnitTable& units, std::uint64_t count);
template <typename Unit>
std::string to_text(Quantity<Unit> quantity) {
  return print_quantity(units_of<Quantity<Unit>>(), quantity.count);
}

template <typename T>
struct IsQuantity : std::false_type {};
template <typename Unit>
struct IsQuantity<Quantity<Unit>> : std::true_type {};

/// The ValueType of a member of a Config.
template <typename T>
ValueType value_type() {
  ValueType type;
  if constexpr (IsQuantity<T>::value) {
    type.kind = ValueType::Kind::kQuantity;
    type.units = &units_of<T>();
  } else if constexpr (std::is_same_v<T, bool>) {
    type.kind = ValueType::Kind::kBool;
  } else if constexpr (std::is_same_v<T, double>) {
    type.kind = ValueType::Kind::kReal;
  } else if constexpr (std::is_same_v<T, std::string>) {
    type.kind = ValueType::Kind::kText;
  } else if constexpr (HasTextCodec<T>::value) {
    type.kind = ValueType::Kind::kText;
    type.form = &TextCodec<T>::form();
  } else {
    static_assert(std::is_unsigned_v<T>,
                  "a Config holds unsigned integers, quantities, double, "
                  "bool, string, enums with EnumNames and types with a TextCodec");
    type.max = std::numeric_limits<T>::max();
  }
  return type;
}

template <typename T>
Value to_value(const T& member) {
  if constexpr (IsQuantity<T>::value) {
    return member.count;
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return static_cast<std::uint64_t>(member);
  } else if constexpr (HasTextCodec<T>::value) {
    return TextCodec<T>::print(member);
  } else {
    return member;
  }
}

template <typename T>
T from_value(const Value& value) {
  if constexpr (IsQuantity<T>::value) {
    return T(std::get<std::uint64_t>(value));
  } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    return static_cast<T>(std::get<std::uint64_t>(value));
  } else if constexpr (HasTextCodec<T>::value) {
    return TextCodec<T>::read(std::get<std::string>(value));
  } else {
    return std::get<T>(value);
  }
}

}  // namespace aipu
