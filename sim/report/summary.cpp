// SPDX-License-Identifier: Apache-2.0
#include "sim/report/summary.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "hw/config/resolve.h"
#include "sim/report/resources.h"

namespace aipu::report {
namespace {

using Json = nlohmann::ordered_json;

const char* status_of(ExitCode code) {
  switch (code) {
    case ExitCode::kGood:
      return "complete";
    case ExitCode::kInterrupted:
      return "interrupted";
    default:
      return "failed";
  }
}

Json model_json(const load::ModelConfig& m) {
  return {
      {"name", m.name},         {"architecture", m.architecture}, {"layers", m.layers},
      {"hidden", m.hidden},     {"intermediate", m.intermediate}, {"query_heads", m.query_heads},
      {"kv_heads", m.kv_heads}, {"head_dim", m.head_dim},         {"vocab", m.vocab}};
}

Json percent_json(const Account& account) {
  Json percent = Json::object();
  for (const auto& [cause, tenths] : per_mille(account))
    percent[cause] = static_cast<double>(tenths) / 10.0;
  return percent;
}

Json shares_json(const Account& account) {
  std::int64_t total = 0;
  Json shares = Json::object();
  for (const auto& [cause, ps] : ordered_shares(account)) {
    shares[cause] = ps;
    total += ps;
  }
  return {{"models", account.models},
          {"servers", account.servers},
          {"total_ps", total},
          {"ps", shares},
          {"percent", percent_json(account)}};
}

Json stalls_json(const Snapshot& step) {
  Json list = Json::object();
  for (const Resource& resource : resources())
    list[resource.kind] = shares_json(step.total(resource.kind));
  return list;
}

/// The same for each chip, in percent.
Json chips_json(const RunRecord& run) {
  Json list = Json::array();
  for (std::uint32_t chip = 0; chip < run.board.aipus; ++chip) {
    Json stalls = Json::object();
    for (const Resource& resource : resources()) {
      const Account account = run.step.of_chip(resource.kind, chip);
      if (account.servers != 0) stalls[resource.kind] = percent_json(account);
    }
    list.push_back({{"aipu", chip}, {"percent", stalls}});
  }
  return list;
}

Json statistics_json(const Snapshot& step) {
  Json all = Json::object();
  std::string last;
  for (const auto& [key, account] : step.accounts) {
    if (key.kind == last) continue;
    last = key.kind;
    Json counts = Json::object();
    for (const auto& [name, count] : step.total(key.kind).counts)
      counts[name] = count;
    if (!counts.empty()) all[key.kind] = counts;
  }
  return all;
}

Json layers_json(const RunRecord& run) {
  Json list = Json::array();
  for (const auto& layer : run.layers) {
    list.push_back({{"pass", layer.pass},
                    {"stage", layer.stage},
                    {"layer", layer.layer},
                    {"time_s", static_cast<double>(layer.ps) * 1e-12}});
  }
  return list;
}

bool is_fast(const RunRecord& run) {
  return run.board.simulation.memory == config::MemoryFidelity::kFast;
}

Json provenance_json(const RunRecord& run) {
  return {{"program", "hc1000"},
          {"version", AIPU_VERSION},
          {"command", run.command},
          {"config_hash", fmt::format("{:016x}", config::hash(run.board))},
          {"seed", run.board.simulation.seed},
          {"memory", is_fast(run) ? "fast" : "exact"},
          {"tokens", run.token_source}};
}

/// Closed forms of the whole step, and how those of the simulated part compare with its counters.
Json cost_json(const RunRecord& run) {
  Json json{{"weight_bytes", run.cost.weights},
            {"kv_bytes_read", run.cost.kv_read},
            {"kv_bytes_written", run.cost.kv_written},
            {"other_bytes", run.cost.other},
            {"tensor_flops", run.cost.flops},
            {"counted", {{"hbm_bytes", run.counted_bytes}, {"tensor_flops", run.counted_flops}}}};
  if (run.whole) {
    json["expected"] = {{"hbm_bytes", run.expected.bytes()}, {"tensor_flops", run.expected.flops}};
  }
  return json;
}

void add_outcome(Json& json, const RunRecord& run) {
  json["status"] = status_of(run.ending);
  json["exit_code"] = static_cast<int>(run.ending);
  if (!run.failure.empty()) json["failure"] = run.failure;
  if (run.phase == "generate") json["text"] = run.text;
  json["time_per_token_s"] = run.time_per_token_s;
  json["step_s"] = run.step_s();
  json["tokens_per_s"] = run.tokens_per_s;
  json["mfu"] = run.mfu();
  json["hbm_bytes"] = run.hbm_bytes;
  json["flops"] = run.flops;
  json["simulated_s"] = static_cast<double>(run.simulated_ps) * 1e-12;
}

void add_question(Json& json, const RunRecord& run) {
  json["phase"] = run.phase;
  json["batch"] = run.batch;
  json["context"] = run.context;
  json["aipus"] = run.board.aipus;
  json["plan"] = {{"tp", run.plan.tp}, {"pp", run.plan.pp}};
  json["dtype"] = run.dtype;
  json["model"] = model_json(run.model);
}

}  // namespace

std::string summary_json(const RunRecord& run) {
  Json json;
  json["verb"] = run.verb;
  add_outcome(json, run);
  const Bound bound = find_bound(run.step);
  json["bound"] = {{"by", bound.name},
                   {"busiest", bound.busiest},
                   {"utilisation", bound.utilisation},
                   {"next", bound.next},
                   {"next_utilisation", bound.next_utilisation}};
  add_question(json, run);
  json["roofline"] = {{"hbm_s", run.hbm_bound_s()}, {"tensor_s", run.tensor_bound_s()}};
  json["extrapolation"] = {
      {"simulated_layers", run.simulated_layers},
      {"layers", run.model.layers},
      {"layer_s", run.layer_s},
      {"step_uncertainty", run.step_uncertainty() < 0 ? Json() : Json(run.step_uncertainty())}};
  json["cost"] = cost_json(run);
  json["layers"] = layers_json(run);
  json["stalls"] = stalls_json(run.step);
  if (run.phase == "generate") json["ids"] = run.ids;
  json["chips"] = chips_json(run);
  json["statistics"] = statistics_json(run.step);
  json["provenance"] = provenance_json(run);
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace aipu::report
