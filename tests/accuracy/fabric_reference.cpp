// SPDX-License-Identifier: Apache-2.0
#include "tests/accuracy/fabric_reference.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <ostream>
#include <sstream>
#include <utility>

#include "sim/fabric/permutation.h"

namespace aipu::test {
namespace {

using directcom::PathChoice;

/// The numbers of a text, whatever is between them.
std::vector<double> numbers(std::string text) {
  const auto other = [](unsigned char c) { return std::isdigit(c) == 0 && c != '.'; };
  std::replace_if(text.begin(), text.end(), other, ' ');
  std::istringstream in(text);
  std::vector<double> found;
  for (double number = 0; in >> number;)
    found.push_back(number);
  return found;
}

bool begins(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

directcom::Topology topology_of(const FabricRow& row) {
  if (!begins(row.text("topology"), "leafspine"))
    return directcom::single_switch(static_cast<std::uint32_t>(row.number("nodes")));
  std::vector<std::uint32_t> sizes;
  for (const double size : numbers(row.text("topology")))
    sizes.push_back(static_cast<std::uint32_t>(size));
  return directcom::leaf_spine(sizes.at(0), sizes.at(1), sizes.at(2));
}

PathChoice choice_of(const FabricRow& row) {
  const std::map<std::string, PathChoice> choices{
      {"adapt", PathChoice::kAdaptive}, {"adapt2", PathChoice::kAdaptive2},
      {"ecmp", PathChoice::kEcmp},      {"rand", PathChoice::kRandom},
      {"rr", PathChoice::kRoundRobin},  {"dmod", PathChoice::kStatic},
      {"dest_tag", PathChoice::kStatic}};
  return choices.at(row.text("routing"));
}

std::uint32_t hash_seed(const FabricRow& row) {
  const std::string seed = row.extra("hash_seed");
  return seed.empty() ? 0 : static_cast<std::uint32_t>(std::stoul(seed));
}

/// One kind of traffic, `hotspot({0})`.
fabric::FlowClass flow_class(const FabricRow& row, const std::string& traffic, double load) {
  const auto nodes = static_cast<std::uint32_t>(row.number("nodes"));
  fabric::FlowClass flow{traffic, load, 2, {}, {}};
  if (traffic == "bitcomp") {
    flow.destinations = fabric::bit_complement(nodes);
  } else if (begins(traffic, "randperm")) {
    flow.destinations =
        fabric::read_permutation(reference_path("network/permutations.csv"),
                                 fmt::format("{:.0f}", numbers(traffic).at(0)), nodes);
  } else if (begins(traffic, "hotspot")) {
    flow.destinations.assign(nodes, static_cast<std::uint16_t>(numbers(traffic).at(0)));
  } else if (begins(traffic, "background")) {
    flow.avoided = static_cast<std::uint32_t>(numbers(traffic).at(0));
  }
  return flow;
}

/// The counters of a class, of all seeds together.
struct Sums {
  std::vector<std::uint64_t> flits;
  memory::Latencies latency;
  std::vector<double> means;

  void add(const fabric::ClassResult& result) {
    flits.resize(result.flits.size());
    for (std::size_t n = 0; n < flits.size(); ++n)
      flits[n] += result.flits[n];
    latency.merge(result.latency);
    means.push_back(result.latency.mean());
  }
  double noise() const {
    double sum = 0;
    double squares = 0;
    for (const double mean : means) {
      sum += mean;
      squares += mean * mean;
    }
    const auto n = static_cast<double>(means.size());
    const double variance = (squares - sum * sum / n) / std::max(1.0, n - 1);
    return std::sqrt(std::max(0.0, variance) / n);
  }
};

}  // namespace

std::string FabricRow::extra(const std::string& key) const {
  std::istringstream in(text("extra"));
  for (std::string word; in >> word;) {
    if (begins(word, key + "=")) return word.substr(key.size() + 1);
  }
  return "";
}

std::string FabricRow::name() const {
  std::string name = text("experiment") + "_L" + text("packet_flits") + "_at" + text("offered");
  if (text("class") != "0" || begins(text("packet_flits"), "{")) name += "_class" + text("class");
  std::string clean;
  for (const char c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (plain || (!clean.empty() && clean.back() != '_')) clean += plain ? c : '_';
  }
  return saturation() && !begins(name, "victim") ? clean + "_saturated" : clean;
}

std::ostream& operator<<(std::ostream& out, const FabricRow& row) {
  return out << row.name();
}

std::vector<FabricRow> fabric_rows(const std::string& file, const std::string& experiment) {
  std::vector<FabricRow> rows;
  for (CsvRow& row : reference_table("network/" + file)) {
    if (begins(row.text("experiment"), experiment)) rows.push_back({std::move(row)});
  }
  return rows;
}

// The reference's latency at zero load is 2 + 4 h + L - 1 cycles over h switches, with speed-up
// 2 + 3 h + L - 1. Ours is (h + 1) K + h P + L - 1 with links of K and pipelines of P >= 2 cycles.
FabricMachine fabric_machine(const FabricRow& row) {
  FabricMachine machine;
  machine.topology = topology_of(row);
  machine.senders.nodes = machine.topology.nodes;
  machine.senders.packet_flits =
      static_cast<std::uint32_t>(numbers(row.text("packet_flits")).at(0));
  const bool one_switch = machine.topology.switches.size() == 1;
  directcom::Network::Config& config = machine.config;
  config.plane.payload = Bytes((machine.senders.packet_flits - 1) * config.plane.flit.count);
  config.plane.voq_flits = static_cast<std::uint32_t>(row.number("vc_buf_flits"));
  config.plane.up_choice = choice_of(row);
  config.plane.hash_seed = hash_seed(row);
  if (row.extra("xbar_speedup").empty()) {
    config.plane.speedup = 1;
    config.link_cycles = {one_switch ? 1U : 2U};
    config.plane.pipeline = Cycles(one_switch ? 4 : 2);
  } else {
    config.plane.speedup = 2;
    config.plane.out_flits = static_cast<std::uint32_t>(std::stoul(row.extra("out_buf_flits")));
    config.link_cycles = {1};
    config.plane.pipeline = Cycles(one_switch ? 3 : 2);
    machine.constant = one_switch ? 0 : 1;
  }
  return machine;
}

std::uint64_t zero_load(const FabricMachine& machine, std::uint32_t hops, std::uint32_t flits) {
  const directcom::Network::Config& config = machine.config;
  return machine.constant + (hops + 1) * config.link_cycles.front() +
         hops * config.plane.pipeline.count + flits - 1;
}

std::vector<fabric::FlowClass> fabric_traffic(const FabricRow& row, bool split) {
  const std::string& traffic = row.text("traffic");
  const std::vector<double> loads = numbers(row.text("offered"));
  std::vector<fabric::FlowClass> classes;
  if (loads.size() == 1) {
    classes.push_back(flow_class(row, traffic, loads[0]));
    return classes;
  }
  const std::size_t comma = traffic.find(',');
  classes.push_back(flow_class(row, traffic.substr(1, comma - 1), loads.at(0)));
  classes.push_back(flow_class(row, traffic.substr(comma + 1), loads.at(1)));
  if (split) classes[0].traffic_class = 3;
  return classes;
}

FabricRun fabric_run(const FabricRow& row) {
  constexpr double kPackets = 400'000;  // of a seed
  FabricRun run;
  const double rate = row.number("nodes") * numbers(row.text("offered")).back() /
                      numbers(row.text("packet_flits")).back();
  run.windows.cycles = static_cast<std::uint64_t>(kPackets / rate);
  run.windows.warmup = run.windows.cycles / 4;
  run.windows.drain = row.saturation() ? 0 : run.windows.cycles;
  return run;
}

FabricOutcome run_fabric(const FabricRow&, const FabricMachine& machine,
                         const std::vector<fabric::FlowClass>& traffic, const FabricRun& run,
                         std::size_t index) {
  const directcom::Routes routes(machine.topology);
  Sums sums;
  for (std::uint32_t seed = 1; seed <= run.seeds; ++seed) {
    fabric::Senders senders = machine.senders;
    senders.seed = seed;
    directcom::Network::Config config = machine.config;
    config.seed = seed;
    sums.add(fabric::run_load(routes, config, traffic, senders, run.windows, [](std::uint64_t) {
             }).classes.at(index));
  }
  const auto [worst, best] = std::minmax_element(sums.flits.begin(), sums.flits.end());
  double total = 0;
  for (const std::uint64_t flits : sums.flits)
    total += static_cast<double>(flits);
  const auto cycles = static_cast<double>(run.windows.cycles * run.seeds);
  FabricOutcome outcome;
  outcome.accepted = total / static_cast<double>(sums.flits.size()) / cycles;
  outcome.worst_node = static_cast<double>(*worst) / cycles;
  outcome.best_node = static_cast<double>(*best) / cycles;
  outcome.mean = sums.latency.mean() + machine.constant;
  outcome.p50 = static_cast<double>(sums.latency.percentile(50) + machine.constant);
  outcome.p99 = static_cast<double>(sums.latency.percentile(99) + machine.constant);
  outcome.mean_noise = sums.noise();
  return outcome;
}

}  // namespace aipu::test
