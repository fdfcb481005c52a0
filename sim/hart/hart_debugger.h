// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>

#include "hw/base/error.h"
#include "sim/debug/options.h"
#include "sim/debug/server.h"
#include "sim/debug/session.h"
#include "sim/hart/bare_machine.h"

namespace aipu {

/// The bare hart as a debugger sees it, and the debugger's port.
template <typename U>
class HartDebugger : public Attendant, private debug::Target {
 public:
  using End = typename BareMachine<U>::End;

  /// Opens the port; `err` is told what happens there.
  HartDebugger(BareMachine<U>& machine, const debug::Options& options, std::ostream& err);

  /// Waits for the debugger, before the first instruction. False: the run is not to begin.
  bool wait();
  /// The machine cannot go on: stops there where the user asked for it.
  void failed(End end);
  void ended(ExitCode code) { session_.ended(static_cast<unsigned>(code)); }

  bool halted() override;
  bool poll() override;

 private:
  unsigned xlen() const override { return 8 * sizeof(U); }
  std::size_t harts() const override { return 1; }
  std::string name(std::size_t) const override { return "hart"; }
  std::string activity(std::size_t) const override;
  std::optional<std::uint64_t> read_register(std::size_t, unsigned number) override;
  bool write_register(std::size_t, unsigned number, std::uint64_t value) override;
  std::uint64_t read_memory(std::size_t, std::uint64_t address, std::uint8_t* data,
                            std::uint64_t bytes) override;
  bool write_memory(std::size_t, std::uint64_t address, const std::uint8_t* data,
                    std::uint64_t bytes) override;
  void set_breakpoints(const std::set<std::uint64_t>& points, std::size_t) override;
  void pass_breakpoint(std::size_t, bool passes) override {
    machine_.core().pass_breakpoint(passes);
  }
  void set_watches(const std::vector<cpu::WatchRange>& watches) override;
  void step(std::size_t) override { machine_.core().step_once(); }
  void attach() override;
  void release() override;
  std::optional<std::string> monitor(std::size_t, const std::vector<std::string>& words) override;

  BareMachine<U>& machine_;
  const debug::Options options_;
  std::ostream& err_;
  debug::Server server_;
  debug::Session session_;
  std::vector<cpu::WatchRange> watches_;
  const char* activity_ = "running";
};

extern template class HartDebugger<std::uint32_t>;
extern template class HartDebugger<std::uint64_t>;

}  // namespace aipu
