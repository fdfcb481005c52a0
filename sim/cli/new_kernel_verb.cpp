// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <set>

#include "sim/cli/kernel_template.h"
#include "sim/cli/verbs.h"

namespace aipu::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlaceholder = "kernel_name";

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string with_name(const std::string& text, const std::string& name) {
  return replaced(replaced(text, kPlaceholder, name), upper(kPlaceholder), upper(name));
}

/// Names that a C program cannot have, or that the skeleton uses itself.
const std::set<std::string>& taken_names() {
  static const std::set<std::string> names{
      "auto",     "break",   "case",    "char",     "const",  "continue",      "default",
      "do",       "double",  "else",    "enum",     "extern", "float",         "for",
      "goto",     "if",      "inline",  "int",      "long",   "main",          "register",
      "restrict", "return",  "short",   "signed",   "sizeof", "static",        "struct",
      "switch",   "typedef", "union",   "unsigned", "void",   "volatile",      "while",
      "add",      "sum",     "rt",      "all",      "clean",  "test_commands", "test_numbers",
      "hc1000",   "test",    "install", "help"};
  return names;
}

void check_name(const Arguments& arguments, const std::string& name) {
  const auto letter = [](unsigned char c) { return std::islower(c) != 0 || c == '_'; };
  const bool identifier =
      !name.empty() && std::islower(static_cast<unsigned char>(name.front())) != 0 &&
      std::all_of(name.begin(), name.end(),
                  [&](unsigned char c) { return letter(c) || std::isdigit(c) != 0; });
  if (identifier && taken_names().count(name) == 0) return;
  throw UsageError(arguments.verb(),
                   fmt::format("'{}' cannot name a kernel; valid: a C identifier of lower-case "
                               "letters, digits and _ that begins with a letter and is no keyword",
                               name));
}

/// Written only where nothing is: another process may have been faster.
void write_new(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();
  if (!file) throw IoError(path.string(), "cannot be written");
}

ExitCode new_kernel(const Arguments& arguments) {
  const std::string name = arguments.text("positional");
  check_name(arguments, name);
  const fs::path folder = arguments.given("directory") ? arguments.text("directory") : name;
  std::vector<std::pair<fs::path, std::string>> files;
  for (const TemplateFile& file : kernel_template())
    files.emplace_back(folder / with_name(file.name, name), with_name(file.text, name));
  std::error_code error;
  for (const auto& [path, text] : files) {
    if (fs::exists(fs::symlink_status(path, error)))
      throw ConfigError(path.string(), "exists already and is not overwritten");
  }
  fs::create_directories(folder, error);
  if (error) throw IoError(folder.string(), "cannot create the folder: " + error.message());
  for (const auto& [path, text] : files) {
    write_new(path, text);
    std::cout << path.string() << "\n";
  }
  const std::string shown = folder.string();
  std::cout << fmt::format(
      "Next:\n  cmake -S {0} -B {0}/build && cmake --build {0}/build\n"
      "  ctest --test-dir {0}/build --output-on-failure\n",
      shown);
  return ExitCode::kGood;
}

}  // namespace

Verb new_kernel_verb() {
  return {{"new-kernel",
           "writes the skeleton of a kernel of your own, with its tests",
           "NAME",
           true,
           {{"directory", "DIR", "where (default: a folder of that name)"}},
           {"hc1000 new-kernel scale", "hc1000 new-kernel scale --directory kernels/scale"}},
          new_kernel};
}

}  // namespace aipu::cli
