// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/command_watch.h"

#include "hw/base/error.h"

namespace aipu::memory {

CommandLogFile::CommandLogFile(const std::string& path, const hbm::Config& device)
    : file_(path), writer_(file_.temporary(), hbm::ticks_per_ck(device), device.stack_ids) {}

void CommandLogFile::write(const hbm::LoggedCommand& command) {
  if (failure_ != nullptr) return;
  try {
    writer_.write(command);
  } catch (const IoError&) {
    failure_ = std::current_exception();
  }
}

void CommandLogFile::finish() {
  if (failure_ != nullptr) std::rethrow_exception(failure_);
  writer_.close();
  file_.finish();
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
