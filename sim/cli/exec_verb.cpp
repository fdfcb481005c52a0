// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <fmt/format.h>
#include <iostream>
#include <unistd.h>

#include "hw/config/load.h"
#include "hw/config/resolve.h"
#include "sim/cli/console_options.h"
#include "sim/cli/exec_report.h"
#include "sim/cli/memory_transfer.h"
#include "sim/cli/profile_options.h"
#include "sim/cli/verbs.h"
#include "sim/platform/switches.h"
#include "sim/report/run_folder.h"
#include "tlm/core/clock.h"

namespace aipu::cli {
namespace {

constexpr std::uint64_t kMostAipus = 4095;  // of the schema's key aipus, which says it again
constexpr std::uint64_t kMostCores = 1024;  // above the schema's; the machine's own count decides
constexpr std::size_t kMostWords = 7;       // what is left of a0..a7 behind the count of cores

std::vector<Option> machine_block() {
  using Kind = Option::Kind;
  return {
      {"cores", "N", "compute cores that run it; the others stay stopped", "1"},
      {"aipus", "K", "AIPUs, each of which runs it", "1"},
      {"args", "W,W...", "up to 7 words for the program: hc_argument(0) and following"},
      {"timing", "", "no data above simulation.real_hbm and real_sram: faster", "", Kind::kFlag},
      {"config", "PRESET|FILE", "machine to simulate", "hc1000_module"},
      {"set", "KEY=VALUE", "overrides a key of the configuration; may be repeated", "",
       Kind::kRepeated}};
}

std::vector<Option> host_block() {
  return {{"semihost", "DIR", "serves semihosting calls, with files of this folder"},
          {"console", "GLOB",
           "shows console lines of these harts alone, as 'aipu0.core*'; may be repeated", "",
           Option::Kind::kRepeated}};
}

std::vector<Option> folder_block() {
  using Kind = Option::Kind;
  return {{"output,o", "DIR", "run folder (default: the next free runs/exec-NNNN)"},
          {"force", "", "overwrite the run folder", "", Kind::kFlag},
          {"json", "", "print summary.json on stdout in place of text", "", Kind::kFlag}};
}

/// The option table of the verb: one line for every block of options.
std::vector<Option> all_options() {
  std::vector<Option> options;
  for (const auto& block : {machine_block(), MemoryTransfers::options(), host_block(),
                            profile_options(), folder_block()})
    options.insert(options.end(), block.begin(), block.end());
  return options;
}

config::Board read_board(const Arguments& arguments) {
  std::vector<std::string> list = arguments.all("set");
  list.emplace_back(fmt::format("aipus={}", arguments.count("aipus", 1, kMostAipus)));
  list.emplace_back(arguments.flag("timing") ? "simulation.data=timing"
                                             : "simulation.data=functional");
  config::Board board = config::load(arguments.text("config"), list);
  platform::check_switches(board);
  return board;
}

/// a0 and following: how many cores run, then the words of --args.
std::vector<std::uint32_t> read_registers(const Arguments& arguments, std::uint32_t cores) {
  std::vector<std::uint32_t> registers{cores};
  if (!arguments.given("args")) return registers;
  const std::string text = arguments.text("args") + ",";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find(',', begin);
    std::string word = text.substr(begin, end - begin);
    const bool hex = word.rfind("0x", 0) == 0;
    if (hex) word.erase(0, 2);
    std::uint32_t value = 0;
    const char* const last = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), last, value, hex ? 16 : 10);
    if (error != std::errc() || stop != last)
      arguments.refuse("args", "not words of 32 bits, decimal or 0x, with commas between");
    registers.push_back(value);
    begin = end + 1;
  }
  if (registers.size() > kMostWords + 1)
    arguments.refuse("args", fmt::format("more than {} words", kMostWords));
  return registers;
}

struct Setup {
  config::Board board;
  std::uint32_t cores = 0;
  std::vector<std::uint32_t> registers;
  load::Elf program;
};

Setup read_setup(const Arguments& arguments) {
  Setup setup;
  setup.board = read_board(arguments);
  setup.cores = static_cast<std::uint32_t>(arguments.count("cores", 1, kMostCores));
  if (setup.cores > setup.board.aipu.cores)
    arguments.refuse("cores", fmt::format("an AIPU has {} compute cores", setup.board.aipu.cores));
  setup.registers = read_registers(arguments, setup.cores);
  const bool timing = arguments.flag("timing");
  setup.program = platform::read_program(
      arguments.text("positional"),
      timing ? setup.board.simulation.real_sram.count : setup.board.aipu.sram.core_size.count);
  return setup;
}

void fill_record(ExecRecord& record, const platform::Platform& machine) {
  record.harts.resize(record.board.aipus);
  for (std::uint32_t aipu = 0; aipu < record.board.aipus; ++aipu) {
    for (std::uint32_t core = 0; core < record.cores; ++core) {
      const cpu::Hart& hart = machine.board().aipus[aipu]->cores[core]->hart;
      record.harts[aipu].instructions += hart.stats().instructions.value();
      record.harts[aipu].cycles += hart.stats().cycles.value();
    }
  }
  record.snapshot = report::take_snapshot(machine.board(), now_ps());
}

ExitCode finish(const Arguments& arguments, const ExecRecord& record,
                const report::RunFolder& folder) {
  const std::string summary = exec_json(record);
  folder.write("summary.json", summary);
  if (arguments.flag("json")) {
    std::cout << summary << std::flush;
  } else {
    print_exec(std::cout, record);
    std::cout << fmt::format("Run folder: {}\n", folder.path()) << std::flush;
  }
  if (record.ending.code != ExitCode::kGood)
    std::cerr << "hc1000: " << record.ending.report << std::endl;
  return record.ending.code;
}

ExitCode exec(const Arguments& arguments) {
  const Setup setup = read_setup(arguments);
  const MemoryTransfers transfers(arguments, setup.board);
  if (arguments.given("semihost")) SemihostFolder checked(arguments.text("semihost"));
  const bool all_shown = !arguments.given("console");
  const ConsoleFilter shown = read_console_filter(arguments, setup.board);
  const profile::Request profile = profile_request(arguments, setup.board);
  report::RunFolder folder("exec", arguments.text("output"), arguments.flag("force"));
  folder.write("config.resolved.yaml", config::to_yaml(setup.board));

  ExecRecord record;
  record.program = arguments.text("positional");
  record.command = arguments.command();
  record.board = setup.board;
  record.cores = setup.cores;
  std::ostream& console = arguments.flag("json") ? std::cerr : std::cout;
  platform::Listener listener;
  listener.console = [&](const std::string& line) { folder.console(line); };
  listener.hart_console = [&](const std::string& hart, const std::string& line) {
    if (all_shown || shown.shows(hart)) console << line << '\n';
  };
  listener.warning = [](const std::string& text) { std::cerr << "hc1000: " << text << std::endl; };
  listener.exit = [&](CoreId core, std::uint32_t code) {
    record.exits.push_back({core, code, now_ps()});
  };
  platform::Platform machine(setup.board, {setup.program, setup.program}, listener);
  if (profile.on) machine.profile(profile);
  machine.serve_semihosting(arguments.text("semihost"), record.program);
  transfers.load(machine.board());
  for (std::uint32_t aipu = 0; aipu < setup.board.aipus; ++aipu)
    machine.start_cores(aipu, setup.cores, setup.registers);
  record.ending = machine.run();
  if (!record.ending.report.empty()) folder.console(record.ending.report);
  fill_record(record, machine);
  transfers.dump(machine.board());
  write_profile(machine, profile, record.command, folder);
  return finish(arguments, record, folder);
}

}  // namespace

Verb exec_verb() {
  return {{"exec",
           "runs your own firmware on the cores of one or more AIPUs",
           "FILE.elf",
           true,
           all_options(),
           {"hc1000 exec hello.elf --cores 4",
            "hc1000 exec scale.elf --load in.bin@hbm:0x10000000 --dump hbm:0x20000000:4096=out.bin",
            "hc1000 exec test.elf --cores 32 --args 4096,0x10 --semihost data --json"}},
          exec};
}

}  // namespace aipu::cli
