// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace aipu {

/// Exit codes of the program (architecture section 8), in one place.
enum class ExitCode : int {
  kGood = 0,
  kCheckFailed = 1,  ///< golden or diff mismatch, firmware fault or non-zero firmware exit
  kUsage = 2,        ///< command line or configuration
  kLimit = 3,        ///< deadlock, time or instruction limit
  kIo = 4,           ///< a file that cannot be read or written
  kInterrupted = 130,
};

/// A mistake of the user's: one line saying what, where, and what would be valid.
class UserError : public std::runtime_error {
 public:
  UserError(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// A configuration mistake; `place` is `file:line:column` where it is known.
class ConfigError : public UserError {
 public:
  ConfigError(const std::string& place, const std::string& message)
      : UserError(ExitCode::kUsage, place.empty() ? message : place + ": " + message) {}
};

/// A file that is missing, truncated, unreadable or cannot be written.
class IoError : public UserError {
 public:
  IoError(const std::string& path, const std::string& message)
      : UserError(ExitCode::kIo, path + ": " + message) {}
};

}  // namespace aipu
