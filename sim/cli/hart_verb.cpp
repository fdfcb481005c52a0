// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <limits>

#include "hw/config/load.h"
#include "sim/cli/debug_options.h"
#include "sim/cli/verbs.h"
#include "sim/hart/hart_runner.h"

namespace aipu::cli {
namespace {

ExitCode hart(const Arguments& arguments) {
  HartOptions options;
  options.elf = arguments.text("positional");
  options.max_instructions =
      arguments.count("max-instructions", 1, std::numeric_limits<std::uint64_t>::max());
  options.signature = arguments.text("signature");
  options.signature_granularity =
      static_cast<unsigned>(std::stoul(arguments.word("signature-granularity", {"4", "8", "16"})));
  options.log = arguments.text("log");
  options.json = arguments.flag("json");
  options.debug = read_debug_options(arguments);
  if (!options.log.empty() && options.debug.wanted) {
    arguments.refuse("log", "a debugger steps the hart itself; leave one of them out");
  }
  const config::Board board = config::load(arguments.text("config"), arguments.all("set"));
  options.config = board.aipu.cpu;
  options.frequency = board.aipu.clock.count;
  options.semihost = arguments.text("semihost");
  return run_elf(options, std::cout, std::cerr);
}

}  // namespace

Verb hart_verb() {
  using Kind = Option::Kind;
  Usage usage{
      "hart",
      "runs a bare RV32 or RV64 executable on one hart",
      "FILE.elf",
      true,
      {{"max-instructions", "N", "ends with exit code 3 after so many", "1000000000"},
       {"signature", "FILE", "gets the bytes between begin_signature and end_signature"},
       {"signature-granularity", "4|8|16", "bytes to a line of the signature", "4"},
       {"log", "FILE", "gets a line for each instruction, as Spike's --log-commits writes them"},
       {"semihost", "DIR", "serves semihosting calls, with files of this folder"},
       {"config", "PRESET|FILE", "whose aipu.cpu costs are charged", "hc1000_module"},
       {"set", "KEY=VALUE", "overrides a key of the configuration; may be repeated", "",
        Kind::kRepeated},
       {"json", "", "print the result as one JSON object", "", Kind::kFlag}},
      {"hc1000 hart test.elf",
       "hc1000 hart test.elf --signature test.sig --max-instructions 1000000",
       "hc1000 hart test.elf --signature test.sig --signature-granularity 8",
       "hc1000 hart test.elf --log commits.txt", "hc1000 hart io_test.elf --semihost data",
       "hc1000 hart loop.elf --set 'aipu.cpu.load_use=2 cycles' --json",
       "hc1000 hart test.elf --gdb 1234 --break-on-fault"}};
  const auto debugging = debug_options();
  usage.options.insert(usage.options.end(), debugging.begin(), debugging.end());
  return {usage, hart};
}

}  // namespace aipu::cli
