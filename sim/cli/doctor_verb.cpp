// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <boost/version.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <iostream>
#include <memory>
#include <string>
#include <systemc>

#include "sim/cli/verbs.h"

namespace aipu::cli {
namespace {

/// A tool that the project uses beside the program itself.
struct Tool {
  const char* what;
  const char* command;  ///< prints a version on its first line
  const char* package;  ///< of Debian 12
  bool needed;          ///< to build and run
};

constexpr std::array<Tool, 9> kTools{{
    {"C++ compiler", "c++ --version", "g++", true},
    {"CMake", "cmake --version", "cmake", true},
    {"Ninja", "ninja --version", "ninja-build", true},
    {"compiler cache", "ccache --version", "ccache", false},
    {"firmware compiler", "riscv64-unknown-elf-gcc --version", "gcc-riscv64-unknown-elf", true},
    {"firmware debugger", "gdb-multiarch --version", "gdb-multiarch", false},
    {"Python", "python3 --version", "python3", true},
    {"clang-format", "clang-format-14 --version", "clang-format-14", false},
    {"Verilator", "verilator --version", "verilator", false},
}};

/// The first line that a command prints, or nothing where it cannot be run.
std::string first_line(const std::string& command) {
  const auto close = [](FILE* file) { pclose(file); };
  const std::unique_ptr<FILE, decltype(close)> pipe(popen((command + " 2>/dev/null").c_str(), "r"),
                                                    close);
  if (!pipe) return {};
  std::string text;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get()))
    text.push_back(static_cast<char>(c));
  return text.substr(0, text.find('\n'));
}

void line(const char* what, const std::string& text) {
  std::cout << fmt::format("  {:<20} {}\n", what, text);
}

ExitCode doctor(const Arguments&) {
  std::cout << "Built with\n";
  line("hc1000", AIPU_VERSION);
  line("compiler", __VERSION__);
  line("SystemC", sc_core::sc_version());
  line("Boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                            BOOST_VERSION % 100));
  std::cout << "Found here\n";
  std::string missing, wanted;
  for (const Tool& tool : kTools) {
    const std::string version = first_line(tool.command);
    line(tool.what, version.empty()
                        ? fmt::format("missing ({})", tool.needed ? "needed" : "optional")
                        : version);
    if (version.empty()) (tool.needed ? missing : wanted) += std::string(" ") + tool.package;
  }
  if (!wanted.empty()) std::cout << "Optional: apt-get install" << wanted << "\n";
  if (!missing.empty()) std::cout << "Missing: apt-get install" << missing << "\n";
  if (missing.empty()) std::cout << "Nothing that is needed is missing.\n";
  return missing.empty() ? ExitCode::kGood : ExitCode::kCheckFailed;
}

}  // namespace

Verb doctor_verb() {
  return {{"doctor",
           "lists the tools found and what is missing",
           "",
           false,
           {},
           {"hc1000 doctor", "hc1000 --version"}},
          doctor};
}

}  // namespace aipu::cli
