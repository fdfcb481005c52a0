// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/setup.h"

#include <fmt/format.h>

#include "hw/base/assert.h"
#include "hw/config/load.h"
#include "hw/program/sram_map.h"
#include "sim/cli/debug_options.h"
#include "sim/cli/rtl_option.h"
#include "sim/platform/switches.h"

namespace aipu::cli {
namespace {

constexpr const char* kDefaultBoard = "hc1000_module";

/// The most AIPUs that a board may have, from the schema.
std::uint64_t most_aipus() {
  for (const SchemaEntry& entry : config::schema().describe(config::Board{}).entries) {
    if (entry.name == "aipus") return std::get<std::uint64_t>(entry.range.values.back());
  }
  AIPU_ASSERT(false, "the schema has no key aipus");
}

std::vector<std::string> overrides(const Arguments& arguments, config::DataMode data) {
  std::vector<std::string> list = arguments.all("set");
  if (arguments.given("aipus")) {
    list.emplace_back(fmt::format("aipus={}", arguments.count("aipus", 1, most_aipus())));
  }
  add_rtl_override(arguments, list);
  list.emplace_back(data == config::DataMode::kTiming ? "simulation.data=timing"
                                                      : "simulation.data=functional");
  return list;
}

/// Firmware divides a core's SRAM as hw/program/sram_map.h says, whatever its size.
void check_sram(const config::Board& board) {
  constexpr std::uint64_t needed = HC_SRAM_SEND + HC_SRAM_SEND_BYTES;
  if (board.aipu.sram.core_size.count >= needed) return;
  throw ConfigError("aipu.sram.core_size",
                    fmt::format("{} is too small for the firmware, which needs {}",
                                to_text(board.aipu.sram.core_size), to_text(Bytes(needed))));
}

}  // namespace

workload::Machine Setup::machine() const {
  return {board.aipu.cores, board.aipu.hbm.capacity, board.aipu.sram.shared_size,
          board.simulation.real_hbm};
}

std::vector<Option> machine_options(const char* dtypes, const char* dtype) {
  using Kind = Option::Kind;
  std::vector<Option> options{
      {"aipus", "K", "AIPUs (default: as many as the configuration has)"},
      {"plan", "tp=N,pp=N", "ranks that share a layer, stages that share the layers"},
      {"dtype", dtypes, "operands and KV cache", dtype},
      {"config", "PRESET|FILE", "machine to simulate", kDefaultBoard},
      {"set", "KEY=VALUE", "overrides a key of the configuration; may be repeated", "",
       Kind::kRepeated},
      {"firmware", "DIR", "core.elf and control.elf to run in place of the built-in ones"},
      {"output,o", "DIR", "run folder (default: the next free runs/VERB-NNNN)"},
      {"force", "", "overwrite the run folder", "", Kind::kFlag},
      {"json", "", "print summary.json on stdout in place of text", "", Kind::kFlag},
  };
  options.push_back(console_option());
  const auto rtl = rtl_options();
  options.insert(options.end(), rtl.begin(), rtl.end());
  const auto debugging = debug_options();
  options.insert(options.end(), debugging.begin(), debugging.end());
  return options;
}

Setup read_setup(const Arguments& arguments, const load::ModelConfig& model,
                 const std::vector<std::string>& dtypes, config::DataMode data) {
  Setup setup;
  setup.debug = read_debug_options(arguments);
  if (arguments.given("firmware")) setup.debug.symbols = arguments.text("firmware") + "/core.elf";
  setup.model = model;
  setup.dtype = arguments.word("dtype", dtypes);
  setup.formats = workload::formats_of(setup.dtype);
  setup.board = config::load(arguments.text("config"), overrides(arguments, data));
  check_sram(setup.board);
  platform::check_switches(setup.board);
  setup.rtl = rtl_run(arguments, config::simulated_switch(setup.board));
  const std::uint32_t aipus = setup.board.aipus;
  setup.plan = arguments.given("plan") ? workload::parse_plan(arguments.text("plan"))
                                       : workload::default_plan(model, aipus);
  workload::check_plan(model, setup.plan, aipus);
  setup.firmware = arguments.given("firmware")
                       ? platform::read_firmware(arguments.text("firmware"),
                                                 setup.board.simulation.real_sram.count)
                       : platform::builtin_firmware();
  setup.console = read_console_filter(arguments, setup.board);
  return setup;
}

}  // namespace aipu::cli
