// SPDX-License-Identifier: Apache-2.0
#include "sim/report/run_folder.h"

#include <filesystem>
#include <fmt/format.h>
#include <system_error>

#include "hw/base/error.h"

namespace aipu::report {
namespace {

namespace fs = std::filesystem;

constexpr int kMostRuns = 10000;
constexpr const char* kFiles[] = {"summary.json", "console.log",  "config.resolved.yaml",
                                  "profile.json", "commands.csv", "trace.pftrace.gz"};

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw IoError(path, "cannot create the run folder: " + error.message());
}

/// Creates the first free runs/VERB-NNNN; creation decides, so that runs started together differ.
std::string fresh_folder(const std::string& verb) {
  make_folder("runs");
  for (int number = 1; number < kMostRuns; ++number) {
    std::string path = fmt::format("runs/{}-{:04}", verb, number);
    std::error_code error;
    if (fs::create_directory(path, error)) return path;
    if (error && error != std::errc::file_exists) {
      throw IoError(path, "cannot create the run folder: " + error.message());
    }
  }
  throw IoError("runs", fmt::format("{} runs are there already; move some away", kMostRuns - 1));
}

}  // namespace

RunFolder::RunFolder(const std::string& verb, const std::string& path, bool overwrite)
    : path_(path) {
  std::error_code ignored;
  if (path.empty()) {
    path_ = fresh_folder(verb);
  } else if (fs::exists(path, ignored)) {
    if (!fs::is_directory(path, ignored)) throw ConfigError(path, "exists and is no folder");
    if (!overwrite) throw ConfigError(path, "the run folder exists; --force overwrites it");
    for (const char* file : kFiles) {
      std::error_code error;
      fs::remove(path + "/" + file, error);
      if (error) throw IoError(path + "/" + file, error.message());
    }
  } else {
    make_folder(path);
  }
  const std::string log = path_ + "/console.log";
  console_.open(log);
  if (!console_) throw IoError(log, "cannot be written");
}

void RunFolder::write(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name, temporary = path + ".tmp";
  std::ofstream file(temporary, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) fs::rename(temporary, path, error);
  if (!file || error) {
    fs::remove(temporary, error);
    throw IoError(path, "cannot be written");
  }
}

void RunFolder::console(const std::string& line) {
  console_ << line << std::endl;
}

}  // namespace aipu::report
