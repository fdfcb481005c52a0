// SPDX-License-Identifier: Apache-2.0
#include "tests/accuracy/hbm_reference.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "hw/config/load.h"
#include "sim/memory/policy.h"

namespace aipu::test {
namespace {

memory::Workload workload_of(const nlohmann::json& spec) {
  const std::map<std::string, memory::Pattern> kinds{{"stride", memory::Pattern::kSequential},
                                                     {"random", memory::Pattern::kRandom},
                                                     {"block", memory::Pattern::kBlock},
                                                     {"streams", memory::Pattern::kStreams},
                                                     {"bankconf", memory::Pattern::kBankConflict}};
  memory::Workload workload;
  workload.pattern = kinds.at(spec.at("kind"));
  workload.requests = spec.at("n");
  workload.load = spec.value("load", 0U);
  workload.seed = spec.value("seed", 1U);
  workload.stride = Bytes(spec.value("stride", 32U));
  workload.block = Bytes(spec.value("blk", spec.value("chunk", 32U) * 32U));
  workload.banks = spec.value("banks", 1U);
  if (spec.contains("wr")) {
    workload.reads_of = spec["wr"][1];
    workload.reads = workload.reads_of - spec["wr"][0].get<std::uint32_t>();
  }
  for (std::size_t i = 0; i < spec.value("bases", nlohmann::json::array()).size(); ++i) {
    const bool write = spec["ops"][i] == "W";
    workload.streams.push_back({spec["bases"][i], write ? hbm::kWrite : hbm::kRead});
  }
  return workload;
}

}  // namespace

std::string ReferenceRow::name() const {
  std::string name = text("config") + "_" + text("policy") + "_" + text("trace");
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

std::ostream& operator<<(std::ostream& out, const ReferenceRow& row) {
  return out << row.name();
}

std::vector<ReferenceRow> reference_rows(const std::string& file) {
  std::vector<ReferenceRow> rows;
  for (CsvRow& row : reference_table("hbm/" + file))
    rows.push_back({std::move(row)});
  return rows;
}

std::vector<ReferenceRow> reference_rows(const std::string& file, const std::string& simulator,
                                         const std::string& policy) {
  std::vector<ReferenceRow> rows = reference_rows(file);
  const auto other = [&](const ReferenceRow& row) {
    return row.text("simulator").rfind(simulator, 0) != 0 ||
           (!policy.empty() && row.text("policy") != policy);
  };
  rows.erase(std::remove_if(rows.begin(), rows.end(), other), rows.end());
  return rows;
}

std::map<std::string, memory::Workload> reference_workloads() {
  std::map<std::string, memory::Workload> workloads;
  for (const char* file : {"specs_public.json", "specs_speed.json"}) {
    std::ifstream in(reference_path(std::string("hbm/") + file));
    for (const nlohmann::json& spec : nlohmann::json::parse(in))
      workloads[spec.at("name")] = workload_of(spec);
  }
  return workloads;
}

double Outcome::nanoseconds(double ticks) const {
  const auto per_second = static_cast<double>(command_clock(device).count);
  return ticks / static_cast<double>(ticks_per_ck(device)) / per_second * 1e9;
}

double Outcome::cycles() const {
  return static_cast<double>(replay.end - replay.begin) / static_cast<double>(ticks_per_ck(device));
}

double Outcome::gbytes_per_s() const {
  const auto bytes = static_cast<double>(replay.requests() * atom(device).count);
  return bytes / nanoseconds(static_cast<double>(replay.end - replay.begin));
}

double Outcome::from_arrival_ns() const {
  return nanoseconds(static_cast<double>(replay.since_arrival[hbm::kRead])) /
         static_cast<double>(replay.latency[hbm::kRead].count());
}

Outcome run_reference(const std::string& device, const std::string& policy,
                      const std::string& trace, hbm::CommandSink* sink, std::uint64_t requests) {
  Outcome outcome;
  outcome.device = config::load_hbm(device, memory::find_policy(policy).overrides);
  memory::Workload workload = reference_workloads().at(trace);
  if (requests != 0) workload.requests = requests;
  memory::SyntheticSource source(workload, outcome.device);
  outcome.replay = memory::replay(outcome.device, source, {sink});
  return outcome;
}

}  // namespace aipu::test
