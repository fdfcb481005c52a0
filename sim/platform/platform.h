// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hw/base/error.h"
#include "hw/config/board.h"
#include "sim/cosim/switch_maker.h"
#include "sim/platform/debugger.h"
#include "sim/platform/firmware_image.h"
#include "sim/platform/semihost_port.h"
#include "sim/platform/symbols.h"
#include "sim/platform/watch.h"
#include "sim/profile/collector.h"
#include "sim/workload/image.h"
#include "tlm/board/board.h"
#include "tlm/core/host_port.h"

namespace aipu::platform {

/// What the caller wants to hear while a run goes on. Every member may be empty.
struct Listener {
  std::function<void(const std::string& line)> console;  ///< complete, with time and hart
  /// The same lines with the name of their hart, as aipu0.core3: for who shows some of them.
  std::function<void(const std::string& hart, const std::string& line)> hart_console;
  /// Of a mistake that does not end the run, once for each command of a hart's program.
  std::function<void(const std::string& text)> warning;
  std::function<void(std::uint32_t word)> mail;  ///< of any core, in order of time
  std::function<void(std::uint32_t aipu, const Reached&)> mark;
  std::function<void(CoreId core, std::uint32_t code)> exit;  ///< of every hart that ends itself
  /// About ten times a second of host time.
  std::function<void(std::uint64_t now_ps)> progress;
};

/// How a run ended.
struct Ending {
  ExitCode code = ExitCode::kGood;
  std::string report;            ///< empty when good; else what happened, several lines
  std::uint64_t elapsed_ps = 0;  ///< last exit of a hart, or where the run stopped
};

/// A board with firmware and a program in it. One per process: SystemC has one simulation.
class Platform : private HostPort {
 public:
  /// `rtl`: of switches that are not plain TLM; a mismatch ends the run, whatever it says of that.
  Platform(const config::Board& config, const FirmwareImage& firmware, Listener listener,
           cosim::SwitchMaker::Run rtl = {});
  ~Platform() override;

  /// Loads the firmware of an AIPU and starts its harts, which find HBM as it is.
  void start(std::uint32_t aipu);
  /// Starts the first `cores` compute cores alone, with `registers` in a0 and following; the others
  /// and chip control stay stopped.
  void start_cores(std::uint32_t aipu, std::uint32_t cores,
                   const std::vector<std::uint32_t>& registers);
  /// Serves semihosting calls of every hart with files of this folder, from now on; without one it
  /// only says that nobody does. Throws IoError where there is no such folder.
  void serve_semihosting(const std::string& folder, const std::string& command_line);
  /// Puts the program of an AIPU into its HBM and starts its harts; the marks are followed on it.
  void load(std::uint32_t aipu, const workload::Job& job, const workload::Placement& place,
            const workload::Program& program, const std::vector<load::TokenId>& prompt,
            const std::vector<load::TokenId>& last_ids, const workload::WeightSource* weights);

  /// Opens a port for GDB: run() waits there before the first instruction, and stops as it asks.
  /// `say` gets the line that tells how to connect. Throws UserError where the port is taken.
  void debug(const debug::Options& options, Debugger::Say say);
  /// Follows harts, engines and markers from now on: before start() and load(). Throws ConfigError
  /// where the request names no core.
  void profile(const profile::Request& request);
  /// What was followed up to now; once, after run(). Only after profile().
  profile::Result profile_result() { return profile_->result(); }

  /// Runs until every hart has exited, or a fault, a hang, the time limit, stop() or an interrupt.
  Ending run();
  /// Ends the run after the present event, as good: from a callback.
  void stop();

  const board::Board& board() const { return *board_; }
  /// Those reached so far; of an AIPU with a program.
  const std::vector<Reached>& marks(std::uint32_t aipu) const {
    return watches_[aipu]->reached_marks();
  }
  const config::Board& config() const { return config_; }

 private:
  void console_line(CoreId core, const std::string& text) override;
  void mail(CoreId core, std::uint32_t word) override;
  void mark(CoreId core, std::uint32_t word) override;
  void exited(CoreId core, std::uint32_t code) override;
  void engine_fault(CoreId core, const Fault& fault) override;
  void engine_warning(CoreId core, const Fault& fault) override;
  void hart_fault(CoreId core, const std::string& text) override;

  void start_hart(std::uint32_t aipu, std::uint32_t core);
  void load_elf(std::uint32_t aipu, std::uint32_t core, const load::Elf& elf);
  void say(CoreId core, const std::string& text);
  void fail(const std::string& text);
  Ending run_to_end();
  Ending finish(ExitCode code, const std::string& report);
  std::string hang_report() const;

  const config::Board config_;
  const FirmwareImage firmware_;
  const Symbols symbols_;
  const Listener listener_;
  std::shared_ptr<cpu::CodeCache> core_code_, control_code_;
  std::unique_ptr<board::Board> board_;
  std::unique_ptr<profile::Collector> profile_;
  std::vector<std::unique_ptr<Watch>> watches_;
  std::vector<std::unique_ptr<SemihostPort>> semihosts_;
  std::uint32_t harts_running_ = 0;
  std::uint64_t last_exit_ = 0;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::string>
      faults_;                                     ///< latest of (AIPU, core)
  std::set<std::array<std::uint32_t, 3>> warned_;  ///< AIPU, core, pc
  std::string failure_;
  bool stopped_ = false;
  std::unique_ptr<Debugger> debugger_;  ///< null without --gdb
};

}  // namespace aipu::platform
