// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hw/base/error.h"
#include "hw/config/board.h"
#include "sim/load/model_config.h"
#include "sim/report/layer_clock.h"
#include "sim/report/snapshot.h"
#include "sim/workload/plan.h"

namespace aipu::report {

/// What a run did, as the command saw it: everything that summary.json and the verdict are made of.
struct RunRecord {
  std::string verb, command;
  config::Board board;
  load::ModelConfig model;  ///< the whole one
  workload::Plan plan;
  std::string dtype;
  std::string phase;  ///< "decode", "prefill" or "generate"
  std::uint32_t batch = 1, context = 0;
  std::string token_source;  ///< where ids came from

  ExitCode ending = ExitCode::kGood;
  std::string failure;  ///< empty when good
  std::uint64_t simulated_ps = 0;
  std::uint64_t step_ps = 0;    ///< of the whole step, or of the whole generation
  double time_per_token_s = 0;  ///< as the phase defines it; 0: unknown
  double tokens_per_s = 0;
  double flops = 0;      ///< useful, of the whole step
  double hbm_bytes = 0;  ///< of the whole step, all AIPUs
  Snapshot step;         ///< of the whole step, layers that were not simulated included

  std::vector<LayerClock::LayerTime> layers;
  std::uint32_t simulated_layers = 0;
  double layer_s = 0, unsteadiness = -1;

  std::vector<load::TokenId> ids;  ///< generate: every id after BOS, prompt first
  std::string text;

  double step_s() const { return static_cast<double>(step_ps) * 1e-12; }
  /// Useful FLOPs over what the tensor engines of all AIPUs could do in the time of the step.
  double mfu() const;
  bool extrapolated() const { return simulated_layers != model.layers; }
};

/// Products and sums per second of one AIPU's tensor engines, in the operand format of the run.
double peak_flops(const config::Chip& chip, DType operand);

}  // namespace aipu::report
