// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "hw/config/board.h"
#include "sim/cli/arguments.h"
#include "sim/cli/console_options.h"
#include "sim/cosim/switch_maker.h"
#include "sim/debug/options.h"
#include "sim/load/model_config.h"
#include "sim/platform/firmware_image.h"
#include "sim/workload/job.h"

namespace aipu::cli {

/// What `run` and `generate` have in common: the machine, and the model as it is spread over it.
struct Setup {
  config::Board board;
  load::ModelConfig model;
  workload::Plan plan;
  std::string dtype;
  workload::Formats formats;
  platform::FirmwareImage firmware;
  cosim::SwitchMaker::Run rtl;
  debug::Options debug;
  ConsoleFilter console;

  workload::Machine machine() const;
};

/// The options that read_setup() reads, and those of the run folder.
std::vector<Option> machine_options(const char* dtypes, const char* dtype);

/// Checks configuration, plan and format against each other; `model` is checked already.
Setup read_setup(const Arguments& arguments, const load::ModelConfig& model,
                 const std::vector<std::string>& dtypes, config::DataMode data);

}  // namespace aipu::cli
