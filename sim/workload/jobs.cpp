// SPDX-License-Identifier: Apache-2.0
#include "sim/workload/jobs.h"

#include <algorithm>
#include <fmt/format.h>

#include "hw/base/error.h"

namespace aipu::workload {
namespace {

/// A pass of a deeper model than any has this many entries at least: beyond it no program fits, so
/// a longer list of passes need not even be made.
constexpr std::uint64_t kMostPasses = 4096;

Job new_job(const load::ModelConfig& model, const Plan& plan, const Formats& formats) {
  Job job;
  job.model = model;
  job.plan = plan;
  job.formats = formats;
  return job;
}

[[noreturn]] void too_long(std::uint64_t passes) {
  throw UserError(
      ExitCode::kUsage,
      fmt::format("{} prefill passes are more than a program holds; a shorter context, a "
                  "smaller batch or fewer simulated layers would fit",
                  passes));
}

/// Appends the passes of one prompt.
void add_prompt(std::vector<Pass>& passes, std::uint32_t sequence, std::uint32_t tokens,
                std::uint32_t rows) {
  for (std::uint32_t offset = 0; offset < tokens; offset += rows) {
    Pass pass;
    pass.rows = pass.rows_per_sequence = std::min(rows, tokens - offset);
    pass.first_sequence = sequence;
    pass.position = offset;
    pass.prompt = true;
    pass.prompt_offset = sequence * tokens + offset;
    pass.sample = offset + pass.rows == tokens;
    passes.push_back(pass);
  }
}

/// Launch entries of a layer, as lower() makes them.
std::uint64_t layer_entries(const PassContext& c) {
  return 8U + (c.cut.splits > 1 ? 1U : 0U) + (c.job.plan.tp > 1 ? 2U : 0U);
}

template <typename Visit>
void for_each_pass(const Job& job, const Machine& machine, const Placement& place, Visit&& visit) {
  for (const Stretch& stretch : job.stretches) {
    for (const Pass& pass : stretch.passes) {
      visit(PassContext{job, machine, place, pass,
                        cut_attention(job, place.part, pass, machine.cores)});
    }
  }
}

/// All of them, the exit included.
std::uint64_t entries_of(const Job& job, const Machine& machine, const Placement& place) {
  const bool last = place.part.stage + 1 == job.plan.pp;
  std::uint64_t entries = 1;
  for_each_pass(job, machine, place, [&](const PassContext& c) {
    const bool head = last && (c.pass.sample || job.plan.pp > 1);
    entries += 1U + (place.part.first_stage() ? 1U : 0U) +
               (head   ? 4U
                : last ? 0U
                       : 1U) +
               layer_entries(c) * place.part.layers.count;
  });
  return entries;
}

}  // namespace

Job generate_job(const load::ModelConfig& model, const Plan& plan, const Formats& formats,
                 const Machine& machine, std::uint32_t prompt, std::uint32_t new_tokens) {
  Job job = new_job(model, plan, formats);
  job.positions = prompt + new_tokens;
  job.most_rows = prefill_rows(job, machine, prompt);
  const std::uint64_t passes = ceil_div(prompt, job.most_rows);
  if (passes > kMostPasses) too_long(passes);
  Stretch prefill;
  add_prompt(prefill.passes, 0, prompt, job.most_rows);
  prefill.passes.back().report = true;
  job.stretches.push_back(prefill);
  Pass step;
  step.report = true;
  step.position = prompt;
  if (new_tokens > 1) job.stretches.push_back({{step}, 1});
  step.position = 0;
  step.advance = true;
  if (new_tokens > 2) job.stretches.push_back({{step}, new_tokens - 2});
  return job;
}

Job step_job(const load::ModelConfig& model, const Plan& plan, const Formats& formats,
             const Machine& machine, const Step& step) {
  Job job = new_job(model, plan, formats);
  job.sequences = step.batch;
  job.positions = step.context;
  Stretch all;
  if (step.phase == Phase::kDecode) {
    job.most_rows = step.batch;
    Pass pass;
    pass.rows = step.batch;
    pass.position = step.context - 1;
    all.passes.push_back(pass);
  } else {
    job.most_rows = prefill_rows(job, machine, step.context);
    const std::uint64_t passes = ceil_div(step.context, job.most_rows) * step.batch;
    if (passes > kMostPasses) too_long(passes);
    for (std::uint32_t s = 0; s < step.batch; ++s) {
      add_prompt(all.passes, s, step.context, job.most_rows);
    }
  }
  job.stretches.push_back(std::move(all));
  return job;
}

StageLayers stage_layers(const load::ModelConfig& model, const Plan& plan) {
  StageLayers result{model.layers, 0};
  for (std::uint32_t stage = 0; stage < plan.pp; ++stage) {
    const std::uint32_t count = even_share(model.layers, stage, plan.pp).count;
    result.fewest = std::min(result.fewest, count);
    result.most = std::max(result.most, count);
  }
  return result;
}

load::ModelConfig shortened(const load::ModelConfig& model, const Plan& plan,
                            std::uint32_t layers) {
  load::ModelConfig result = model;
  if (layers < stage_layers(model, plan).most) result.layers = plan.pp * layers;
  return result;
}

void check_program_room(const Job& job, const Machine& machine,
                        const std::vector<Placement>& placements) {
  for (const Placement& place : placements) {
    const std::uint64_t room = (place.prompt - HC_PROGRAM_ENTRIES) / HC_LAUNCH_BYTES;
    const std::uint64_t entries = entries_of(job, machine, place);
    if (entries <= room) continue;
    throw UserError(ExitCode::kUsage,
                    fmt::format("the program of AIPU {} needs {} launch entries, {} fit; a shorter "
                                "context, a smaller batch or fewer simulated layers would fit",
                                place.part.aipu, entries, room));
  }
}

Cost extended_cost(const Job& job, const Machine& machine, const Placement& place,
                   const Program& program, std::uint32_t more_layers) {
  Cost cost = job_cost(job, machine, place, program);
  for_each_pass(job, machine, place, [&](const PassContext& c) {
    cost += layer_cost(c) * more_layers;
    cost.other += layer_entries(c) * HC_LAUNCH_BYTES * more_layers;
  });
  return cost;
}

}  // namespace aipu::workload
