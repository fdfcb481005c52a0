// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/config/load.h"
#include "sim/cosim/switch_maker.h"
#include "sim/platform/platform.h"

namespace aipu::test {

/// Two layers of stories260K.
load::ModelConfig small_model();

/// A small Llama through real firmware on a board: what the system tests vary.
struct ModelRun {
  load::ModelConfig model = small_model();
  workload::Plan plan;
  std::string format = "fp32";
  bool functional = false;
  std::uint32_t cores = 8;
  std::uint32_t prompt = 5;           ///< rows of one prefill pass; 0: none
  std::uint32_t decodes = 2;          ///< passes after it
  std::uint32_t sequences = 1;        ///< rows of a decode pass (with more than one, no prefill)
  std::vector<std::string> settings;  ///< further overrides of the configuration
  cosim::SwitchMaker::Run rtl = {};   ///< as platform::Platform
  profile::Request profile = {};      ///< what is followed, if it is on
};

workload::Job job_of(const ModelRun& run);
config::Board board_of(const ModelRun& run);
workload::Machine machine_of(const config::Board& board);

/// A run that has been loaded. Token ids come from the prompt buffer in every pass, so that nothing
/// depends on data.
class LoadedRun {
 public:
  explicit LoadedRun(const ModelRun& run);

  platform::Ending run() { return platform_.run(); }
  const platform::Platform& platform() const { return platform_; }
  profile::Result profile() { return platform_.profile_result(); }
  const workload::Job& job() const { return job_; }
  const std::vector<workload::Placement>& placements() const { return placements_; }
  const std::vector<workload::Program>& programs() const { return programs_; }
  const std::string& console() const { return console_; }

  /// Sum of a counter over all models whose name ends in `suffix`.
  std::uint64_t total(const std::string& suffix, const std::string& counter) const;

 private:
  std::string console_;
  workload::Job job_;
  platform::Platform platform_;
  std::vector<workload::Placement> placements_;
  std::vector<workload::Program> programs_;
};

/// Everything observable after a run, as text: ending, console, every counter and time share.
std::string dump(const platform::Ending& ending, const LoadedRun& run);

/// Loads, runs and dumps.
std::string run_and_dump(const ModelRun& run);

/// The lines in which two dumps differ, at most a few.
std::string difference(const std::string& a, const std::string& b);

}  // namespace aipu::test
