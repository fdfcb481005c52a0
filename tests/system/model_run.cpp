// SPDX-License-Identifier: Apache-2.0
#include "tests/system/model_run.h"

#include <fmt/format.h>
#include <sstream>

namespace aipu::test {
namespace {

/// Seeded numbers that depend on nothing but what they belong to.
std::vector<float> weights_of(load::WeightKind kind, std::uint32_t layer, load::Slice rows,
                              load::Slice columns) {
  std::vector<float> values;
  for (std::uint64_t r = rows.begin; r < rows.begin + rows.count; ++r) {
    for (std::uint64_t c = columns.begin; c < columns.begin + columns.count; ++c) {
      std::uint64_t x = (static_cast<std::uint64_t>(kind) * 131U + layer) * 1'000'003U + r;
      x = (x * 1'000'003U + c) * 0x9E3779B97F4A7C15ULL;
      values.push_back(static_cast<float>(x >> 40U) / static_cast<float>(1U << 24U) - 0.5F);
    }
  }
  return values;
}

platform::Listener listener_to(std::string& console) {
  platform::Listener listener;
  listener.console = [&console](const std::string& line) { console += line + "\n"; };
  return listener;
}

}  // namespace

load::ModelConfig small_model() {
  load::ModelConfig m = *load::find_preset("stories260k");
  m.layers = 2;
  return m;
}

workload::Job job_of(const ModelRun& run) {
  workload::Job job;
  job.model = run.model;
  job.plan = run.plan;
  job.formats = workload::formats_of(run.format);
  job.sequences = run.sequences;
  job.positions = run.prompt + run.decodes + 1;
  job.most_rows = std::max({1U, run.prompt, run.sequences});
  if (run.prompt != 0) {
    workload::Pass prefill;
    prefill.rows = prefill.rows_per_sequence = run.prompt;
    prefill.prompt = true;
    job.stretches.push_back({{prefill}, 1});
  }
  workload::Stretch decode;
  for (std::uint32_t i = 0; i < run.decodes; ++i) {
    workload::Pass pass;
    pass.rows = run.sequences;
    pass.position = run.prompt + i;
    pass.prompt = true;
    pass.prompt_offset = i;
    pass.sample = i + 1 == run.decodes;
    decode.passes.push_back(pass);
  }
  if (!decode.passes.empty()) job.stretches.push_back(decode);
  return job;
}

config::Board board_of(const ModelRun& run) {
  std::vector<std::string> settings{
      fmt::format("aipus={}", run.plan.aipus()), fmt::format("aipu.cores={}", run.cores),
      fmt::format("simulation.data={}", run.functional ? "functional" : "timing"),
      "simulation.max_time=50 ms"};
  settings.insert(settings.end(), run.settings.begin(), run.settings.end());
  return config::load("hc1000_module", settings);
}

workload::Machine machine_of(const config::Board& board) {
  workload::Machine machine;
  machine.cores = board.aipu.cores;
  machine.hbm = board.aipu.hbm.capacity;
  machine.shared = board.aipu.sram.shared_size;
  machine.real_hbm = board.simulation.real_hbm;
  return machine;
}

LoadedRun::LoadedRun(const ModelRun& run)
    : job_(job_of(run)),
      platform_(board_of(run), platform::builtin_firmware(), listener_to(console_), run.rtl) {
  if (run.profile.on) platform_.profile(run.profile);
  const workload::Machine machine = machine_of(platform_.config());
  workload::check_plan(job_.model, job_.plan, platform_.config().aipus);
  for (std::uint32_t i = 0; i < job_.plan.aipus(); ++i)
    placements_.push_back(workload::place(job_, machine, i));
  std::vector<load::TokenId> prompt;
  for (std::uint32_t i = 0; i < job_.positions * job_.sequences; ++i)
    prompt.push_back((i * 37 + 5) % job_.model.vocab);
  const std::vector<load::TokenId> last(job_.sequences, 1);
  const workload::WeightSource weights = weights_of;
  for (std::uint32_t i = 0; i < job_.plan.aipus(); ++i) {
    programs_.push_back(workload::lower(job_, machine, placements_, i));
    platform_.load(i, job_, placements_[i], programs_[i], prompt, last,
                   run.functional ? &weights : nullptr);
  }
}

std::uint64_t LoadedRun::total(const std::string& suffix, const std::string& counter) const {
  std::uint64_t sum = 0;
  for_each_model(platform_.board(), [&](const Model& model) {
    const std::string name = model.name();
    if (name.size() < suffix.size() ||
        name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0)
      return;
    if (model.stat_group() == nullptr) return;
    for (const Counter* c : model.stat_group()->counters())
      if (counter == c->name()) sum += c->value();
  });
  return sum;
}

std::string dump(const platform::Ending& ending, const LoadedRun& run) {
  std::string text = fmt::format("code {} elapsed {} ps\n{}\n{}", static_cast<int>(ending.code),
                                 ending.elapsed_ps, ending.report, run.console());
  const std::uint64_t now = sc_core::sc_time_stamp().value();
  text += fmt::format("now {} ps\n", now);
  for_each_model(run.platform().board(), [&](const Model& model) {
    if (model.stat_group() != nullptr) {
      for (const Counter* c : model.stat_group()->counters())
        text +=
            fmt::format("{}.{} {} {}\n", model.name(), c->name(), c->value(), to_string(c->unit()));
    }
    for (const TimeShare& share : model.time_shares(now))
      text += fmt::format("{} [{}] {} ps\n", model.name(), share.cause, share.picoseconds);
  });
  for (std::uint32_t i = 0; i < run.job().plan.aipus(); ++i)
    for (const auto& mark : run.platform().marks(i))
      text += fmt::format("aipu{} {} at {} ps\n", i, mark.name, mark.time);
  return text;
}

std::string run_and_dump(const ModelRun& run) {
  LoadedRun loaded(run);
  const platform::Ending ending = loaded.run();
  return dump(ending, loaded);
}

std::string difference(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string l, r, out;
  int lines = 0;
  while (lines < 12) {
    const bool more_left = static_cast<bool>(std::getline(left, l));
    const bool more_right = static_cast<bool>(std::getline(right, r));
    if (!more_left && !more_right) break;
    if (more_left && more_right && l == r) continue;
    out += fmt::format("- {}\n+ {}\n", more_left ? l : "", more_right ? r : "");
    ++lines;
  }
  return out;
}

}  // namespace aipu::test
