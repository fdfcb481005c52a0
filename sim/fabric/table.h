// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace aipu::fabric {

/// The lines of a text file, without comments (from `#`) and empty lines.
class Table {
 public:
  /// Throws IoError for a file that cannot be read.
  explicit Table(const std::string& path);

  /// Replaces `line` by the next one; false at the end.
  bool next(std::string& line);
  const std::string& path() const { return path_; }
  /// Throws a ConfigError about the line that next() gave last.
  [[noreturn]] void fail(const std::string& message) const;

 private:
  const std::string path_;
  std::ifstream in_;
  std::uint64_t line_ = 0;
};

/// What stands between the separators; one more than there are of these.
std::vector<std::string> split(const std::string& text, char separator);
/// What stands between the commas, without blanks around it.
std::vector<std::string> fields(const std::string& line);
/// What stands between blanks, commas and semicolons.
std::vector<std::string> words(const std::string& line);

/// "hotspot:3": the word before the first colon, and what follows.
struct KindName {
  std::string kind;
  std::string rest;
};
KindName kind_name(const std::string& text);

/// Nothing for a text that is no whole number, or none of 64 bits.
std::optional<std::uint64_t> whole_number(const std::string& text);
/// Nothing for a text that is no finite decimal number.
std::optional<double> decimal(const std::string& text);
/// What a message may show of a user's word.
std::string shown(std::string word);

}  // namespace aipu::fabric
