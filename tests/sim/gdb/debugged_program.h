// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <sys/types.h>
#include <vector>

#include "tests/support/tiny_model.h"

namespace aipu::test {

/// The built program under a debugger: one start of it on a free port, in a folder of its own.
class DebuggedProgramTest : public testing::Test {
 protected:
  ~DebuggedProgramTest() override;

  /// Starts the program with `--gdb 0` behind these arguments; waits until it says its port.
  void start(std::vector<std::string> arguments);
  std::uint16_t port() const { return port_; }
  /// A batch session of gdb-multiarch with these commands, after connecting; its output.
  std::string gdb(const std::string& elf, const std::vector<std::string>& commands);
  /// The exit code of the program, which has to end within half a minute; 128 + signal where one
  /// ended it.
  int wait();
  void send_signal(int number);
  std::string out() const { return read_file(folder_.file("out")); }
  std::string err() const { return read_file(folder_.file("err")); }
  std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  TempDir folder_;
  ::pid_t child_ = -1;
  std::uint16_t port_ = 0;
};

/// A debugger of a few bytes: what gdb-multiarch would not do.
class RawDebugger {
 public:
  explicit RawDebugger(std::uint16_t port);
  ~RawDebugger();
  RawDebugger(const RawDebugger&) = delete;
  RawDebugger& operator=(const RawDebugger&) = delete;

  void send(const std::string& bytes);
  /// Sends a packet and returns the payload of the next one that comes.
  std::string ask(const std::string& payload);
  /// The payload of the next packet; empty where the line is closed or silent for ten seconds.
  std::string packet();
  void close();

 private:
  int line_ = -1;
};

}  // namespace aipu::test
