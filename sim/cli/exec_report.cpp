// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/exec_report.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <ostream>

#include "hw/config/resolve.h"
#include "sim/cli/progress.h"
#include "sim/report/resources.h"

namespace aipu::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kEngines[] = {"load", "store", "tensor", "vector", "directcom"};

std::string kind_of(const char* engine) {
  return std::string("core.") + engine;
}

std::uint64_t count(const report::Snapshot& snapshot, const char* kind, const char* name) {
  const report::Account account = snapshot.total(kind);
  const auto found = account.counts.find(name);
  return found == account.counts.end() ? 0 : static_cast<std::uint64_t>(found->second);
}

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  if (bytes < 1'000'000) return fmt::format("{:.2f} kB", static_cast<double>(bytes) * 1e-3);
  if (bytes < 1'000'000'000) return fmt::format("{:.2f} MB", static_cast<double>(bytes) * 1e-6);
  return fmt::format("{:.2f} GB", static_cast<double>(bytes) * 1e-9);
}

std::string machine_text(const ExecRecord& record) {
  return fmt::format("{} core{} of {} AIPU{}", record.cores, record.cores == 1 ? "" : "s",
                     record.board.aipus, record.board.aipus == 1 ? "" : "s");
}

std::string name_of(CoreId core) {
  return fmt::format("aipu{}.core{}", core.aipu, core.core);
}

ExecRecord::Harts total(const std::vector<ExecRecord::Harts>& harts) {
  ExecRecord::Harts sum;
  for (const ExecRecord::Harts& one : harts) {
    sum.instructions += one.instructions;
    sum.cycles += one.cycles;
  }
  return sum;
}

std::string exit_text(const ExecRecord& record) {
  const std::size_t harts = std::size_t{record.cores} * record.board.aipus;
  std::string text;
  std::size_t good = 0;
  for (const ExecRecord::Exit& exit : record.exits) {
    if (exit.code == 0) {
      ++good;
    } else {
      text += fmt::format("{} {}, ", name_of(exit.core), exit.code);
    }
  }
  text += fmt::format("{} of {} harts 0", good, harts);
  if (record.exits.size() < harts)
    text += fmt::format(", {} did not end", harts - record.exits.size());
  return text;
}

Json exits_json(const ExecRecord& record) {
  Json list = Json::array();
  for (const ExecRecord::Exit& exit : record.exits)
    list.push_back({{"hart", name_of(exit.core)}, {"code", exit.code}, {"time_ps", exit.time_ps}});
  return list;
}

Json waits_json(const ExecRecord& record) {
  Json json = Json::object();
  for (const report::Resource& resource : report::resources()) {
    Json shares = Json::object();
    for (const auto& [cause, ps] : report::ordered_shares(record.snapshot.total(resource.kind)))
      shares[cause] = ps;
    if (!shares.empty()) json[resource.kind] = shares;
  }
  return json;
}

}  // namespace

std::uint64_t ExecRecord::hbm_read() const {
  return count(snapshot, "hbm", "bytes_read");
}
std::uint64_t ExecRecord::hbm_written() const {
  return count(snapshot, "hbm", "bytes_written");
}

double ExecRecord::hbm_bandwidth() const {
  return seconds() > 0 ? static_cast<double>(hbm_read() + hbm_written()) / seconds() : 0;
}

double ExecRecord::hbm_peak() const {
  return static_cast<double>(hbm::peak_bytes_per_second(board.aipu.hbm)) * board.aipus;
}

double ExecRecord::busy(const char* kind) const {
  const report::Account account = snapshot.total(kind);
  const auto found = account.shares.find("busy");
  const double all = static_cast<double>(ending.elapsed_ps) * cores * board.aipus;
  return found == account.shares.end() || all == 0 ? 0 : static_cast<double>(found->second) / all;
}

std::string exec_json(const ExecRecord& record) {
  const ExecRecord::Harts harts = total(record.harts);
  Json json{{"verb", "exec"},
            {"program", record.program},
            {"status", record.ending.code == ExitCode::kGood          ? "complete"
                       : record.ending.code == ExitCode::kInterrupted ? "interrupted"
                                                                      : "failed"},
            {"exit_code", static_cast<int>(record.ending.code)}};
  if (!record.ending.report.empty()) json["failure"] = record.ending.report;
  json["simulated_ps"] = record.ending.elapsed_ps;
  json["aipus"] = record.board.aipus;
  json["cores"] = record.cores;
  json["harts"] = {{"instructions", harts.instructions}, {"cycles", harts.cycles}};
  json["hbm"] = {{"bytes_read", record.hbm_read()},
                 {"bytes_written", record.hbm_written()},
                 {"bytes_per_s", record.hbm_bandwidth()},
                 {"peak_bytes_per_s", record.hbm_peak()},
                 {"share_of_peak", record.hbm_bandwidth() / record.hbm_peak()}};
  json["tensor_flops"] = count(record.snapshot, "core.tensor", "flops");
  for (const char* engine : kEngines)
    json["busy"][engine] = record.busy(kind_of(engine).c_str());
  json["exits"] = exits_json(record);
  json["time_ps"] = waits_json(record);
  json["provenance"] = {{"program", "hc1000"},
                        {"version", AIPU_VERSION},
                        {"command", record.command},
                        {"config_hash", fmt::format("{:016x}", config::hash(record.board))},
                        {"seed", record.board.simulation.seed}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void print_exec(std::ostream& out, const ExecRecord& record) {
  constexpr double kGiga = 1e-9, kPercent = 100;
  const ExecRecord::Harts harts = total(record.harts);
  out << fmt::format("{}: {} on {}, {} simulated\n",
                     record.ending.code == ExitCode::kGood ? "good" : "failed",
                     std::filesystem::path(record.program).filename().string(),
                     machine_text(record), time_text(record.ending.elapsed_ps));
  out << fmt::format("  harts       {} instructions in {} cycles, {:.2f} % of the time\n",
                     harts.instructions, harts.cycles, kPercent * record.busy("core.hart"));
  out << fmt::format(
      "  HBM         {} read, {} written: {:.1f} GB/s, {:.1f} % of the peak of {:.1f} GB/s\n",
      bytes_text(record.hbm_read()), bytes_text(record.hbm_written()),
      kGiga * record.hbm_bandwidth(), kPercent * record.hbm_bandwidth() / record.hbm_peak(),
      kGiga * record.hbm_peak());
  std::string busy;
  for (const char* engine : kEngines)
    busy += fmt::format("{}{} {:.1f} %", busy.empty() ? "" : ", ", engine,
                        kPercent * record.busy(kind_of(engine).c_str()));
  out << fmt::format("  busy        {}\n", busy);
  out << fmt::format("  exit codes  {}\n", exit_text(record));
}

}  // namespace aipu::cli
