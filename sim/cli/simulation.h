// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/cli/progress.h"
#include "sim/cli/setup.h"
#include "sim/platform/platform.h"
#include "sim/profile/request.h"
#include "sim/report/layer_clock.h"
#include "sim/report/run_folder.h"
#include "sim/report/run_record.h"
#include "sim/workload/jobs.h"

namespace aipu::cli {

/// What a job reads from memory.
struct Inputs {
  std::vector<load::TokenId> prompt, last_ids;
  const workload::WeightSource* weights = nullptr;  ///< null: timing-only
};

/// Keeps an interrupt until the platform listens, from before the run folder is made: whoever is
/// interrupted finds a folder that says so, or none.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  bool interrupted() const;

 private:
  void (*previous_)(int);
};

/// A job on a machine: placed and lowered first, which throws what cannot be, then run.
class Simulation {
 public:
  Simulation(const Setup& setup, workload::Job job);

  /// What run() follows.
  void profile(const profile::Request& request) { profile_ = request; }
  /// Runs it; `on_mail` gets every word that firmware mails.
  void run(const Inputs& inputs, report::RunFolder& folder, Progress& progress,
           const std::function<void(std::uint32_t)>& on_mail);
  /// From a callback: ends the run as good.
  void stop();

  std::uint64_t layers_to_mark() const;
  /// Puts what profile() asked for into the folder; `command` made it.
  void write_profile(const std::string& command, const report::RunFolder& folder);
  /// Puts how it ended and what it cost into the record.
  void record(report::RunRecord& record) const;

 private:
  void load(const Inputs& inputs);
  void open_debugger(report::RunFolder& folder, Progress& progress);
  void mark(std::uint32_t aipu, const platform::Reached& reached, Progress& progress);

  const InterruptGuard guard_;
  const Setup& setup_;
  const workload::Job job_;
  const workload::Machine machine_;
  std::vector<workload::Placement> placements_;
  std::vector<workload::Program> programs_;
  workload::Cost expected_, whole_cost_;
  profile::Request profile_;
  bool stopped_ = false;
  report::LayerClock clock_;
  std::unique_ptr<platform::Platform> platform_;
  platform::Ending ending_;
  report::Snapshot final_;
};

/// Writes the files of the run folder and prints verdict or JSON; returns the exit code.
ExitCode finish_run(const Arguments& arguments, const report::RunRecord& record,
                    report::RunFolder& folder, const std::vector<std::string>& next_commands);

}  // namespace aipu::cli
