// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace aipu::load {

/// The bytes of a file; IoError when it cannot be read.
std::string read_text(const std::string& path);

/// What to do with a key that appears twice in one object.
enum class RepeatedKeys { kLastWins, kRefuse };

/// Parses JSON; a syntax error becomes a ConfigError `place:line:column` with the byte position.
nlohmann::json parse_json(std::string_view text, const std::string& place,
                          RepeatedKeys repeated = RepeatedKeys::kLastWins);

/// A short rendering of a value for messages.
std::string describe(const nlohmann::json& value);

/// Typed access to the keys of one JSON object with one-line errors `place: path.key: ...`.
///
/// The object must outlive the view. A key that is absent or null counts as not given.
class JsonObject {
 public:
  /// `path` is where the object sits in the file, empty for the whole.
  JsonObject(const nlohmann::json& value, std::string place, std::string path = {});

  const std::string& place() const { return place_; }
  bool has(const std::string& key) const;
  bool is_null(const std::string& key) const;                     ///< given, as null
  const nlohmann::json& at(const std::string& key) const;         ///< must be given
  JsonObject object(const std::string& key) const;                ///< must be given and an object
  std::vector<JsonObject> objects(const std::string& key) const;  ///< must be a list of objects

  std::uint64_t integer(const std::string& key, std::uint64_t low, std::uint64_t high) const;
  std::uint64_t integer(const std::string& key, std::uint64_t low, std::uint64_t high,
                        std::uint64_t otherwise) const;
  double number(const std::string& key, double low, double high) const;
  double number(const std::string& key, double low, double high, double otherwise) const;
  bool boolean(const std::string& key, bool otherwise) const;
  std::string text(const std::string& key) const;
  std::string text(const std::string& key, const std::string& otherwise) const;

  /// A ConfigError about this key.
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;

 private:
  std::string name_of(const std::string& key) const;

  const nlohmann::json* value_;
  std::string place_;
  std::string path_;
};

}  // namespace aipu::load
