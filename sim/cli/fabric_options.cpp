// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/fabric_options.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <limits>
#include <set>

#include "hw/base/nearest.h"
#include "hw/config/topology_file.h"
#include "hw/config/yaml_source.h"
#include "sim/cli/fabric_traffic.h"
#include "sim/cli/rtl_option.h"
#include "sim/fabric/table.h"

namespace aipu::cli {
namespace {

using directcom::Topology;

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kMostLinkCycles = 100'000;
constexpr std::uint64_t kMostPayload = 1008;  // bytes, flits, errors and hash seed: switch_schema()
constexpr std::uint64_t kMostFlits = 65'536;
constexpr std::uint64_t kMostErrors = 10'000'000;
constexpr std::uint64_t kMostHashSeed = 16'383;
const std::string kYaml = ".yaml";  // a name with it means a file

/// "16", "8x8x8": numbers that fit 32 bits, or nothing.
std::vector<std::uint32_t> numbers(const std::string& text) {
  std::vector<std::uint32_t> all;
  for (const std::string& word : fabric::split(text, 'x')) {
    const auto number = fabric::whole_number(word);
    if (!number || *number > std::numeric_limits<std::uint32_t>::max()) return {};
    all.push_back(static_cast<std::uint32_t>(*number));
  }
  return all;
}

/// A topology by its name, or nothing for that of a file.
std::optional<Topology> regular_topology(const Arguments& arguments) {
  const std::string text = arguments.text("topology");
  const auto [kind, rest] = fabric::kind_name(text);
  const auto sizes = numbers(rest);
  const auto share =
      static_cast<std::uint32_t>(arguments.count("oversubscription", 1, directcom::kMaxPorts));
  const auto expect = [&](std::size_t count, const char* form) {
    if (sizes.size() != count) arguments.refuse("topology", std::string("reads ") + form);
  };
  if (kind == "switch") {
    expect(1, "switch:N, N nodes at one switch");
    if (share != 1) arguments.refuse("oversubscription", "one switch has no up ports");
    return directcom::single_switch(sizes[0]);
  }
  if (kind == "leafspine") {
    expect(3, "leafspine:LxDxS, L leaves of D nodes each, S spines");
    if (sizes[2] == 0) arguments.refuse("topology", "needs a spine");
    if (sizes[2] % share != 0) {
      arguments.refuse("oversubscription", fmt::format("does not divide {} spines", sizes[2]));
    }
    return directcom::leaf_spine(sizes[0], sizes[1], sizes[2] / share);
  }
  if (kind == "hc1000") {
    expect(1, "hc1000:M, M modules");
    if (sizes[0] == 1 && share != 1) {
      arguments.refuse("oversubscription", "one module has no up ports");
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
    arguments.refuse(
        "topology",
        fmt::format("no topology or file{}; valid: switch:N, leafspine:LxDxS, hc1000:M, FILE",
                    close.empty() ? "" : ", did you mean '" + close + "'?"));
  }
  if (arguments.given("oversubscription")) {
    arguments.refuse("oversubscription", "goes with leafspine and hc1000");
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
  return fabric::kind_name(arguments.text("topology")).kind == "hc1000";
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
    arguments.refuse("output-flits", "goes with --speedup 2");
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
    arguments.refuse("packet-flits",
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
    arguments.refuse(
        "link-cycles",
        fmt::format("not a whole number of 1..{}, or several by tier: 2,4", kMostLinkCycles));
  }
  return cycles;
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
      rtl_option(),
      {"seed", "N", "of everything random", "1"},
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
  read_rtl(arguments, *routes_, network);
  setup_.nodes = topology_.nodes;
  setup_.lanes = topology_.lanes;
  setup_.switches = topology_.switches.size();
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
