// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <random>

#include "hw/config/resolve.h"
#include "sim/cli/profile_options.h"
#include "sim/cli/random_weights.h"
#include "sim/cli/simulation.h"
#include "sim/cli/verbs.h"
#include "sim/load/model_shape.h"
#include "sim/report/resources.h"

namespace aipu::cli {
namespace {

// Simulated in each stage unless told otherwise: five layers, and of small ones as many as make
// this much traffic, because short layers vary more.
constexpr std::uint32_t kSteadyLayers = 5;
constexpr std::uint64_t kSteadyBytes = 2'500'000'000;
constexpr std::uint32_t kMostBatch = 65536;
constexpr std::uint32_t kUsualContext = 1024;
constexpr std::uint32_t kMostContext = 1U << 24U;

/// Layers to simulate in each stage; those of the largest stage: all.
std::uint32_t layers_per_stage(const Arguments& arguments, const Setup& setup) {
  const workload::StageLayers own = workload::stage_layers(setup.model, setup.plan);
  if (arguments.flag("all-layers")) {
    if (arguments.given("layers"))
      throw UsageError(arguments.verb(), "--layers and --all-layers exclude each other");
    return own.most;
  }
  if (!arguments.given("layers")) {
    const std::uint64_t bytes =
        size_of(setup.formats.operand) *
        (load::attention_weights_per_layer(setup.model) + load::mlp_weights_per_layer(setup.model));
    const std::uint64_t steady = std::max<std::uint64_t>(kSteadyLayers, kSteadyBytes / bytes);
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(own.fewest, steady));
  }
  const auto layers = static_cast<std::uint32_t>(arguments.count("layers", 1, own.most));
  return layers > own.fewest ? own.most : layers;
}

std::vector<load::TokenId> random_ids(const Setup& setup, std::uint64_t count) {
  std::mt19937_64 random(setup.board.simulation.seed);
  std::vector<load::TokenId> ids(count);
  for (load::TokenId& id : ids)
    id = static_cast<load::TokenId>(random() % setup.model.vocab);
  return ids;
}

/// Every useful operation of the step.
std::uint64_t useful_flops(const load::ModelConfig& model, const workload::Step& step) {
  const std::uint64_t one = step.phase == workload::Phase::kDecode
                                ? load::decode_flops_per_token(model, step.context)
                                : load::prefill_flops(model, step.context);
  return one * step.batch;
}

workload::Step read_step(const Arguments& arguments, const load::ModelConfig& model) {
  workload::Step step;
  const bool decode = arguments.word("phase", {"decode", "prefill"}) == "decode";
  step.phase = decode ? workload::Phase::kDecode : workload::Phase::kPrefill;
  step.batch = static_cast<std::uint32_t>(arguments.count("batch", 1, kMostBatch));
  step.context = std::min(kUsualContext, model.max_positions);
  if (arguments.given("context")) {
    step.context = static_cast<std::uint32_t>(arguments.count("context", 1, kMostContext));
  }
  if (step.context > model.max_positions) {
    throw ConfigError(fmt::format("--context {}", step.context),
                      fmt::format("the context of {} is limited to {} positions", model.name,
                                  model.max_positions));
  }
  return step;
}

/// Throws what the whole model cannot do, even where fewer layers are simulated.
void check_whole(const Setup& setup, const workload::Step& step) {
  const auto job =
      workload::step_job(setup.model, setup.plan, setup.formats, setup.machine(), step);
  for (std::uint32_t aipu = 0; aipu < setup.board.aipus; ++aipu)
    workload::place(job, setup.machine(), aipu);
}

/// A layer that is taken as another may come out a trace faster than its bytes allow, for that one
/// was partly loaded ahead; the step as a whole cannot be.
void keep_roofline(report::RunRecord& record) {
  const double bound = std::max(record.hbm_bound_s(), record.tensor_bound_s());
  const auto ps = static_cast<std::uint64_t>(std::ceil(bound * 1e12));
  if (!record.extrapolated() || record.step_ps >= ps) return;
  record.step.lengthen(ps - record.step_ps);
  record.step_ps = ps;
}

void fill(report::RunRecord& record, const Arguments& arguments, const workload::Step& step) {
  record.verb = "run";
  record.command = arguments.command();
  record.phase = arguments.text("phase");
  record.batch = step.batch;
  record.context = step.context;
  record.token_source = "uniform over the vocabulary, seeded";
  record.flops = useful_flops(record.model, step);
  if (record.ending != ExitCode::kGood) return;
  keep_roofline(record);
  // Decode: a token for each sequence and step. Prefill: the tokens of all prompts.
  const double tokens = step.phase == workload::Phase::kDecode
                            ? static_cast<double>(step.batch)
                            : static_cast<double>(step.batch) * step.context;
  record.tokens_per_s = tokens / record.step_s();
  record.time_per_token_s =
      step.phase == workload::Phase::kDecode ? record.step_s() : record.step_s() / tokens;
}

/// What one would look at next: how sure the answer is, and what it depends on.
std::vector<std::string> next_commands(const Arguments& arguments,
                                       const report::RunRecord& record) {
  const bool more_layers = record.extrapolated() && !arguments.given("layers");
  const Arguments first = more_layers ? arguments.with("all-layers", "")
                                      : arguments.with("batch", std::to_string(2 * record.batch));
  const BitsPerSecond half(record.board.aipu.hbm.data_rate.count / 2);
  return {first.command(), arguments.with("set", "aipu.hbm.data_rate=" + to_text(half)).command(),
          "hc1000 explain " + report::find_bound(record.step).group};
}

ExitCode run(const Arguments& arguments) {
  arguments.require("model");
  const load::ModelConfig model = load::resolve_model(arguments.text("model"));
  const bool functional = arguments.flag("functional");
  const Setup setup =
      read_setup(arguments, model, {"fp8", "bf16", "fp32"},
                 functional ? config::DataMode::kFunctional : config::DataMode::kTiming);
  const workload::Step step = read_step(arguments, model);
  check_whole(setup, step);
  const load::ModelConfig simulated =
      workload::shortened(model, setup.plan, layers_per_stage(arguments, setup));
  Simulation simulation(
      setup, workload::step_job(simulated, setup.plan, setup.formats, setup.machine(), step));

  Inputs inputs;
  const bool decode = step.phase == workload::Phase::kDecode;
  inputs.last_ids = random_ids(setup, step.batch);
  if (!decode) inputs.prompt = random_ids(setup, std::uint64_t{step.batch} * step.context);
  const workload::WeightSource weights = random_weights(setup.board.simulation.seed);
  if (functional) inputs.weights = &weights;

  simulation.profile(profile_request(arguments, setup.board));
  report::RunFolder folder(arguments.verb(), arguments.text("output"), arguments.flag("force"));
  folder.write("config.resolved.yaml", config::to_yaml(setup.board));
  Progress progress("layers", simulation.layers_to_mark(), false);
  simulation.run(inputs, folder, progress, [](std::uint32_t) {});
  report::RunRecord record;
  simulation.record(record);
  simulation.write_profile(arguments.command(), folder);
  fill(record, arguments, step);
  return finish_run(arguments, record, folder, next_commands(arguments, record));
}

}  // namespace

Verb run_verb() {
  using Kind = Option::Kind;
  Usage usage{
      "run",
      "times one step of a model on simulated firmware and engines; no weights needed",
      "",
      false,
      {{"model", "PRESET|DIR|FILE", "shape: a preset, a model directory or a config.json"},
       {"phase", "decode|prefill", "one token for every sequence, or whole prompts", "decode"},
       {"batch", "B", "sequences", "1"},
       {"context", "L",
        "positions attended to (decode) or tokens of a prompt (prefill); 1024 unless given"},
       {"layers", "N",
        "layers simulated in each pipeline stage; the rest is extrapolated (default 5)"},
       {"all-layers", "", "simulate every layer", "", Kind::kFlag},
       {"functional", "", "move and compute real bytes, with random weights", "", Kind::kFlag}},
      {"hc1000 run --model llama-3.1-8b --aipus 16 --phase decode --batch 8 --context 4096",
       "hc1000 run --model llama-3.1-8b --aipus 4 --phase prefill --context 512 --layers 2",
       "hc1000 run --model stories260k --aipus 1 --console 'aipu0.core*'",
       "hc1000 run --model stories260k --aipus 1 --gdb 0 --break-on-fault",
       "hc1000 run --model config.json --aipus 8 --batch 1 --dtype fp8 --set "
       "'aipu.hbm.data_rate=1.8 Gb/s' --json"}};
  const auto common = machine_options("fp8|bf16|fp32", "bf16");
  usage.options.insert(usage.options.end(), common.begin(), common.end());
  const auto profile = profile_options();
  usage.options.insert(usage.options.end(), profile.begin(), profile.end());
  return {usage, run};
}

}  // namespace aipu::cli
