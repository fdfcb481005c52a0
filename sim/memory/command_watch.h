// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "hw/hbm/command_checker.h"
#include "hw/hbm/config.h"
#include "sim/memory/command_log.h"
#include "sim/memory/new_file.h"
#include "tlm/hbm/controller.h"

namespace aipu::memory {

/// A command log that is there as a whole or not at all (NewFile). Throws IoError when it cannot be
/// begun; what goes wrong later is thrown by finish(), for commands may come out of a SystemC
/// kernel.
class CommandLogFile {
 public:
  CommandLogFile(const std::string& path, const hbm::Config& device);

  void write(const hbm::LoggedCommand& command);
  void finish();

 private:
  NewFile file_;
  CommandLogWriter writer_;
  std::exception_ptr failure_;
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
