// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/registers.h"

#include <fmt/format.h>

#include "hw/cpu/csr.h"

namespace aipu::debug {
namespace {

struct Csr {
  const char* name;
  std::uint32_t number;
  bool rv32_only = false;
};

constexpr std::uint32_t kHigh = 0x80;  // distance of an upper half from its counter
constexpr Csr kCsrs[] = {
    {"mstatus", cpu::csr::kMstatus},
    {"misa", cpu::csr::kMisa},
    {"mie", cpu::csr::kMie},
    {"mtvec", cpu::csr::kMtvec},
    {"mcountinhibit", cpu::csr::kMcountinhibit},
    {"mscratch", cpu::csr::kMscratch},
    {"mepc", cpu::csr::kMepc},
    {"mcause", cpu::csr::kMcause},
    {"mtval", cpu::csr::kMtval},
    {"mip", cpu::csr::kMip},
    {"mhartid", cpu::csr::kMhartid},
    {"mcycle", cpu::csr::kMcycle},
    {"minstret", cpu::csr::kMinstret},
    {"mhpmcounter3", cpu::csr::kMcycle + 3},
    {"mhpmcounter4", cpu::csr::kMcycle + 4},
    {"mhpmcounter5", cpu::csr::kMcycle + 5},
    {"time", cpu::csr::kTime},
    {"mcycleh", cpu::csr::kMcycle + kHigh, true},
    {"minstreth", cpu::csr::kMinstret + kHigh, true},
    {"timeh", cpu::csr::kTime + kHigh, true},
};

constexpr const char* kNames[] = {"zero", "ra", "sp",  "gp",  "tp", "t0", "t1", "t2",
                                  "fp",   "s1", "a0",  "a1",  "a2", "a3", "a4", "a5",
                                  "a6",   "a7", "s2",  "s3",  "s4", "s5", "s6", "s7",
                                  "s8",   "s9", "s10", "s11", "t3", "t4", "t5", "t6"};

const char* type_of(unsigned number) {
  if (number == kPc || number == 1) return "code_ptr";
  return number >= 2 && number <= 4 ? "data_ptr" : "int";  // sp, gp, tp
}

}  // namespace

std::optional<std::uint32_t> csr_of(unsigned number, unsigned xlen) {
  if (number < kGeneral || number - kGeneral >= std::size(kCsrs)) return std::nullopt;
  const Csr& csr = kCsrs[number - kGeneral];
  if (csr.rv32_only && xlen != 32) return std::nullopt;
  return csr.number;
}

std::string target_xml(unsigned xlen) {
  std::string xml = fmt::format(
      "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target "
      "version=\"1.0\">\n<architecture>riscv:rv{}</architecture>\n"
      "<feature name=\"org.gnu.gdb.riscv.cpu\">\n",
      xlen);
  const auto reg = [&](const char* name, unsigned number, const char* type) {
    xml += fmt::format("<reg name=\"{}\" bitsize=\"{}\" regnum=\"{}\" type=\"{}\"/>\n", name, xlen,
                       number, type);
  };
  for (unsigned i = 0; i < kPc; ++i)
    reg(kNames[i], i, type_of(i));
  reg("pc", kPc, type_of(kPc));
  xml += "</feature>\n<feature name=\"org.gnu.gdb.riscv.csr\">\n";
  for (unsigned i = 0; i < std::size(kCsrs); ++i) {
    if (csr_of(kGeneral + i, xlen)) reg(kCsrs[i].name, kGeneral + i, "int");
  }
  return xml + "</feature>\n</target>\n";
}

Signal signal_of(std::uint64_t cause) {
  switch (cause) {
    case cpu::cause::kFetchMisaligned:
    case cpu::cause::kLoadMisaligned:
    case cpu::cause::kStoreMisaligned:
      return Signal::kBus;
    case cpu::cause::kIllegalInstruction:
      return Signal::kIllegal;
    case cpu::cause::kBreakpoint:
      return Signal::kTrap;
    default:
      return Signal::kSegmentation;
  }
}

Stop stop_of(const cpu::Halt& halt, std::size_t hart) {
  using Cause = cpu::Halt::Cause;
  Stop stop;
  stop.hart = hart;
  stop.step = halt.cause == Cause::kStep;
  if (halt.cause == Cause::kWatch) {
    stop.watch = halt.watch;
    stop.watch_address = halt.address;
  }
  if (halt.cause == Cause::kTrap) {
    stop.signal = signal_of(halt.trap_cause);
    stop.note = fmt::format("fault: {}\n", cpu::cause::to_string(halt.trap_cause));
  }
  if (halt.cause == Cause::kRequest) stop.signal = Signal::kInterrupt;
  return stop;
}

}  // namespace aipu::debug
