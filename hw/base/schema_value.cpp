// SPDX-License-Identifier: Apache-2.0
#include "hw/base/schema_value.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>

#include "hw/base/error.h"
#include "hw/base/nearest.h"

namespace aipu {
namespace {

constexpr std::uint64_t kKilo = 1'000;
constexpr std::uint64_t kMega = 1'000'000;
constexpr std::uint64_t kGiga = 1'000'000'000;
constexpr std::uint64_t kTera = 1'000'000'000'000;
constexpr std::size_t kMaxDecimals = 3;  // of a printed quantity

bool is_digit(char c) {
  return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::string trim(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string> unit_names(const UnitTable& table) {
  std::vector<std::string> names;
  for (const UnitName& unit : table.units) {
    if (unit.printed) names.emplace_back(unit.name);
  }
  return names;
}

std::optional<std::uint64_t> integer(const std::string& text) {
  const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const char* first = text.data() + (hex ? 2 : 0);
  const char* last = text.data() + text.size();
  std::uint64_t value = 0;
  const auto result = std::from_chars(first, last, value, hex ? 16 : 10);
  if (text.empty() || result.ec != std::errc() || result.ptr != last) return std::nullopt;
  return value;
}

Value parse_integer(const ValueType& type, const std::string& text, const Where& where) {
  const auto value = integer(text);
  if (!value) {
    const bool unit = !text.empty() && is_digit(text.front()) &&
                      std::isalpha(static_cast<unsigned char>(text.back())) != 0;
    fail_value(where, fmt::format("'{}' is not an unsigned integer{}", text,
                                  unit ? ": this key takes a bare number, no unit" : ""));
  }
  if (*value > type.max) {
    fail_value(where, fmt::format("{} is too large; valid: 0..{}", text, type.max));
  }
  return *value;
}

Value parse_real(const std::string& text, const Where& where) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const bool plain = text.find_first_not_of("0123456789.eE+-") == std::string::npos;
  if (text.empty() || !plain || *end != '\0' || !std::isfinite(value)) {
    fail_value(where, fmt::format("'{}' is not a number (without a unit)", text));
  }
  return value;
}

Value parse_bool(const std::string& text, const Where& where) {
  if (text != "true" && text != "false") {
    fail_value(where, fmt::format("'{}' is not true or false", text));
  }
  return text == "true";
}

Value parse_name(const ValueType& type, const std::string& text, const Where& where) {
  if (std::find(type.names.begin(), type.names.end(), text) == type.names.end()) {
    fail_value(where, fmt::format("'{}' is not one of {}", text, fmt::join(type.names, ", ")));
  }
  return text;
}

Value parse_text(const ValueType& type, const std::string& text, const Where& where) {
  if (type.form == nullptr) return text;
  const auto canonical = type.form->canonical(trim(text));
  if (!canonical) {
    fail_value(where, fmt::format("'{}' is not a {} such as {}", text, type.form->name,
                                  type.form->example));
  }
  return *canonical;
}

/// A decimal number as digits x 10^-decimals, without trailing zeros behind the point.
struct Decimal {
  std::uint64_t digits = 0;
  std::size_t decimals = 0;
};

std::optional<Decimal> decimal(const std::string& text) {
  const auto point = text.find('.');
  std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
  if (point != std::string::npos && fraction.empty()) return std::nullopt;
  while (!fraction.empty() && fraction.back() == '0')
    fraction.pop_back();
  const std::string whole = text.substr(0, point);
  if (whole.empty()) return std::nullopt;
  const std::string all = whole + fraction;
  if (!std::all_of(all.begin(), all.end(), is_digit)) return std::nullopt;
  Decimal result;
  result.decimals = fraction.size();
  const auto parsed = std::from_chars(all.data(), all.data() + all.size(), result.digits);
  if (parsed.ec != std::errc()) return std::nullopt;
  return result;
}

Value parse_quantity(const UnitTable& table, const std::string& text, const Where& where) {
  const auto split = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = decimal(text.substr(0, split));
  const std::string name = trim(text.substr(split));
  const std::string units = fmt::format("{}", fmt::join(unit_names(table), ", "));
  if (!number) {
    fail_value(where,
               fmt::format("'{}' is not a {} such as {}", text, table.quantity, table.example));
  }
  if (name.empty()) {
    fail_value(where,
               fmt::format("'{}' needs a unit ({}), such as {}", text, units, table.example));
  }
  const auto unit = std::find_if(table.units.begin(), table.units.end(),
                                 [&](const UnitName& u) { return name == u.name; });
  if (unit == table.units.end()) {
    fail_value(where, fmt::format("'{}' is not a unit of a {}{} (units: {})", name, table.quantity,
                                  nearest(name, unit_names(table)).empty()
                                      ? ""
                                      : suggestion(name, unit_names(table)),
                                  units));
  }
  std::uint64_t scale = unit->scale;
  std::uint64_t digits = number->digits;
  for (std::size_t i = 0; i < number->decimals; ++i) {
    // Take each decimal out of the factor that still has it, so that 0.5 KiB and 2.5 ns are exact.
    for (const std::uint64_t prime : {2U, 5U}) {
      if (scale % prime == 0) {
        scale /= prime;
      } else if (digits % prime == 0) {
        digits /= prime;
      } else {
        fail_value(where,
                   fmt::format("'{}' is not a whole number of {}", text, table.units[0].name));
      }
    }
  }
  std::uint64_t count = 0;
  if (__builtin_mul_overflow(digits, scale, &count)) {
    fail_value(where, fmt::format("'{}' is too large", text));
  }
  return count;
}

/// `count` in units of `scale`, when that is exact within the decimals the table allows.
std::optional<std::string> in_unit(const UnitTable& table, std::uint64_t count,
                                   std::uint64_t scale) {
  const std::uint64_t whole = count / scale;
  std::uint64_t rest = count % scale;
  if (rest == 0) return std::to_string(whole);
  if (!table.fractions || whole == 0) return std::nullopt;
  std::string decimals;
  std::uint64_t tenth = scale;
  while (rest != 0 && decimals.size() < kMaxDecimals && tenth % 10 == 0) {
    tenth /= 10;
    decimals += static_cast<char>('0' + rest / tenth);
    rest %= tenth;
  }
  if (rest != 0) return std::nullopt;
  return std::to_string(whole) + "." + decimals;
}

}  // namespace

template <>
const UnitTable& units_of<Bytes>() {
  static const UnitTable table{"size",
                               "64 KiB",
                               false,
                               {{"B", 1},
                                {"KiB", 1ULL << 10U},
                                {"MiB", 1ULL << 20U},
                                {"GiB", 1ULL << 30U},
                                {"TiB", 1ULL << 40U}}};
  return table;
}

template <>
const UnitTable& units_of<Cycles>() {
  static const UnitTable table{
      "cycle count", "16 cycles", false, {{"cycles", 1}, {"cycle", 1, false}}};
  return table;
}

template <>
const UnitTable& units_of<Hertz>() {
  static const UnitTable table{
      "frequency", "1.2 GHz", true, {{"Hz", 1}, {"kHz", kKilo}, {"MHz", kMega}, {"GHz", kGiga}}};
  return table;
}

template <>
const UnitTable& units_of<Picoseconds>() {
  static const UnitTable table{
      "time",
      "30 ns",
      true,
      {{"ps", 1}, {"ns", kKilo}, {"us", kMega}, {"ms", kGiga}, {"s", kTera}}};
  return table;
}

template <>
const UnitTable& units_of<BitsPerSecond>() {
  static const UnitTable table{
      "data rate",
      "3.6 Gb/s",
      true,
      {{"b/s", 1}, {"kb/s", kKilo}, {"Mb/s", kMega}, {"Gb/s", kGiga}, {"Tb/s", kTera}}};
  return table;
}

std::string ValueType::text() const {
  switch (kind) {
    case Kind::kInteger:
      return "integer";
    case Kind::kReal:
      return "number";
    case Kind::kBool:
      return "true or false";
    case Kind::kText:
      return form == nullptr ? "text" : form->name;
    case Kind::kQuantity:
      return units->quantity;
    case Kind::kName:
      return "name";
  }
  return "?";
}

void fail_value(const Where& where, const std::string& message) {
  throw ConfigError(where.place, where.key.empty() ? message : where.key + ": " + message);
}

Value parse_value(const ValueType& type, const std::string& text, const Where& where) {
  const std::string trimmed = trim(text);
  switch (type.kind) {
    case ValueType::Kind::kInteger:
      return parse_integer(type, trimmed, where);
    case ValueType::Kind::kReal:
      return parse_real(trimmed, where);
    case ValueType::Kind::kBool:
      return parse_bool(trimmed, where);
    case ValueType::Kind::kQuantity:
      return parse_quantity(*type.units, trimmed, where);
    case ValueType::Kind::kName:
      return parse_name(type, trimmed, where);
    case ValueType::Kind::kText:
      return parse_text(type, text, where);
  }
  return text;
}

std::string print_quantity(const UnitTable& table, std::uint64_t count) {
  for (auto unit = table.units.rbegin(); unit != table.units.rend(); ++unit) {
    if (!unit->printed || (count == 0 && unit->scale != 1)) continue;
    if (const auto number = in_unit(table, count, unit->scale)) return *number + " " + unit->name;
  }
  return fmt::format("{} {}", count, table.units.front().name);
}

std::string print_value(const ValueType& type, const Value& value) {
  switch (type.kind) {
    case ValueType::Kind::kInteger:
      return std::to_string(std::get<std::uint64_t>(value));
    case ValueType::Kind::kReal:
      return fmt::format("{}", std::get<double>(value));
    case ValueType::Kind::kBool:
      return std::get<bool>(value) ? "true" : "false";
    case ValueType::Kind::kQuantity:
      return print_quantity(*type.units, std::get<std::uint64_t>(value));
    case ValueType::Kind::kText:
    case ValueType::Kind::kName:
      break;
  }
  return std::get<std::string>(value);
}

}  // namespace aipu
