// SPDX-License-Identifier: Apache-2.0
#include "sim/fabric/table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>

#include "hw/base/error.h"

namespace aipu::fabric {
namespace {

constexpr const char* kBlanks = " \t\r";
constexpr std::size_t kShown = 40;  // characters of a word that is not what it should be

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(kBlanks);
  if (from == std::string::npos) return "";
  return text.substr(from, text.find_last_not_of(kBlanks) + 1 - from);
}

}  // namespace

Table::Table(const std::string& path) : path_(path) {
  if (!std::filesystem::is_directory(path)) in_.open(path, std::ios::binary);
  if (!in_.is_open()) throw IoError(path, "cannot be read");
}

bool Table::next(std::string& line) {
  while (std::getline(in_, line)) {
    ++line_;
    line = trimmed(line.substr(0, line.find('#')));
    if (!line.empty()) return true;
  }
  if (in_.bad()) throw IoError(path_, "cannot be read");
  return false;
}

void Table::fail(const std::string& message) const {
  throw ConfigError(fmt::format("{}:{}", path_, line_), message);
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> all;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(separator, from), text.size());
    all.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return all;
}

std::vector<std::string> fields(const std::string& line) {
  std::vector<std::string> all = split(line, ',');
  for (std::string& field : all)
    field = trimmed(field);
  return all;
}

KindName kind_name(const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  return {text.substr(0, colon), text.substr(std::min(colon + 1, text.size()))};
}

std::vector<std::string> words(const std::string& line) {
  constexpr const char* kSeparators = " \t\r,;";
  std::vector<std::string> all;
  std::size_t from = line.find_first_not_of(kSeparators);
  while (from != std::string::npos) {
    const std::size_t end = std::min(line.find_first_of(kSeparators, from), line.size());
    all.push_back(line.substr(from, end - from));
    from = line.find_first_not_of(kSeparators, end);
  }
  return all;
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

std::optional<double> decimal(const std::string& text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string shown(std::string word) {
  if (word.size() > kShown) word = word.substr(0, kShown) + "...";
  for (char& c : word) {
    if (static_cast<unsigned char>(c) < 0x20U || static_cast<unsigned char>(c) > 0x7EU) c = '?';
  }
  return word;
}

}  // namespace aipu::fabric
