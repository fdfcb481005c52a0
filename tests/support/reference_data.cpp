// SPDX-License-Identifier: Apache-2.0
#include "tests/support/reference_data.h"

#include <filesystem>
#include <fstream>

namespace aipu::test {
namespace {

/// Words between commas; quotes keep commas together.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      words.emplace_back();
    } else if (c != '\r') {
      words.back() += c;
    }
  }
  return words;
}

}  // namespace

bool have_reference_data() {
  return std::filesystem::exists(AIPU_REFERENCE_DIR);
}

std::string reference_path(const std::string& path) {
  return AIPU_REFERENCE_DIR "/" + path;
}

std::vector<CsvRow> reference_table(const std::string& path) {
  std::vector<CsvRow> rows;
  std::ifstream in(reference_path(path));
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> columns = split(line);
  while (std::getline(in, line)) {
    const std::vector<std::string> words = split(line);
    CsvRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i)
      row.fields[columns[i]] = i < words.size() ? words[i] : "";
  }
  return rows;
}

}  // namespace aipu::test
