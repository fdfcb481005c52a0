// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "hw/hbm/command.h"

namespace aipu::memory {

// A command log is a text file: a line `cycle,cmd,bankgroup,bank,row,col`, then one for each
// command. A cycle is one of CK, `12.5` where row commands start at half ones; commands are spelled
// as in hbm::kCommandNames; fields that a command does not have are empty. Devices with stack ids
// have one more field, `stackid`, before `bankgroup`.

/// All commands of a log. Throws IoError for a file that cannot be read, and ConfigError
/// (`file:line: what is wrong and what would be valid`) for a line that is no command.
std::vector<hbm::LoggedCommand> read_command_log(const std::string& path, hbm::Tick ticks_per_ck);

/// Writes a log that read_command_log() returns unchanged. Throws IoError when the file cannot be
/// written.
class CommandLogWriter {
 public:
  CommandLogWriter(const std::string& path, hbm::Tick ticks_per_ck, std::uint32_t stack_ids);

  void write(const hbm::LoggedCommand& command);
  /// Ends the file. Without it what was written last may be lost, unreported.
  void close();

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void put(const std::string& line);

  const std::string path_;
  const hbm::Tick ticks_per_ck_;
  const bool stacks_;
  std::unique_ptr<std::FILE, Closer> file_;
};

}  // namespace aipu::memory
