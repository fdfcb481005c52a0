// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sim/debug/channel.h"
#include "sim/debug/packet.h"
#include "sim/debug/stub.h"

namespace aipu::debug {

/// Keeps a debugger served: whenever the machine stops, and now and then while it runs.
///
/// A debugger that detaches, quits or loses its line leaves the machine running as if there had
/// been none; another one may connect then, which stops the machine.
class Session {
 public:
  /// Asked while waiting: whether the user wants the whole program to end.
  using Interrupted = std::function<bool()>;
  using Say = std::function<void(const std::string& line)>;

  Session(Target& target, Channel& channel, Interrupted interrupted, Say say);

  /// Waits for a debugger and serves it until it lets the machine run.
  void attach();
  /// The machine stands still: returns when it may go on. At once where there is no debugger.
  void stopped(const Stop& stop);
  /// Between two pieces of running: a debugger that wants to interrupt, that is new, or gone.
  void poll();
  /// The run is over: tells a debugger that waits.
  void ended(unsigned exit_code);

  bool attached() const { return attached_; }
  /// The debugger wants the program to end.
  bool killed() const { return killed_; }

 private:
  void welcome();
  bool interrupt_waits();
  void serve();
  void take(char c);
  void act(const Answer& answer);
  void send(std::string_view payload);
  void release(const char* why);

  Target& target_;
  Channel& channel_;
  const Interrupted interrupted_;
  const Say say_;
  Stub stub_;
  Receiver receiver_;
  std::string input_;  ///< came in behind the packet that let the machine run
  std::string last_line_;
  bool attached_ = false;
  bool serving_ = false;
  bool killed_ = false;
};

}  // namespace aipu::debug
