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
#include "sim/workload/cost.h"
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
  std::uint64_t flops = 0;      ///< useful, of the whole step: no padding, nothing computed twice
  std::uint64_t hbm_bytes = 0;  ///< of the whole step, all AIPUs
  workload::Cost cost;          ///< closed forms of the whole step, all AIPUs
  workload::Cost expected;      ///< of the part that was simulated, when it ran to its end
  bool whole = false;           ///< it did
  std::uint64_t counted_bytes = 0, counted_flops = 0;  ///< what the models counted there
  Snapshot step;  ///< of the whole step, layers that were not simulated included

  std::vector<LayerClock::LayerTime> layers;
  std::uint32_t simulated_layers = 0;
  double layer_s = 0;       ///< of a layer that stands for those not simulated
  double uncertainty = -1;  ///< of layer_s, as a part of it; negative: unknown

  std::vector<load::TokenId> ids;  ///< generate: every id after BOS, prompt first
  std::string text;

  double step_s() const { return static_cast<double>(step_ps) * 1e-12; }
  /// Useful FLOPs over what the tensor engines of all AIPUs could do in the time of the step.
  double mfu() const;
  /// No machine with these peaks could do the step faster.
  double hbm_bound_s() const;
  double tensor_bound_s() const;
  /// What extrapolation may be off by, as a part of the step; negative: unknown.
  double step_uncertainty() const;
  bool extrapolated() const { return simulated_layers != model.layers; }
};

/// Products and sums per second of one AIPU's tensor engines, in the operand format of the run.
double peak_flops(const config::Chip& chip, DType operand);

}  // namespace aipu::report
