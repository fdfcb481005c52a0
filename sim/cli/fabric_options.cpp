// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/fabric_options.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "hw/base/nearest.h"
#include "hw/config/topology_file.h"
#include "hw/config/yaml_source.h"
#include "sim/fabric/links.h"
#include "sim/fabric/path.h"
#include "sim/fabric/table.h"

namespace aipu::cli {
namespace {

using directcom::Topology;
using fabric::FlowClass;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kMostCycles = 1'000'000'000'000U;
constexpr std::uint64_t kMostLinkCycles = 100'000;
constexpr std::uint64_t kMostPayload = 1008;  // bytes, flits, errors and hash seed: switch_schema()
constexpr std::uint64_t kMostFlits = 65'536;
constexpr std::uint64_t kMostErrors = 10'000'000;
constexpr std::uint64_t kMostHashSeed = 16'383;
constexpr std::size_t kMostLoads = 1000;      // of a sweep
constexpr double kLoadStep = 1e-6;            // loads are multiples of it
const std::string kYaml = ".yaml";            // a name with it means a file
constexpr std::uint8_t kBackgroundClass = 2;  // with --classes split

[[noreturn]] void refuse(const Arguments& arguments, const std::string& option,
                         const std::string& message) {
  throw UsageError(arguments.verb(),
                   fmt::format("--{} '{}': {}", option, arguments.text(option), message));
}

/// "16", "8x8x8": numbers that fit 32 bits, or nothing.
std::vector<std::uint32_t> numbers(const std::string& text) {
  std::vector<std::uint32_t> all;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find('x', from), text.size());
    const auto number = fabric::whole_number(text.substr(from, end - from));
    if (!number || *number > std::numeric_limits<std::uint32_t>::max()) return {};
    all.push_back(static_cast<std::uint32_t>(*number));
    from = end + 1;
  }
  return all;
}

/// A topology by its name, or nothing for that of a file.
std::optional<Topology> regular_topology(const Arguments& arguments) {
  const std::string text = arguments.text("topology");
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string kind = text.substr(0, colon);
  const auto sizes = numbers(text.substr(std::min(colon + 1, text.size())));
  const auto share =
      static_cast<std::uint32_t>(arguments.count("oversubscription", 1, directcom::kMaxPorts));
  const auto expect = [&](std::size_t count, const char* form) {
    if (sizes.size() != count) refuse(arguments, "topology", std::string("reads ") + form);
  };
  if (kind == "switch") {
    expect(1, "switch:N, N nodes at one switch");
    if (share != 1) refuse(arguments, "oversubscription", "one switch has no up ports");
    return directcom::single_switch(sizes[0]);
  }
  if (kind == "leafspine") {
    expect(3, "leafspine:LxDxS, L leaves of D nodes each, S spines");
    if (sizes[2] == 0) refuse(arguments, "topology", "needs a spine");
    if (sizes[2] % share != 0) {
      refuse(arguments, "oversubscription", fmt::format("does not divide {} spines", sizes[2]));
    }
    return directcom::leaf_spine(sizes[0], sizes[1], sizes[2] / share);
  }
  if (kind == "hc1000") {
    expect(1, "hc1000:M, M modules");
    if (sizes[0] == 1 && share != 1) {
      refuse(arguments, "oversubscription", "one module has no up ports");
    }
    directcom::Hc1000 machine;
    machine.modules = sizes[0];
    machine.oversubscription = share;
    return directcom::hc1000(machine);
  }
  const bool file = text.size() > kYaml.size() &&
                    text.compare(text.size() - kYaml.size(), kYaml.size(), kYaml) == 0;
  if (!file && !std::filesystem::exists(text)) {
    const std::string close = nearest(kind, {"switch", "leafspine", "hc1000"});
    refuse(arguments, "topology",
           fmt::format("no topology or file{}; valid: switch:N, leafspine:LxDxS, hc1000:M, FILE",
                       close.empty() ? "" : ", did you mean '" + close + "'?"));
  }
  if (arguments.given("oversubscription")) {
    refuse(arguments, "oversubscription", "goes with leafspine and hc1000");
  }
  return std::nullopt;
}

directcom::PathChoice read_choice(const Arguments& arguments, const std::string& option) {
  const auto& entries = directcom::path_choice_names().entries;
  std::vector<std::string> names;
  for (const auto& entry : entries)
    names.emplace_back(entry.name);
  const std::string name = arguments.word(option, names);
  return entries[static_cast<std::size_t>(std::find(names.begin(), names.end(), name) -
                                          names.begin())]
      .value;
}

/// A number for a key of the switch, where it is given.
void read_key(const Arguments& arguments, const std::string& option, std::uint64_t low,
              std::uint64_t high, std::uint32_t& key) {
  if (arguments.given(option)) key = static_cast<std::uint32_t>(arguments.count(option, low, high));
}

void expect_room(const Arguments& arguments, const std::string& option, std::uint32_t flits,
                 std::uint32_t packet) {
  if (flits >= packet) return;
  throw UsageError(arguments.verb(), fmt::format("--{} {}: does not hold a packet of {} flits",
                                                 option, flits, packet));
}

bool is_hc1000(const Arguments& arguments) {
  const std::string text = arguments.text("topology");
  return text.substr(0, text.find(':')) == "hc1000";
}

/// The switch of the board, changed by options first, then by --set; its schema judges all of it.
directcom::SwitchConfig read_switch(const Arguments& arguments) {
  directcom::SwitchConfig plane;
  const std::uint64_t flit = plane.flit.count;
  std::uint32_t packet = plane.max_packet_flits();
  read_key(arguments, "packet-flits", 1, 1 + kMostPayload / flit, packet);
  plane.payload = Bytes(std::max(1U, packet - 1) * flit);
  read_key(arguments, "buffer-flits", 2, kMostFlits, plane.voq_flits);
  expect_room(arguments, "buffer-flits", plane.voq_flits, packet);
  if (!is_hc1000(arguments)) plane.speedup = 1;  // the plain switch of published curves
  read_key(arguments, "speedup", 1, 2, plane.speedup);
  if (arguments.given("pipeline-cycles"))
    plane.pipeline = Cycles(arguments.count("pipeline-cycles", 2, 64));
  read_key(arguments, "output-flits", 1, kMostFlits, plane.out_flits);
  if (arguments.given("output-flits") && plane.speedup == 1) {
    refuse(arguments, "output-flits", "goes with --speedup 2");
  }
  if (plane.speedup > 1) expect_room(arguments, "output-flits", plane.out_flits, packet);
  read_key(arguments, "flit-errors", 0, kMostErrors, plane.flit_errors);
  if (arguments.given("routing")) plane.up_choice = read_choice(arguments, "routing");
  if (arguments.given("hash-seed")) {
    read_key(arguments, "hash-seed", 0, kMostHashSeed, plane.hash_seed);
  } else if (const auto seed = permutation_seed(arguments.text("traffic"))) {
    plane.hash_seed = static_cast<std::uint32_t>(*seed % (kMostHashSeed + 1));
  }
  const auto schema = directcom::switch_schema();
  Places places;
  for (const std::string& text : arguments.all("set"))
    schema.read(*config::parse_override(text), plane, places);
  schema.check(plane, places);
  if (arguments.given("packet-flits") && packet > plane.max_packet_flits()) {
    refuse(arguments, "packet-flits",
           fmt::format("longer than payload {} of --set allows", to_text(plane.payload)));
  }
  return plane;
}

/// Of every tier: what the options say, or what the latencies of the switch make.
std::vector<std::uint32_t> read_link_cycles(const Arguments& arguments,
                                            const directcom::SwitchConfig& plane) {
  if (!arguments.given("link-cycles")) {
    return {static_cast<std::uint32_t>(plane.link(0).count),
            static_cast<std::uint32_t>(plane.link(1).count)};
  }
  std::vector<std::uint32_t> cycles;
  for (const std::string& word : fabric::words(arguments.text("link-cycles"))) {
    const auto number = fabric::whole_number(word);
    if (!number || *number < 1 || *number > kMostLinkCycles) {
      cycles.clear();
      break;
    }
    cycles.push_back(static_cast<std::uint32_t>(*number));
  }
  if (cycles.empty()) {
    refuse(arguments, "link-cycles",
           fmt::format("not a whole number of 1..{}, or several by tier: 2,4", kMostLinkCycles));
  }
  return cycles;
}

double read_load(const Arguments& arguments, const std::string& option, const std::string& text,
                 bool may_be_zero) {
  const auto load = fabric::decimal(text);
  if (!load || *load > 1 || *load < 0 || (*load < kLoadStep && !(may_be_zero && *load == 0))) {
    refuse(arguments, option,
           fmt::format("'{}' is no load; valid: more than 0, up to 1", fabric::shown(text)));
  }
  return *load;
}

std::uint32_t read_node(const Arguments& arguments, const std::string& text, std::uint32_t nodes) {
  const auto node = fabric::whole_number(text);
  if (!node || *node >= nodes) {
    refuse(arguments, "traffic",
           fmt::format("there is no node '{}'; valid: 0..{}", fabric::shown(text), nodes - 1));
  }
  return static_cast<std::uint32_t>(*node);
}

/// "uniform", "hotspot:3": the word before the colon and what follows.
struct TrafficName {
  std::string kind;
  std::string rest;
};
TrafficName traffic_name(const std::string& text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  return {text.substr(0, colon), text.substr(std::min(colon + 1, text.size()))};
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
    refuse(arguments, "traffic",
           "reads incast+background:D,LOAD, all to node D and LOAD to others");
  }
  const std::uint32_t node = read_node(arguments, parts[0], nodes);
  const double background = read_load(arguments, "traffic", parts[1], false);
  if (nodes < 2) refuse(arguments, "traffic", "needs two nodes");
  if (load + background > 1) {
    refuse(arguments, "traffic",
           fmt::format("incast {} and background {} are more than a node can send, 1", load,
                       background));
  }
  const bool split = arguments.word("classes", {"shared", "split"}) == "split";
  FlowClass incast{"incast", load, 1, all_to(node, nodes), {}};
  FlowClass others{"background", background, 1, {}, node};
  if (split) others.traffic_class = kBackgroundClass;
  return {incast, others};
}

fabric::Destinations read_destinations(const Arguments& arguments, const TrafficName& name,
                                       std::uint32_t nodes) {
  if (name.kind == "bitcomp") return fabric::bit_complement(nodes);
  if (name.kind == "shuffle") return fabric::shuffle(nodes);
  if (name.kind == "transpose") return fabric::transpose(nodes);
  if (name.kind == "hotspot") return all_to(read_node(arguments, name.rest, nodes), nodes);
  if (name.kind == "randperm") {
    const auto seed = fabric::whole_number(name.rest);
    if (!seed) refuse(arguments, "traffic", "reads randperm:SEED, SEED a whole number");
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

void check_kind(const Arguments& arguments, const TrafficName& name) {
  std::vector<std::string> names;
  for (const TrafficKind& kind : kKinds) {
    names.emplace_back(kind.name);
    if (name.kind != kind.name) continue;
    const bool colon = arguments.text("traffic").find(':') != std::string::npos;
    if (kind.more == colon) return;
    refuse(arguments, "traffic",
           kind.more ? name.kind + " needs more after a colon" : name.kind + " takes no more");
  }
  const std::string close = nearest(name.kind, names);
  refuse(arguments, "traffic",
         fmt::format("{}valid: {}", close.empty() ? "" : "did you mean '" + close + "'? ",
                     fmt::join(names, ", ")));
}

}  // namespace

std::vector<Option> network_options() {
  using Kind = Option::Kind;
  return {
      {"topology", "NAME|FILE", "switch:N, leafspine:LxDxS, hc1000:M or a topology file",
       "hc1000:1"},
      {"oversubscription", "N", "of leafspine and hc1000: up ports divided by this", "1"},
      {"routing", "NAME", "adaptive, adaptive2, random, round-robin, ecmp, static"},
      {"lane-choice", "NAME", "the same for the lane at a node"},
      {"hash-seed", "N", "of ecmp (default: that of the permutation, else 0)"},
      {"packet-flits", "N", "flits of a packet, header included"},
      {"buffer-flits", "N", "for each input, output and class"},
      {"speedup", "1|2", "crossbar ticks a link cycle (default: hc1000:M as its board, else 1)"},
      {"output-flits", "N", "FIFO of an output with --speedup 2"},
      {"pipeline-cycles", "P", "of a switch"},
      {"link-cycles", "K[,K...]", "of links, by tier; all of these by default as on the board"},
      {"flit-errors", "N", "corrupted flits of 10^9 on every link, each sent again (default 0)"},
      {"mask", "LINK", "fails a link, FROM-TO as in the links of --json; may be repeated", "",
       Kind::kRepeated},
      {"set", "KEY=VALUE", "overrides a key of the switch; may be repeated", "", Kind::kRepeated},
      {"seed", "N", "of everything random", "1"},
  };
}

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

FabricNetwork::FabricNetwork(const Arguments& arguments) {
  setup_.topology = arguments.text("topology");
  directcom::Network::Config& network = setup_.network;
  network.plane = read_switch(arguments);
  setup_.packet_flits = network.plane.max_packet_flits();
  read_key(arguments, "packet-flits", 1, kMost, setup_.packet_flits);
  network.link_cycles = read_link_cycles(arguments, network.plane);
  if (arguments.given("lane-choice")) network.lane_choice = read_choice(arguments, "lane-choice");
  network.seed = arguments.count("seed", 0, kMost);
  if (auto regular = regular_topology(arguments)) {
    topology_ = std::move(*regular);
    directcom::check_topology(topology_, setup_.topology);
    routes_ = std::make_unique<directcom::Routes>(topology_);
    directcom::check_deadlock_free(*routes_, setup_.topology);
  } else {
    config::TopologyFile file = config::load_topology(setup_.topology);
    topology_ = file.topology;
    routes_ = std::make_unique<directcom::Routes>(topology_);
    file.apply(*routes_);
    directcom::check_deadlock_free(*routes_, file.place);
  }
  std::set<std::uint32_t> masked;
  for (const std::string& name : arguments.all("mask")) {
    const std::uint32_t link = directcom::find_link(topology_, name);
    if (!masked.insert(link).second) {
      throw UsageError(arguments.verb(), fmt::format("--mask '{}' is given twice", name));
    }
    routes_->mask(link);
    setup_.masked.push_back(name);
  }
  setup_.nodes = topology_.nodes;
  setup_.lanes = topology_.lanes;
  setup_.switches = topology_.switches.size();
}

std::optional<std::uint64_t> permutation_seed(const std::string& traffic) {
  const TrafficName name = traffic_name(traffic);
  if (name.kind == "randperm") return fabric::whole_number(name.rest);
  if (name.kind == "perm") return fabric::whole_number(permutation_name(name.rest).seed);
  return std::nullopt;
}

std::vector<FlowClass> read_traffic(const Arguments& arguments, std::uint32_t nodes, double load) {
  const TrafficName name = traffic_name(arguments.text("traffic"));
  check_kind(arguments, name);
  if (name.kind == "incast+background") return read_incast(arguments, name.rest, nodes, load);
  if (arguments.given("classes")) refuse(arguments, "classes", "goes with incast+background");
  FlowClass one{name.kind, load, 1, {}, {}};
  if (name.kind != "uniform") one.destinations = read_destinations(arguments, name, nodes);
  return {one};
}

std::vector<double> read_loads(const Arguments& arguments) {
  const bool incast = traffic_name(arguments.text("traffic")).kind == "incast+background";
  if (arguments.given("load") == arguments.given("sweep")) {
    throw UsageError(arguments.verb(), arguments.given("load")
                                           ? "--load and --sweep exclude one another"
                                           : "one of --load X and --sweep A:B:STEP is missing");
  }
  if (arguments.given("load"))
    return {read_load(arguments, "load", arguments.text("load"), incast)};
  const std::string text = arguments.text("sweep");
  std::vector<double> bounds;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find(':', from), text.size());
    bounds.push_back(
        read_load(arguments, "sweep", text.substr(from, end - from), incast && bounds.empty()));
    from = end + 1;
  }
  if (bounds.size() != 3) refuse(arguments, "sweep", "reads A:B:STEP, such as 0.1:0.9:0.1");
  if (bounds[1] < bounds[0]) refuse(arguments, "sweep", "ends before it begins");
  const double steps = std::floor((bounds[1] - bounds[0]) / bounds[2] + kLoadStep);
  if (steps + 1 > kMostLoads) {
    refuse(arguments, "sweep", fmt::format("has more than {} loads", kMostLoads));
  }
  std::vector<double> loads;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(steps); ++i) {
    const double load = bounds[0] + static_cast<double>(i) * bounds[2];
    loads.push_back(std::min(1.0, std::round(load / kLoadStep) * kLoadStep));
  }
  return loads;
}

fabric::Windows read_windows(const Arguments& arguments, const FabricNetwork& network,
                             const std::vector<FlowClass>& classes) {
  const fabric::Setup& setup = network.setup();
  double load = 0;
  for (const FlowClass& one : classes)
    load += one.load;
  fabric::Windows windows =
      fabric::default_windows({setup.nodes, setup.lanes, setup.packet_flits, 0}, load,
                              fabric::longest_zero_load(network.routes(), setup.network));
  if (arguments.given("cycles")) {
    windows.cycles = arguments.count("cycles", 2, kMostCycles);
    windows.warmup = windows.cycles / 2;
    windows.drain = std::max(windows.cycles, fabric::kLeastDrain);
  }
  if (arguments.given("warmup")) windows.warmup = arguments.count("warmup", 0, kMostCycles);
  return windows;
}

FabricWatch::FabricWatch(const char* unit, std::size_t runs, double cycle_ns)
    : cycle_ns_(cycle_ns), progress_(unit, runs, false) {}

void FabricWatch::look(std::uint64_t cycle) {
  if (guard_.interrupted()) {
    progress_.clear();
    throw UserError(ExitCode::kInterrupted,
                    fmt::format("interrupted in cycle {}; nothing is reported", cycle));
  }
  constexpr double kPicoseconds = 1000;  // in a nanosecond
  progress_.update(
      static_cast<std::uint64_t>(static_cast<double>(before_ + cycle) * cycle_ns_ * kPicoseconds));
}

void FabricWatch::done_one(std::uint64_t cycle) {
  before_ += cycle;
  progress_.done_one();
}

}  // namespace aipu::cli
