// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aipu::debug {

/// A line to at most one debugger at a time.
class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel() = default;

  /// Whether a debugger is there, after waiting for one so long at most.
  virtual bool connect(int milliseconds) = 0;
  /// What came in, after waiting for something so long at most; nothing where the line is closed.
  virtual std::optional<std::string> read(int milliseconds) = 0;
  /// A line that breaks is noticed by the next read().
  virtual void write(std::string_view text) = 0;
  virtual void close() = 0;
};

}  // namespace aipu::debug
