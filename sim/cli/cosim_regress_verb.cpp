// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <thread>

#include "sim/cli/cosim_verb.h"
#include "sim/cosim/regress.h"
#include "sim/cosim/regress_report.h"
#include "sim/fabric/table.h"
#include "sim/memory/new_file.h"
#include "tlm/cosim/built_router.h"
#include "tlm/cosim/switch_pins.h"

namespace aipu::cli {
namespace {

constexpr std::uint64_t kMostSeeds = 1'000'000;
constexpr std::uint64_t kMostCycles = 100'000'000;
constexpr std::uint64_t kMostSeconds = 1'000'000;
constexpr std::uint64_t kMostWorkers = 256;
constexpr std::uint64_t kSeeds = 36;       ///< each pattern four times; 2 M flits
constexpr std::uint64_t kLongSeeds = 180;  ///< over 10 M flits

/// "4,5,16": whole numbers of low..high, each once.
std::vector<std::uint32_t> read_list(const Arguments& arguments, const std::string& option,
                                     std::uint32_t low, std::uint32_t high) {
  std::vector<std::uint32_t> list;
  for (const std::string& word : fabric::split(arguments.text(option), ',')) {
    const auto number = fabric::whole_number(word);
    if (!number || *number < low || *number > high)
      arguments.refuse(option, fmt::format("reads N,N,..., each of {}..{}", low, high));
    if (std::find(list.begin(), list.end(), *number) != list.end())
      arguments.refuse(option, fmt::format("has {} twice", *number));
    list.push_back(static_cast<std::uint32_t>(*number));
  }
  std::sort(list.begin(), list.end());
  return list;
}

cosim::RegressPlan read_plan(const Arguments& arguments) {
  cosim::RegressPlan plan;
  const bool is_long = arguments.flag("long");
  const std::uint32_t most = cosim::SwitchPins::built().back();
  if (arguments.given("ports")) {
    plan.ports = read_list(arguments, "ports", 2, most);
  } else {
    plan.ports.erase(std::upper_bound(plan.ports.begin(), plan.ports.end(), most),
                     plan.ports.end());
    if (plan.ports.empty()) plan.ports = {most};
  }
  plan.speedups = read_list(arguments, "speedup", 1, 2);
  plan.from = arguments.count("from", 1, kMostSeeds);
  plan.seeds = is_long ? kLongSeeds : kSeeds;
  if (arguments.given("seeds")) plan.seeds = arguments.count("seeds", 1, kMostSeeds);
  plan.cycles = arguments.count("cycles", 1, kMostCycles);
  plan.workers = std::max(1U, std::thread::hardware_concurrency());
  if (arguments.given("jobs"))
    plan.workers = static_cast<unsigned>(arguments.count("jobs", 1, kMostWorkers));
  if (arguments.given("time"))
    plan.limit = std::chrono::seconds(arguments.count("time", 1, kMostSeconds));
  plan.self_test = arguments.flag("self-test");
  return plan;
}

/// A path that can be no file is better told before the runs.
void check_files(const Arguments& arguments) {
  for (const char* option : {"junit", "html"}) {
    if (arguments.given(option)) const memory::NewFile possible(arguments.text(option));
  }
}

/// Makes a failed run again; its replay file, waves and view go into a folder.
cosim::Again into(const std::string& folder) {
  return [folder](const cosim::RandomRun& failed) -> std::string {
    cosim::RandomRun run = failed;
    run.failure_prefix = (std::filesystem::path(folder) / run.name).string();
    try {
      run.run();
    } catch (const cosim::Mismatch&) {
      return fmt::format("{0}.replay\n{0}.fst\n{0}.gtkw\n", run.failure_prefix);
    }
    return "equal when run again\n";
  };
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(folder, "cannot be made: " + error.message());
}

ExitCode regress(const Arguments& arguments) {
  need_rtl(arguments.verb());
  if (!cosim::built_router_has_twin()) {
    throw UserError(ExitCode::kUsage,
                    arguments.verb() +
                        ": this build's router has a timing of its own (AIPU_RTL_TIMING=any), "
                        "there is no model to hold it against");
  }
  const cosim::RegressPlan plan = read_plan(arguments);
  check_files(arguments);
  const std::string folder = arguments.text("folder");
  if (!folder.empty()) make_folder(folder);
  const cosim::Regression regression =
      cosim::regress(plan, folder.empty() ? cosim::Again() : into(folder));
  if (arguments.given("junit"))
    memory::write_file(arguments.text("junit"), cosim::junit_of(regression));
  if (arguments.given("html"))
    memory::write_file(arguments.text("html"), cosim::html_of(regression));
  if (arguments.flag("json")) {
    std::cout << cosim::json_of(regression) << "\n";
  } else {
    std::cout << cosim::table_of(regression);
  }
  const cosim::RegressSum sum = regression.sum();
  if (sum.different + sum.lost != 0) return ExitCode::kCheckFailed;
  return sum.skipped != 0 ? ExitCode::kLimit : ExitCode::kGood;
}

}  // namespace

Verb cosim_regress_verb() {
  using Kind = Option::Kind;
  return {{"cosim regress",
           "random runs of the RTL switch in lockstep with the model, on several processes",
           "",
           false,
           {{"seeds", "N", "runs of every configuration (default: 36, with --long 180)"},
            {"from", "SEED", "the first of them", "1"},
            {"ports", "N,N", "switches of so many ports (default: 4,5,16, those that are built)"},
            {"speedup", "1,2", "ticks of the crossbar in a link cycle", "1,2"},
            {"cycles", "N", "of sending, in every run", "2000"},
            {"jobs,j", "N", "processes (default: one for each core); results do not depend on it"},
            {"long", "", "over 10 million flits in place of 1 million", "", Kind::kFlag},
            {"time", "SECONDS", "start no run later than that; exit code 3 if some were left out"},
            {"junit", "FILE", "gets the results as JUnit XML"},
            {"html", "FILE", "gets them as a page"},
            {"folder", "DIR", "gets replay file, waves and view of runs that differ"},
            {"json", "", "print one JSON object in place of the table", "", Kind::kFlag},
            {"self-test", "", "flip a bit of a flit of the first run: it must be found", "",
             Kind::kFlag}},
           {"hc1000 cosim regress", "hc1000 cosim regress --long -j 2 --junit regress.xml",
            "hc1000 cosim regress --ports 5 --speedup 1 --from 17 --seeds 1"}},
          regress};
}

}  // namespace aipu::cli
