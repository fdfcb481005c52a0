// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/crash_report.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "regs/abi.h"
#include "sim/profile/names.h"

namespace aipu::platform {
namespace {

constexpr std::size_t kMostBranches = 12;  // lines
enum Register : unsigned { kRa = 1, kSp = 2, kA0 = 10 };

/// The little-endian word at an address of the image; empty where its file has none.
std::optional<std::uint32_t> word_at(const load::Elf& elf, std::uint64_t address) {
  for (const auto& segment : elf.segments) {
    if (address < segment.address || address + 4 > segment.address + segment.bytes.size()) continue;
    const std::uint8_t* b = segment.bytes.data() + (address - segment.address);
    return std::uint32_t{b[0]} | std::uint32_t{b[1]} << 8U | std::uint32_t{b[2]} << 16U |
           std::uint32_t{b[3]} << 24U;
  }
  return std::nullopt;
}

/// The string that the word at `pointer` points to.
std::string string_at(const load::Elf& elf, std::uint64_t pointer) {
  const std::uint32_t address = word_at(elf, pointer).value_or(0);
  std::string text;
  for (const auto& segment : elf.segments) {
    if (address < segment.address) continue;
    for (std::uint64_t i = address - segment.address; i < segment.bytes.size(); ++i) {
      if (segment.bytes[i] == 0) return text;
      text.push_back(static_cast<char>(segment.bytes[i]));
    }
  }
  return text;
}

/// An ebreak of hc_assert() (firmware/hal/assert.h): a0 points into the image's list of assertions.
std::string assertion_text(const load::Elf& elf, std::uint64_t cause, std::uint64_t a0) {
  constexpr unsigned kFile = 4, kFunction = 8, kLine = 12;  // offsets in hc_assertion_t
  const auto begin = elf.symbol("__hc_assertions_start"), end = elf.symbol("__hc_assertions_end");
  if (cause != cpu::cause::kBreakpoint || !begin || !end || a0 < *begin || a0 >= *end) return {};
  return fmt::format("  assertion failed: {}, {}:{} in {}()\n", string_at(elf, a0),
                     string_at(elf, a0 + kFile), word_at(elf, a0 + kLine).value_or(0),
                     string_at(elf, a0 + kFunction));
}

/// An access fault while sp is below the stack, which lies at the bottom of the SRAM.
std::string overflow_text(const load::Elf& elf, std::uint64_t cause, std::uint64_t sp) {
  const auto bottom = elf.symbol("__stack_bottom"), top = elf.symbol("__stack_top");
  const bool access = cause == cpu::cause::kLoadFault || cause == cpu::cause::kStoreFault;
  if (!access || !bottom || !top || sp >= *bottom) return {};
  return fmt::format(
      "  stack overflow: sp {:#010x} is {} bytes below the stack of {} bytes {:#010x}..{:#010x}; "
      "more: -Wl,--defsym=__stack_bytes=N\n",
      sp, *bottom - sp, *top - *bottom, *bottom, *top);
}

/// The second line of a fault where two commands meet in the SRAM.
std::string clash_text(const Symbols& symbols, CoreId core, const Fault& fault) {
  const Fault::Clash& clash = *fault.clash;
  return fmt::format(
      "\n    it {} {:#x}..{:#x} of its core's SRAM while the {} {} of pc {} still {} it",
      clash.write ? "overwrites" : "reads", clash.begin, clash.end,
      regs::abi::queue_name(clash.other.queue),
      profile::opcode_name(clash.other.queue, clash.other.opcode),
      symbols.place(core, clash.other.pc), clash.other_writes ? "writes" : "reads");
}

std::string branches_text(const Symbols& symbols, CoreId core, const cpu::Hart& hart) {
  auto edges = hart.core().trapped_history();
  std::reverse(edges.begin(), edges.end());
  std::string text = edges.empty() ? "" : "  last branches, latest first:\n";
  std::size_t lines = 0;
  for (std::size_t i = 0; i < edges.size() && lines < kMostBranches; ++lines) {
    std::size_t times = 1;
    while (i + times < edges.size() && edges[i + times].from == edges[i].from &&
           edges[i + times].to == edges[i].to)
      ++times;
    text += fmt::format("    {} -> {}", symbols.place(core, edges[i].from),
                        symbols.place(core, edges[i].to));
    text += times == 1 ? "\n" : fmt::format(", {} times\n", times);
    i += times;
  }
  return text;
}

}  // namespace

std::string fault_text(const Symbols& symbols, CoreId core, const Fault& fault) {
  std::string text = fmt::format("{} ", regs::abi::rule_name(fault.rule));
  if (fault.opcode != 0) {
    text += fmt::format("in {} {} ", regs::abi::queue_name(fault.queue),
                        profile::opcode_name(fault.queue, fault.opcode));
  }
  text += fmt::format("at {:#x}", fault.address);
  if (fault.pc != 0) text += fmt::format(", command of pc {}", symbols.place(core, fault.pc));
  if (fault.clash) text += clash_text(symbols, core, fault);
  if (fault.unwritten) {
    text += fmt::format(
        "\n    it reads {:#x}..{:#x} of its core's SRAM; nobody has written {:#x} and what follows",
        fault.unwritten->begin, fault.unwritten->end, fault.unwritten->first);
  }
  return text;
}

std::string crash_text(const Symbols& symbols, CoreId core, const cpu::Hart& hart) {
  if (hart.core().traps() == 0) return {};
  const cpu::CsrFile& csrs = hart.core().csrs();
  constexpr std::uint64_t kInterrupt = 1ULL << 31U;
  std::uint64_t value = 0;
  csrs.read(cpu::csr::kMtval, hart.core().clocks(), value);
  const std::uint64_t cause = csrs.mcause() & ~kInterrupt;
  const bool interrupt = (csrs.mcause() & kInterrupt) != 0;
  const auto reg = [&](Register r) {
    return static_cast<std::uint32_t>(hart.core().trapped_reg(r));
  };
  std::string text;
  if (!interrupt) {
    text += assertion_text(symbols.image(core), cause, reg(kA0));
    text += overflow_text(symbols.image(core), cause, reg(kSp));
  }
  text += fmt::format("  last trap: {} at pc {}, mcause {}, mtval {:#x}\n",
                      interrupt ? "interrupt" : cpu::cause::to_string(cause),
                      symbols.place(core, static_cast<std::uint32_t>(csrs.mepc())), cause, value);
  text += fmt::format("  ra {}, sp {:#010x}\n", symbols.place(core, reg(kRa)), reg(kSp));
  return text + branches_text(symbols, core, hart);
}

}  // namespace aipu::platform
