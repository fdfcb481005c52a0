// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/workload/cost.h"
#include "sim/workload/job.h"
#include "sim/workload/lower.h"

namespace aipu::workload {

/// The two halves of inference.
enum class Phase { kDecode, kPrefill };

/// What `run` simulates: one step of every sequence of a batch.
struct Step {
  Phase phase = Phase::kDecode;
  std::uint32_t batch = 1;    ///< sequences
  std::uint32_t context = 1;  ///< positions attended to (decode), tokens of a prompt (prefill)
};

/// A prompt, then one token at a time: passes of up to prefill_rows() rows, the last of which gives
/// the first new token, and a decode step for each further one. Every new id is mailed to the host.
Job generate_job(const load::ModelConfig& model, const Plan& plan, const Formats& formats,
                 const Machine& machine, std::uint32_t prompt, std::uint32_t new_tokens);

/// Decode: one pass with a row for each sequence, at position context - 1. Prefill: the sequences
/// one after another, each in passes of prefill_rows() rows.
Job step_job(const load::ModelConfig& model, const Plan& plan, const Formats& formats,
             const Machine& machine, const Step& step);

/// The model with only this many layers in each pipeline stage.
load::ModelConfig shortened(const load::ModelConfig& model, const Plan& plan, std::uint32_t layers);

/// Layers of the stage that has fewest, and of the one that has most.
struct StageLayers {
  std::uint32_t fewest = 0, most = 0;
};
StageLayers stage_layers(const load::ModelConfig& model, const Plan& plan);

/// Throws UserError (exit 2) where the programs of the job need more launch entries than the room
/// before the token ids holds; before anything is lowered, because such a job may be huge.
void check_program_room(const Job& job, const Machine& machine,
                        const std::vector<Placement>& placements);

/// What an AIPU's part of a job costs when its stage has this many layers more than the job has:
/// job_cost() of the whole model, without lowering it.
Cost extended_cost(const Job& job, const Machine& machine, const Placement& place,
                   const Program& program, std::uint32_t more_layers);

}  // namespace aipu::workload
