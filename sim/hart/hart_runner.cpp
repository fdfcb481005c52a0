// SPDX-License-Identifier: Apache-2.0
#include "sim/hart/hart_runner.h"

#include <ctime>
#include <fmt/format.h>
#include <fstream>
#include <ostream>

#include "hw/cpu/isa.h"
#include "sim/hart/bare_machine.h"
#include "sim/hart/commit_log.h"
#include "sim/hart/hart_debugger.h"
#include "sim/load/elf.h"

namespace aipu {
namespace {

struct Result {
  std::string verdict;  ///< "pass", "fail", "exit", "fault", "limit", "asleep", "killed"
  ExitCode code = ExitCode::kGood;
  std::uint64_t number = 0;  ///< of the failing test, or the exit code
};

template <typename U>
Result judge(typename BareMachine<U>::End end, const BareMachine<U>& machine) {
  using End = typename BareMachine<U>::End;
  if (end == End::kFault) return {"fault", ExitCode::kCheckFailed, 0};
  if (end == End::kLimit) return {"limit", ExitCode::kLimit, 0};
  if (end == End::kAsleep) return {"asleep", ExitCode::kLimit, 0};
  if (end == End::kKilled) return {"killed", ExitCode::kInterrupted, 0};
  if (end == End::kExit) {
    const std::uint32_t code = machine.exit_code();
    if (code == 0) return {"pass", ExitCode::kGood, 0};
    return {"exit", ExitCode::kCheckFailed, code};
  }
  const std::uint64_t value = *machine.tohost().result();
  if (value == 1) return {"pass", ExitCode::kGood, 0};
  return {"fail", ExitCode::kCheckFailed, value >> 1U};
}

template <typename U>
void explain(const Result& result, const BareMachine<U>& machine, const load::Elf& elf,
             std::ostream& err) {
  const auto& core = machine.core();
  const std::string where = fmt::format("pc {:#x} {}", core.pc(), elf.describe(core.pc()));
  if (result.verdict == "fail") err << fmt::format("failed test {}\n", result.number);
  if (result.verdict == "exit") err << fmt::format("exited with code {}\n", result.number);
  if (result.verdict == "limit") err << fmt::format("instruction limit reached at {}\n", where);
  if (result.verdict == "asleep") {
    err << fmt::format("wfi with no interrupt to come, at {}\n", where);
  }
  if (result.verdict != "fault") return;
  const cpu::Unhandled& fault = core.fault();
  err << fmt::format("unhandled trap at {}: {} (mcause {}{}, mtval {:#x}); {}\n", where,
                     fault.interrupt ? "interrupt" : cpu::cause::to_string(fault.cause),
                     fault.cause, fault.interrupt ? ", interrupt" : "", fault.value,
                     fault.nested ? "the trap handler itself traps" : "mtvec is not set");
  for (unsigned i = 0; i < 32; ++i) {
    err << fmt::format("x{:<2} {:#0{}x}{}", i, core.reg(i), 2 + 2 * sizeof(U),
                       i % 4 == 3 ? "\n" : "  ");
  }
  err << "last branches:\n";
  for (const auto& edge : core.history()) {
    err << fmt::format("  {:#010x} {} -> {:#010x} {}\n", edge.from, elf.describe(edge.from),
                       edge.to, elf.describe(edge.to));
  }
}

/// One line for every `granularity` bytes: a number in hexadecimal, zeros where the signature ends.
template <typename U>
void write_signature(const std::string& path, unsigned granularity, const BareMachine<U>& machine,
                     const load::Elf& elf) {
  const auto begin = elf.symbol("begin_signature");
  const auto end = elf.symbol("end_signature");
  if (!begin || !end || *end < *begin) {
    throw UserError(ExitCode::kUsage, "no symbols begin_signature and end_signature in the file");
  }
  std::ofstream file(path);
  for (std::uint64_t line = *begin; line < *end; line += granularity) {
    for (unsigned i = granularity; i-- > 0;) {
      const auto byte = line + i < *end ? machine.byte(line + i) : std::uint8_t{0};
      if (!byte) {
        throw UserError(ExitCode::kUsage,
                        fmt::format("signature leaves memory at {:#x}", line + i));
      }
      file << fmt::format("{:02x}", *byte);
    }
    file << '\n';
  }
  file.close();
  if (!file) throw IoError(path, "cannot write the signature");
}

template <typename U>
Result execute_logged(BareMachine<U>& machine, const HartOptions& options) {
  CommitLog<U> log(options.log, machine);
  machine.set_attendant(&log);
  const auto end = machine.run(options.max_instructions);
  machine.set_attendant(nullptr);
  log.close();
  return judge<U>(end, machine);
}

/// Runs the machine, with a log or under a debugger where one is wanted.
template <typename U>
Result execute(BareMachine<U>& machine, const HartOptions& options, std::ostream& err) {
  using End = typename BareMachine<U>::End;
  if (!options.log.empty()) return execute_logged(machine, options);
  if (!options.debug.wanted) return judge<U>(machine.run(options.max_instructions), machine);
  debug::Options debug = options.debug;
  debug.symbols = options.elf;
  HartDebugger<U> debugger(machine, debug, err);
  const End end = debugger.wait() ? machine.run(options.max_instructions) : End::kKilled;
  debugger.failed(end);
  const Result result = judge<U>(end, machine);
  debugger.ended(result.code);
  machine.set_attendant(nullptr);
  return result;
}

template <typename U>
ExitCode run(const load::Elf& elf, const HartOptions& options, std::ostream& out,
             std::ostream& err) {
  std::ostream& console = options.json ? err : out;
  BareMachine<U> machine(
      elf, options.config,
      options.portable_dispatch ? cpu::Dispatch::kSwitch : cpu::Dispatch::kThreaded,
      [&console](char c) { console.put(c); });
  const auto folder =
      options.semihost.empty() ? nullptr : std::make_shared<const SemihostFolder>(options.semihost);
  machine.serve(folder, options.elf, options.frequency,
                [&console](const std::string& text) { console << text; });
  const std::clock_t start = std::clock();
  const Result result = execute(machine, options, err);
  const double seconds =
      static_cast<double>(std::clock() - start) / static_cast<double>(CLOCKS_PER_SEC);
  if (!options.signature.empty()) {
    write_signature(options.signature, options.signature_granularity, machine, elf);
  }
  explain(result, machine, elf, err);
  const std::uint64_t instructions = machine.core().retired();
  const std::uint64_t cycles = machine.core().cycles();
  const double mips = seconds > 0 ? static_cast<double>(instructions) / seconds / 1e6 : 0;
  if (options.json) {
    out << fmt::format(
        R"({{"verdict": "{}", "exit_code": {}, "failed_test": {}, "xlen": {}, "instructions": {}, )"
        R"("cycles": {}, "traps": {}, "host_seconds": {:.6f}, "mips": {:.1f}}})"
        "\n",
        result.verdict, static_cast<int>(result.code), result.number, elf.xlen, instructions,
        cycles, machine.core().traps(), seconds, mips);
  } else {
    out << fmt::format("{}: {} instructions, {} cycles, {:.1f} MIPS\n", result.verdict,
                       instructions, cycles, mips);
  }
  return result.code;
}

}  // namespace

ExitCode run_elf(const HartOptions& options, std::ostream& out, std::ostream& err) {
  const load::Elf elf = load::read_elf(options.elf);
  return elf.xlen == 64 ? run<std::uint64_t>(elf, options, out, err)
                        : run<std::uint32_t>(elf, options, out, err);
}

}  // namespace aipu
