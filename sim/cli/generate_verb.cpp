// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <optional>
#include <unistd.h>

#include "hw/config/resolve.h"
#include "sim/cli/profile_options.h"
#include "sim/cli/simulation.h"
#include "sim/cli/verbs.h"
#include "sim/load/model_shape.h"
#include "sim/load/safetensors.h"
#include "sim/load/tokenizer.h"
#include "sim/load/utf8.h"
#include "tlm/core/clock.h"

namespace aipu::cli {
namespace {

using load::TokenId;

/// The prompt and what was generated after it, shown as it grows.
class Story {
 public:
  Story(const load::ModelConfig& model, const load::Tokenizer& tokenizer, bool show)
      : model_(model), tokenizer_(tokenizer), show_(show) {}

  /// Takes an id; true when it ends the text.
  bool add(TokenId id, bool from_prompt) {
    show(utf8_.push(tokenizer_.token_bytes(id, previous_)));
    previous_ = id;
    ids_.push_back(id);
    if (!from_prompt) times_.push_back(now_ps());
    return model_.is_eos(id) || tokenizer_.eos() == id;
  }
  void finish() {
    show(utf8_.finish());
    if (show_) std::cout << std::endl;
  }
  void open(std::optional<TokenId> bos) { previous_ = bos; }

  const std::vector<TokenId>& ids() const { return ids_; }
  const std::string& text() const { return text_; }
  std::size_t new_tokens() const { return times_.size(); }
  /// From the first new token to the last; the time to the first where there is no other.
  double time_per_token() const {
    if (times_.empty()) return 0;
    if (times_.size() == 1) return static_cast<double>(times_.front()) * 1e-12;
    return static_cast<double>(times_.back() - times_.front()) * 1e-12 /
           static_cast<double>(times_.size() - 1);
  }

 private:
  void show(const std::string& text) {
    text_ += text;
    if (show_) std::cout << text << std::flush;
  }

  const load::ModelConfig& model_;
  const load::Tokenizer& tokenizer_;
  const bool show_;
  load::Utf8Stream utf8_;
  std::optional<TokenId> previous_;
  std::vector<TokenId> ids_;
  std::vector<std::uint64_t> times_;
  std::string text_;
};

void check_context(const load::ModelConfig& model, std::uint64_t prompt, std::uint64_t tokens) {
  if (prompt == 0)
    throw ConfigError("--prompt", "is empty, and the model has no token that opens a text");
  if (prompt + tokens <= model.max_positions) return;
  throw ConfigError(
      "", fmt::format("{} prompt and {} new tokens are {}, but the context of {} is limited to {} "
                      "positions; --tokens may be up to {}",
                      prompt, tokens, prompt + tokens, model.name, model.max_positions,
                      model.max_positions > prompt ? model.max_positions - prompt : 0));
}

/// Every useful operation: the prompt, then a step for each new token but the last.
std::uint64_t useful_flops(const load::ModelConfig& model, std::uint64_t prompt,
                           std::uint64_t new_tokens) {
  std::uint64_t flops = load::prefill_flops(model, prompt);
  for (std::uint64_t i = 1; i < new_tokens; ++i) {
    flops += load::decode_flops_per_token(model, prompt + i);
  }
  return flops;
}

workload::WeightSource weights_of(const load::Safetensors& tensors) {
  return [&](load::WeightKind kind, std::uint32_t layer, load::Slice rows, load::Slice columns) {
    const std::string name = load::tensor_name(kind, layer);
    const bool vector = tensors.view(name).shape.size() == 1;
    return vector ? tensors.read_f32(name, rows) : tensors.read_f32(name, rows, columns);
  };
}

void fill(report::RunRecord& record, const Arguments& arguments, const Story& story,
          std::size_t prompt) {
  record.verb = record.phase = "generate";
  record.command = arguments.command();
  record.token_source = "prompt, then arg max";
  record.context = static_cast<std::uint32_t>(prompt + story.new_tokens());
  record.ids = story.ids();
  record.text = story.text();
  record.time_per_token_s = story.time_per_token();
  record.tokens_per_s = record.time_per_token_s > 0 ? 1 / record.time_per_token_s : 0;
  record.flops = useful_flops(record.model, prompt, story.new_tokens());
}

ExitCode generate(const Arguments& arguments) {
  const std::string directory = arguments.text("positional");
  const load::ModelConfig model = load::read_model_config(directory);
  const auto tokens = static_cast<std::uint32_t>(arguments.count("tokens", 1, 1U << 24U));
  arguments.require("prompt");
  const Setup setup = read_setup(arguments, model, {"fp32", "bf16"}, config::DataMode::kFunctional);
  const auto tokenizer = load::read_tokenizer(directory);
  const load::Safetensors tensors = load::Safetensors::open(directory);
  load::check_llama_tensors(tensors, model);

  Inputs inputs;
  inputs.prompt = tokenizer->prefix();
  const auto encoded = load::encode_for(model, *tokenizer, arguments.text("prompt"));
  inputs.prompt.insert(inputs.prompt.end(), encoded.begin(), encoded.end());
  inputs.last_ids = {0};
  const workload::WeightSource weights = weights_of(tensors);
  inputs.weights = &weights;
  check_context(model, inputs.prompt.size(), tokens);

  const bool json = arguments.flag("json");
  Simulation simulation(
      setup, workload::generate_job(model, setup.plan, setup.formats, setup.machine(),
                                    static_cast<std::uint32_t>(inputs.prompt.size()), tokens));
  simulation.profile(profile_request(arguments, setup.board));
  report::RunFolder folder(arguments.verb(), arguments.text("output"), arguments.flag("force"));
  folder.write("config.resolved.yaml", config::to_yaml(setup.board));
  Story story(model, *tokenizer, !json);
  if (!tokenizer->prefix().empty()) story.open(tokenizer->prefix().back());
  for (TokenId id : encoded)
    story.add(id, true);
  Progress progress("tokens", tokens, !json && isatty(STDOUT_FILENO) != 0);
  simulation.run(inputs, folder, progress, [&](std::uint32_t id) {
    if (story.add(id, false)) simulation.stop();
    progress.done_one();
  });
  story.finish();
  report::RunRecord record;
  simulation.record(record);
  simulation.write_profile(arguments.command(), folder);
  fill(record, arguments, story, inputs.prompt.size());
  return finish_run(arguments, record, folder, {});
}

}  // namespace

Verb generate_verb() {
  Usage usage{
      "generate",
      "generates text with a model directory; every byte is moved and computed",
      "DIR",
      true,
      {{"prompt", "TEXT", "text to continue"},
       {"tokens", "N", "new tokens after the prompt; stops at the end of the text"}},
      {"hc1000 generate models/stories260K --prompt 'Once upon a time' --tokens 64 --aipus 4",
       "hc1000 generate DIR --prompt 'The sky' --tokens 16 --aipus 16 --plan tp=8,pp=2 --json",
       "hc1000 generate DIR --prompt Hello --tokens 8 --console 'aipu*.control' --console "
       "aipu0.core0",
       "hc1000 generate DIR --prompt Hello --tokens 1 --gdb 1234",
       "hc1000 generate DIR --prompt Hello --tokens 8 --dtype bf16 --set aipu.hbm.stacks=2 -o "
       "out"}};
  const auto common = machine_options("fp32|bf16", "fp32");
  usage.options.insert(usage.options.end(), common.begin(), common.end());
  const auto profile = profile_options();
  usage.options.insert(usage.options.end(), profile.begin(), profile.end());
  return {usage, generate};
}

}  // namespace aipu::cli
