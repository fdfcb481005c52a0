// SPDX-License-Identifier: Apache-2.0
#include "sim/load/json_file.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "hw/base/error.h"

namespace aipu::load {

namespace {

using nlohmann::json;

constexpr std::size_t kLongestShown = 60;
constexpr std::size_t kLongestName = 200;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
};

Position position_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  const std::size_t last = before.rfind('\n');
  Position at;
  at.line += static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  at.column += last == std::string_view::npos ? before.size() : before.size() - last - 1;
  return at;
}

// The library's texts end with the reason after the last ": " or "; ".
std::string reason_of(const json::exception& error) {
  std::string text = error.what();
  const std::size_t close = text.find("] ");
  if (close != std::string::npos) text.erase(0, close + 2);
  const std::size_t colon = text.find(": ");
  if (text.rfind("parse error at", 0) == 0 && colon != std::string::npos) text.erase(0, colon + 2);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Watches the keys of every open object.
class RepeatWatch {
 public:
  bool operator()(int /*depth*/, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) open_.emplace_back();
    if (event == json::parse_event_t::object_end) open_.pop_back();
    if (event == json::parse_event_t::key && !open_.back().insert(parsed).second) {
      repeated_ = parsed.get<std::string>();
    }
    return true;
  }
  const std::string& repeated() const { return repeated_; }

 private:
  std::vector<std::set<std::string>> open_;
  std::string repeated_;
};

}  // namespace

std::string read_text(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw IoError(path, "is a directory, a file is expected");
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) throw IoError(path, fmt::format("cannot be read: {}", std::strerror(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) throw IoError(path, "cannot be read to its end");
  return std::move(text).str();
}

json parse_json(std::string_view text, const std::string& place, RepeatedKeys repeated) {
  try {
    if (repeated == RepeatedKeys::kLastWins) return json::parse(text);
    RepeatWatch watch;
    json parsed = json::parse(text, std::ref(watch));
    if (!watch.repeated().empty()) {
      throw ConfigError(place, fmt::format("the key \"{}\" appears twice", watch.repeated()));
    }
    return parsed;
  } catch (const json::parse_error& error) {
    const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
    const Position at = position_of(text, byte);
    throw ConfigError(fmt::format("{}:{}:{}", place, at.line, at.column),
                      fmt::format("not valid JSON (byte {}): {}", byte, reason_of(error)));
  } catch (const json::exception& error) {
    throw ConfigError(place, fmt::format("not valid JSON: {}", reason_of(error)));
  }
}

std::string describe(const json& value) {
  if (value.is_array()) return value.empty() ? "[]" : "an array";
  if (value.is_object()) return value.empty() ? "{}" : "an object";
  std::string text = value.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace);
  if (text.size() > kLongestShown) text = text.substr(0, kLongestShown) + "...";
  return text;
}

JsonObject::JsonObject(const json& value, std::string place, std::string path)
    : value_(&value), place_(std::move(place)), path_(std::move(path)) {
  if (!value.is_object()) {
    const std::string what = path_.empty() ? "the file" : path_;
    throw ConfigError(place_,
                      fmt::format("{}: must be a JSON object, found {}", what, describe(value)));
  }
}

std::string JsonObject::name_of(const std::string& key) const {
  std::string name = path_.empty() ? key : path_ + "." + key;
  // Keys come from the file; a message stays on one line whatever they hold.
  std::replace_if(name.begin(), name.end(), is_control, '?');
  if (name.size() > kLongestName) name = name.substr(0, kLongestName) + "...";
  return name;
}

void JsonObject::fail(const std::string& key, const std::string& message) const {
  throw ConfigError(place_, name_of(key) + ": " + message);
}

bool JsonObject::has(const std::string& key) const {
  const auto found = value_->find(key);
  return found != value_->end() && !found->is_null();
}

bool JsonObject::is_null(const std::string& key) const {
  const auto found = value_->find(key);
  return found != value_->end() && found->is_null();
}

const json& JsonObject::at(const std::string& key) const {
  if (!has(key)) fail(key, "missing");
  return value_->at(key);
}

JsonObject JsonObject::object(const std::string& key) const {
  return JsonObject(at(key), place_, name_of(key));
}

std::vector<JsonObject> JsonObject::objects(const std::string& key) const {
  const json& list = at(key);
  if (!list.is_array()) fail(key, "must be a list, found " + describe(list));
  std::vector<JsonObject> all;
  for (const json& item : list) {
    all.emplace_back(item, place_, fmt::format("{}[{}]", name_of(key), all.size()));
  }
  return all;
}

std::uint64_t JsonObject::integer(const std::string& key, std::uint64_t low,
                                  std::uint64_t high) const {
  if (!has(key)) fail(key, fmt::format("missing; an integer from {} to {} is expected", low, high));
  const json& value = at(key);
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (number >= low && number <= high) return number;
  }
  fail(key, fmt::format("must be an integer from {} to {}, found {}", low, high, describe(value)));
}

std::uint64_t JsonObject::integer(const std::string& key, std::uint64_t low, std::uint64_t high,
                                  std::uint64_t otherwise) const {
  return has(key) ? integer(key, low, high) : otherwise;
}

double JsonObject::number(const std::string& key, double low, double high) const {
  if (!has(key)) fail(key, fmt::format("missing; a number from {} to {} is expected", low, high));
  const json& value = at(key);
  if (value.is_number()) {
    const auto number = value.get<double>();
    if (std::isfinite(number) && number >= low && number <= high) return number;
  }
  fail(key, fmt::format("must be a number from {} to {}, found {}", low, high, describe(value)));
}

double JsonObject::number(const std::string& key, double low, double high, double otherwise) const {
  return has(key) ? number(key, low, high) : otherwise;
}

bool JsonObject::boolean(const std::string& key, bool otherwise) const {
  if (!has(key)) return otherwise;
  if (!at(key).is_boolean()) fail(key, "must be true or false, found " + describe(at(key)));
  return at(key).get<bool>();
}

std::string JsonObject::text(const std::string& key) const {
  if (!at(key).is_string()) fail(key, "must be a string, found " + describe(at(key)));
  return at(key).get<std::string>();
}

std::string JsonObject::text(const std::string& key, const std::string& otherwise) const {
  return has(key) ? text(key) : otherwise;
}

}  // namespace aipu::load
