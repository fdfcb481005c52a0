// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/fabric_traffic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "hw/base/nearest.h"
#include "sim/fabric/table.h"

namespace aipu::cli {
namespace {

using fabric::FlowClass;
using fabric::KindName;

constexpr std::uint64_t kMostCycles = 1'000'000'000'000U;
constexpr std::size_t kMostLoads = 1000;      // of a sweep
constexpr double kLoadStep = 1e-6;            // loads are multiples of it
constexpr std::uint8_t kBackgroundClass = 2;  // with --classes split

double read_load(const Arguments& arguments, const std::string& option, const std::string& text,
                 bool may_be_zero) {
  const auto load = fabric::decimal(text);
  if (!load || *load > 1 || *load < 0 || (*load < kLoadStep && !(may_be_zero && *load == 0))) {
    arguments.refuse(
        option, fmt::format("'{}' is no load; valid: more than 0, up to 1", fabric::shown(text)));
  }
  return *load;
}

std::uint32_t read_node(const Arguments& arguments, const std::string& text, std::uint32_t nodes) {
  const auto node = fabric::whole_number(text);
  if (!node || *node >= nodes) {
    arguments.refuse("traffic", fmt::format("there is no node '{}'; valid: 0..{}",
                                            fabric::shown(text), nodes - 1));
  }
  return static_cast<std::uint32_t>(*node);
}

/// "FILE#SEED".
struct PermutationName {
  std::string path;
  std::string seed;
};
PermutationName permutation_name(const std::string& text) {
  const std::size_t hash = text.rfind('#');
  if (hash == std::string::npos) return {text, ""};
  return {text.substr(0, hash), text.substr(hash + 1)};
}

fabric::Destinations all_to(std::uint32_t node, std::uint32_t nodes) {
  return fabric::Destinations(nodes, static_cast<std::uint16_t>(node));
}

std::vector<FlowClass> read_incast(const Arguments& arguments, const std::string& rest,
                                   std::uint32_t nodes, double load) {
  const auto parts = fabric::fields(rest);
  if (parts.size() != 2) {
    arguments.refuse("traffic", "reads incast+background:D,LOAD, all to node D and LOAD to others");
  }
  const std::uint32_t node = read_node(arguments, parts[0], nodes);
  const double background = read_load(arguments, "traffic", parts[1], false);
  if (nodes < 2) arguments.refuse("traffic", "needs two nodes");
  if (load + background > 1) {
    arguments.refuse(
        "traffic", fmt::format("incast {} and background {} are more than a node can send, 1", load,
                               background));
  }
  const bool split = arguments.word("classes", {"shared", "split"}) == "split";
  FlowClass incast{"incast", load, 1, all_to(node, nodes), {}};
  FlowClass others{"background", background, 1, {}, node};
  if (split) others.traffic_class = kBackgroundClass;
  return {incast, others};
}

fabric::Destinations read_destinations(const Arguments& arguments, const KindName& name,
                                       std::uint32_t nodes) {
  if (name.kind == "bitcomp") return fabric::bit_complement(nodes);
  if (name.kind == "shuffle") return fabric::shuffle(nodes);
  if (name.kind == "transpose") return fabric::transpose(nodes);
  if (name.kind == "hotspot") return all_to(read_node(arguments, name.rest, nodes), nodes);
  if (name.kind == "randperm") {
    const auto seed = fabric::whole_number(name.rest);
    if (!seed) arguments.refuse("traffic", "reads randperm:SEED, SEED a whole number");
    return fabric::random_permutation(nodes, *seed);
  }
  const PermutationName file = permutation_name(name.rest);
  return fabric::read_permutation(file.path, file.seed, nodes);
}

/// Kinds of traffic, and whether they have something after a colon.
struct TrafficKind {
  const char* name;
  bool more;
};
constexpr std::array<TrafficKind, 8> kKinds{{{"uniform", false},
                                             {"bitcomp", false},
                                             {"shuffle", false},
                                             {"transpose", false},
                                             {"hotspot", true},
                                             {"randperm", true},
                                             {"perm", true},
                                             {"incast+background", true}}};

void check_kind(const Arguments& arguments, const KindName& name) {
  std::vector<std::string> names;
  for (const TrafficKind& kind : kKinds) {
    names.emplace_back(kind.name);
    if (name.kind != kind.name) continue;
    const bool colon = arguments.text("traffic").find(':') != std::string::npos;
    if (kind.more == colon) return;
    arguments.refuse("traffic", kind.more ? name.kind + " needs more after a colon"
                                          : name.kind + " takes no more");
  }
  const std::string close = nearest(name.kind, names);
  arguments.refuse("traffic",
                   fmt::format("{}valid: {}", close.empty() ? "" : "did you mean '" + close + "'? ",
                               fmt::join(names, ", ")));
}

}  // namespace

std::vector<Option> load_options() {
  return {
      {"traffic", "NAME",
       "uniform, bitcomp, shuffle, transpose, hotspot:D, randperm:SEED, perm:FILE[#SEED] or "
       "incast+background:D,LOAD",
       "uniform"},
      {"classes", "shared|split", "of incast and background", "shared"},
      {"load", "X", "flits a cycle and lane that every node offers, up to 1"},
      {"sweep", "A:B:STEP", "loads instead, one run each"},
      {"warmup", "N", "cycles before the window (default: half of it)"},
      {"cycles", "N", "of the window (default: 400000 packets)"},
  };
}

std::optional<std::uint64_t> permutation_seed(const std::string& traffic) {
  const KindName name = fabric::kind_name(traffic);
  if (name.kind == "randperm") return fabric::whole_number(name.rest);
  if (name.kind == "perm") return fabric::whole_number(permutation_name(name.rest).seed);
  return std::nullopt;
}

std::vector<FlowClass> read_traffic(const Arguments& arguments, std::uint32_t nodes, double load) {
  const KindName name = fabric::kind_name(arguments.text("traffic"));
  check_kind(arguments, name);
  if (name.kind == "incast+background") return read_incast(arguments, name.rest, nodes, load);
  if (arguments.given("classes")) arguments.refuse("classes", "goes with incast+background");
  FlowClass one{name.kind, load, 1, {}, {}};
  if (name.kind != "uniform") one.destinations = read_destinations(arguments, name, nodes);
  return {one};
}

std::vector<double> read_loads(const Arguments& arguments) {
  const bool incast = fabric::kind_name(arguments.text("traffic")).kind == "incast+background";
  if (arguments.given("load") == arguments.given("sweep")) {
    throw UsageError(arguments.verb(), arguments.given("load")
                                           ? "--load and --sweep exclude one another"
                                           : "one of --load X and --sweep A:B:STEP is missing");
  }
  if (arguments.given("load"))
    return {read_load(arguments, "load", arguments.text("load"), incast)};
  std::vector<double> bounds;
  for (const std::string& bound : fabric::split(arguments.text("sweep"), ':'))
    bounds.push_back(read_load(arguments, "sweep", bound, incast && bounds.empty()));
  if (bounds.size() != 3) arguments.refuse("sweep", "reads A:B:STEP, such as 0.1:0.9:0.1");
  if (bounds[1] < bounds[0]) arguments.refuse("sweep", "ends before it begins");
  const double steps = std::floor((bounds[1] - bounds[0]) / bounds[2] + kLoadStep);
  if (steps + 1 > kMostLoads) {
    arguments.refuse("sweep", fmt::format("has more than {} loads", kMostLoads));
  }
  std::vector<double> loads;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(steps); ++i) {
    const double load = bounds[0] + static_cast<double>(i) * bounds[2];
    loads.push_back(std::min(1.0, std::round(load / kLoadStep) * kLoadStep));
  }
  return loads;
}

fabric::Windows read_windows(const Arguments& arguments, const fabric::Setup& setup,
                             std::uint64_t zero_load, const std::vector<FlowClass>& classes) {
  double load = 0;
  for (const FlowClass& one : classes)
    load += one.load;
  fabric::Windows windows =
      fabric::default_windows({setup.nodes, setup.lanes, setup.packet_flits, 0}, load, zero_load);
  if (arguments.given("cycles")) {
    windows.cycles = arguments.count("cycles", 2, kMostCycles);
    windows.warmup = windows.cycles / 2;
    windows.drain = std::max(windows.cycles, fabric::kLeastDrain);
  }
  if (arguments.given("warmup")) windows.warmup = arguments.count("warmup", 0, kMostCycles);
  return windows;
}

}  // namespace aipu::cli
