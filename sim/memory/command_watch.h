// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hw/hbm/command_checker.h"
#include "hw/hbm/config.h"
#include "sim/memory/command_log.h"
#include "tlm/hbm/controller.h"

namespace aipu::memory {

/// Writes a command log under its name only when it is complete: before that, and after an error,
/// there is no such file, or the one from before. Throws IoError when it cannot be written.
class CommandLogFile {
 public:
  CommandLogFile(const std::string& path, const hbm::Config& device);
  ~CommandLogFile();
  CommandLogFile(const CommandLogFile&) = delete;
  CommandLogFile& operator=(const CommandLogFile&) = delete;

  void write(const hbm::LoggedCommand& command) { writer_.write(command); }
  void finish();

 private:
  const std::string path_;
  const std::string temporary_;
  CommandLogWriter writer_;
  bool finished_ = false;
};

/// What watches the commands of one pseudo-channel: a log, a checker, both.
class CommandWatch : public hbm::CommandSink {
 public:
  /// `log` may be null; it outlives the object.
  CommandWatch(const hbm::Config& device, CommandLogFile* log, bool check);
  void command(const hbm::LoggedCommand& command) override;
  /// What broke a rule, when nothing more is sent up to `end`; empty without a checker.
  const std::vector<hbm::Violation>& finish(hbm::Tick end);

 private:
  CommandLogFile* const log_;
  std::unique_ptr<hbm::CommandChecker> checker_;
  const std::vector<hbm::Violation> none_;
};

}  // namespace aipu::memory
