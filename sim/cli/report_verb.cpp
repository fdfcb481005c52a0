// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>

#include "sim/cli/verbs.h"
#include "sim/profile/digest.h"
#include "sim/profile/profile_file.h"

namespace aipu::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kUsualLines = 12;
constexpr std::uint64_t kMostLines = 1'000'000;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw IoError(path, "cannot be read");
  return text;
}

void report_firmware(const Arguments& arguments, const std::string& folder) {
  const std::string path = folder + "/" + profile::kProfileFile;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    throw ConfigError(folder, "has no profile.json; repeat its run with --profile to make one");
  }
  const auto top = static_cast<std::size_t>(
      arguments.given("top") ? arguments.count("top", 1, kMostLines) : kUsualLines);
  const std::string cores = arguments.given("core") ? arguments.text("core") : "*";
  const auto digest = profile::digest(profile::parse_profile(read_file(path), path), cores);
  if (arguments.flag("json")) {
    std::cout << profile::digest_json(digest, top);
  } else {
    profile::print_digest(std::cout, digest, top);
  }
}

/// A part of the report, chosen by its option.
struct Section {
  const char* option;
  void (*print)(const Arguments& arguments, const std::string& folder);
};
constexpr Section kSections[] = {{"firmware", report_firmware}};

ExitCode report(const Arguments& arguments) {
  const std::string folder = arguments.text("positional");
  const Section* chosen = nullptr;
  for (const Section& section : kSections) {
    if (arguments.flag(section.option)) chosen = &section;
  }
  if (chosen == nullptr) {
    throw UsageError(arguments.verb(), fmt::format("say of what: --{}", kSections[0].option));
  }
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) throw ConfigError(folder, "is no run folder");
  chosen->print(arguments, folder);
  return ExitCode::kGood;
}

}  // namespace

Verb report_verb() {
  using Kind = Option::Kind;
  return {{"report",
           "shows what a run folder holds",
           "RUN_FOLDER",
           true,
           {{"firmware", "",
             "hot functions, waits, engines, overlap, hart-bound phases and regions of a run made "
             "with --profile",
             "", Kind::kFlag},
            {"core", "GLOB", "cores taken together, as 'aipu0.core*' (default: all)"},
            {"top", "N", "lines of each list (default 12)"},
            {"json", "", "the same numbers as JSON", "", Kind::kFlag}},
           {"hc1000 report --firmware runs/run-0001",
            "hc1000 report --firmware runs/run-0001 --core 'aipu0.core3' --top 5",
            "hc1000 report --firmware runs/run-0001 --json"}},
          report};
}

}  // namespace aipu::cli
