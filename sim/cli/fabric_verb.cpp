// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <iostream>
#include <sstream>

#include "sim/cli/collective_verb.h"
#include "sim/cli/fabric_options.h"
#include "sim/cli/fabric_traffic.h"
#include "sim/cli/verbs.h"
#include "sim/fabric/flow_report.h"
#include "sim/fabric/load_report.h"
#include "sim/fabric/path.h"
#include "sim/memory/new_file.h"

namespace aipu::cli {
namespace {

/// To the file of -o, or to standard output.
void put(const Arguments& arguments, const std::string& text) {
  if (arguments.given("output")) {
    memory::write_file(arguments.text("output"), text);
  } else {
    std::cout << text;
  }
}

void put_links(const Arguments& arguments, const std::vector<fabric::LinkShare>& links) {
  if (arguments.given("links")) {
    memory::write_file(arguments.text("links"), fabric::to_csv(links));
  }
}

template <typename... Results>
std::string report(const Arguments& arguments, const Results&... results) {
  if (arguments.flag("json")) return fabric::to_json(results...) + "\n";
  std::ostringstream text;
  fabric::print(text, results...);
  return text.str();
}

ExitCode run_load(const Arguments& arguments) {
  const std::vector<double> loads = read_loads(arguments);
  const FabricNetwork network(arguments);
  fabric::Setup setup = network.setup();
  setup.traffic = arguments.text("traffic");
  std::vector<fabric::LoadResult> results;
  std::vector<std::vector<fabric::FlowClass>> traffic;  // all of it is judged before the first run
  for (const double load : loads)
    traffic.push_back(read_traffic(arguments, setup.nodes, load));
  if (traffic.front().size() > 1) setup.classes = arguments.text("classes");
  FabricWatch watch("loads", loads.size(), setup.cycle_ns());
  const std::uint64_t zero_load = fabric::longest_zero_load(network.routes(), setup.network);
  for (const auto& classes : traffic) {
    const fabric::Windows windows = read_windows(arguments, setup, zero_load, classes);
    results.push_back(
        fabric::run_load(network.routes(), setup.network, classes,
                         {setup.nodes, setup.lanes, setup.packet_flits, setup.network.seed},
                         windows, [&](std::uint64_t cycle) { watch.look(cycle); }));
    watch.done_one(windows.warmup + windows.cycles);
  }
  watch.clear();
  if (arguments.given("sweep")) {
    put(arguments, report(arguments, setup, results));
  } else {
    put_links(arguments, results.front().links);
    put(arguments, report(arguments, setup, results.front()));
  }
  return ExitCode::kGood;
}

ExitCode run_flows(const Arguments& arguments) {
  const FabricNetwork network(arguments);
  fabric::Setup setup = network.setup();
  setup.traffic = arguments.text("flows");
  const fabric::Packing packing{setup.packet_flits,
                                static_cast<std::uint32_t>(setup.network.plane.flit.count),
                                setup.cycle_ns()};
  if (packing.packet_flits < 2) {
    throw UsageError(arguments.verb(),
                     "--flows needs --packet-flits 2 or more: a header and payload");
  }
  const auto flows = fabric::read_flows(arguments.text("flows"), setup.nodes);
  FabricWatch watch("runs", 1, setup.cycle_ns());
  const auto result = fabric::run_flows(network.routes(), setup.network, packing, flows,
                                        [&](std::uint64_t cycle) { watch.look(cycle); });
  watch.clear();
  put_links(arguments, result.links);
  put(arguments, report(arguments, setup, flows, result));
  return ExitCode::kGood;
}

/// What is to be run in place of a load, by the option that asks for it, and the options of a load
/// or of another such thing that it has no use for.
struct Mode {
  const char* option;
  ExitCode (*run)(const Arguments& arguments);
};
const std::vector<Mode>& modes() {
  static const std::vector<Mode> all{{"flows", run_flows}, {"collective", run_collective}};
  return all;
}

void refuse_together(const Arguments& arguments, const std::string& option,
                     const std::string& with) {
  if (!arguments.given(option)) return;
  throw UsageError(arguments.verb(), fmt::format("--{} does not go with --{}", option, with));
}

/// Options that only a collective has.
void refuse_collective_options(const Arguments& arguments) {
  const std::vector<Option> network = network_options();
  for (const Option& option : collective_options()) {
    const std::string name = long_name(option);
    const auto same = [&](const Option& other) { return long_name(other) == name; };
    if (!arguments.given(name) || name == "json") continue;
    if (std::any_of(network.begin(), network.end(), same)) continue;
    throw UsageError(arguments.verb(), fmt::format("--{} goes with --collective only", name));
  }
}

ExitCode run_fabric(const Arguments& arguments) {
  if (!arguments.given("collective")) refuse_collective_options(arguments);
  for (const Mode& mode : modes()) {
    if (!arguments.given(mode.option)) continue;
    for (const Option& option : load_options())
      refuse_together(arguments, option.name, mode.option);
    for (const Mode& other : modes()) {
      if (&other != &mode) refuse_together(arguments, other.option, mode.option);
    }
    return mode.run(arguments);
  }
  if (arguments.given("sweep")) refuse_together(arguments, "links", "sweep");
  return run_load(arguments);
}

}  // namespace

Verb fabric_verb() {
  using Kind = Option::Kind;
  std::vector<Option> options = network_options();
  const auto load = load_options();
  options.insert(options.end(), load.begin(), load.end());
  options.insert(options.end(),
                 {{"flows", "FILE", "messages instead: source,destination,bytes,start_ns[,class]"},
                  {"json", "", "print the result as one JSON object", "", Kind::kFlag},
                  {"links", "FILE", "gets where the time of every link went, as CSV"},
                  {"output,o", "FILE", "gets the result, in place of standard output"}});
  for (const Option& option : collective_options()) {
    const bool there = std::any_of(options.begin(), options.end(), [&](const Option& other) {
      return long_name(other) == long_name(option);
    });
    if (!there) options.push_back(option);
  }
  return {{"fabric",
           "loads a network of DirectCom switches alone and says what limits it",
           "",
           false,
           options,
           {"hc1000 fabric --topology switch:16 --traffic uniform --load 0.8",
            "hc1000 fabric --topology hc1000:8 --traffic randperm:11 --load 1 --routing ecmp",
            "hc1000 fabric --topology leafspine:8x8x8 --sweep 0.1:1:0.1 --json",
            "hc1000 fabric --traffic incast+background:0,0.3 --load 0.1 --classes split",
            "printf '0,1,1000000,0\\n2,1,1000000,500\\n' > flows.csv",
            "hc1000 fabric --topology hc1000:4 --flows flows.csv --links links.csv",
            "hc1000 fabric --collective allreduce --bytes 1MiB --aipus 16"}},
          run_fabric};
}

}  // namespace aipu::cli
