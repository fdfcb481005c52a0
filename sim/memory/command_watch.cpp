// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/command_watch.h"

#include <filesystem>

#include "hw/base/error.h"

namespace aipu::memory {
namespace {

namespace fs = std::filesystem;

/// Beside the file, so that renaming it is one step.
std::string temporary_of(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) throw IoError(path, "is a directory, a file is expected");
  return path + ".tmp";
}

}  // namespace

CommandLogFile::CommandLogFile(const std::string& path, const hbm::Config& device)
    : path_(path),
      temporary_(temporary_of(path)),
      writer_(temporary_, hbm::ticks_per_ck(device), device.stack_ids) {}

CommandLogFile::~CommandLogFile() {
  std::error_code ignored;
  if (!finished_) fs::remove(temporary_, ignored);
}

void CommandLogFile::finish() {
  writer_.close();
  std::error_code error;
  fs::rename(temporary_, path_, error);
  if (error) throw IoError(path_, "cannot be written: " + error.message());
  finished_ = true;
}

CommandWatch::CommandWatch(const hbm::Config& device, CommandLogFile* log, bool check)
    : log_(log), checker_(check ? std::make_unique<hbm::CommandChecker>(device) : nullptr) {}

void CommandWatch::command(const hbm::LoggedCommand& command) {
  if (log_ != nullptr) log_->write(command);
  if (checker_ != nullptr) checker_->check(command);
}

const std::vector<hbm::Violation>& CommandWatch::finish(hbm::Tick end) {
  if (checker_ == nullptr) return none_;
  checker_->finish(end);
  return checker_->violations();
}

}  // namespace aipu::memory
