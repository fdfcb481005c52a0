// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

#include "hw/base/error.h"
#include "sim/debug/options.h"
#include "sim/debug/server.h"
#include "sim/debug/session.h"
#include "sim/platform/debug_target.h"

namespace aipu::platform {

/// A debugger on a running board: its port, and when the board stops for it.
///
/// A hart that halts serves the debugger from inside its own process, so simulated time and the
/// order of events are those of a run without a debugger.
class Debugger {
 public:
  using Say = debug::Session::Say;

  Debugger(board::Board& board, const Symbols& symbols, std::function<std::string()> hang,
           const debug::Options& options, debug::Session::Interrupted interrupted, Say say);

  /// Waits for the debugger and serves it until it lets the board run.
  void attach();
  void poll() { session_.poll(); }
  bool killed() const { return session_.killed(); }
  void ended(ExitCode code) { session_.ended(static_cast<unsigned>(code)); }

  // What stops where the user asked for a break on faults; else nothing.
  void engine_fault(CoreId core, const std::string& text);
  void hart_fault(CoreId core, const std::string& text);
  void hang(const std::string& text);

 private:
  void halted(std::size_t hart);
  void stop(const debug::Stop& stop);

  const debug::Options options_;
  const Say say_;
  DebugTarget target_;
  debug::Server server_;
  debug::Session session_;
  std::map<std::size_t, debug::Stop> requested_;  ///< halts that were asked for, by hart
};

}  // namespace aipu::platform
