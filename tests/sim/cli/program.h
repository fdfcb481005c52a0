// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/tiny_model.h"

namespace aipu::test {

/// What one start of the program left behind.
struct Outcome {
  int code = -1;  ///< exit code; 128 + signal where one ended it
  std::string out, err;

  nlohmann::json json() const { return nlohmann::json::parse(out); }
};

/// Ctrl-C, so long after a file of the working folder is there and not empty.
struct Interrupt {
  std::string when = {};  ///< empty: never
  std::chrono::milliseconds after{0};
};

/// Starts the built program in a folder of its own.
class ProgramTest : public testing::Test {
 protected:
  Outcome run(const std::vector<std::string>& arguments, const Interrupt& interrupt = {}) const;

  /// One line on stderr that holds `part`, nothing on stdout.
  static void expect_refused(const Outcome& result, int code, const std::string& part);
  /// The same of a start, after which there is no file but those in `kept`.
  void expect_refused(const std::vector<std::string>& arguments, int code, const std::string& part,
                      const std::vector<std::string>& kept = {}) const;

  std::string file(const std::string& name) const { return folder_.file(name); }
  std::string read(const std::string& name) const { return read_file(file(name)); }
  bool exists(const std::string& name) const;
  /// Names in the working folder, sorted.
  std::vector<std::string> listing() const;

 private:
  TempDir folder_;
};

/// The smallest run there is.
inline std::vector<std::string> small_run(const std::vector<std::string>& more = {}) {
  std::vector<std::string> words{"run", "--model", "stories260k", "--aipus", "1", "--context", "8"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

}  // namespace aipu::test
