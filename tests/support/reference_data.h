// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace aipu::test {

/// Whether the reference data, measurements of others, lie beside the project.
bool have_reference_data();
/// A file or folder of them, there or not.
std::string reference_path(const std::string& path);

/// A line of a table of measurements: text by the name of its column.
struct CsvRow {
  std::map<std::string, std::string> fields;

  const std::string& text(const std::string& column) const { return fields.at(column); }
  double number(const std::string& column) const { return std::stod(text(column)); }
  bool has(const std::string& column) const { return !text(column).empty(); }
};
/// The lines of a table of the reference data with their columns; none without the file.
std::vector<CsvRow> reference_table(const std::string& path);

}  // namespace aipu::test

/// Tests against the reference data run only where it lies beside the project; a part of it that is
/// missing fails them.
#define AIPU_NEEDS_REFERENCE()                                                   \
  if (!::aipu::test::have_reference_data()) {                                    \
    GTEST_SKIP() << "no reference data at " << ::aipu::test::reference_path(""); \
  }                                                                              \
  static_assert(true, "")
