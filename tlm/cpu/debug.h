// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "hw/cpu/config.h"
#include "hw/cpu/isa.h"
#include "tlm/cpu/code_cache.h"

namespace aipu::cpu {

/// Memory or registers whose accesses by the hart stop it, before the instruction.
struct WatchRange {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  bool read = false;
  bool write = false;

  bool meets(std::uint64_t at, std::uint64_t length, bool writes) const {
    return (writes ? write : read) && at < address + bytes && address < at + length;
  }
  bool operator==(const WatchRange& o) const {
    return address == o.address && bytes == o.bytes && read == o.read && write == o.write;
  }
};

/// Where harts stop before an instruction. Immutable; one for all harts that share it, so that the
/// harts of an image still share their decoded code: a copy of it, with the breakpoints planted.
class Breakpoints {
 public:
  explicit Breakpoints(std::set<std::uint64_t> points) : points_(std::move(points)) {}

  const std::set<std::uint64_t>& points() const { return points_; }
  bool at(std::uint64_t pc) const { return points_.count(pc) != 0; }
  /// An empty cache for the same text, which is to be planted.
  std::shared_ptr<CodeCache> copy_of(const std::shared_ptr<CodeCache>& clean,
                                     const Config& config) {
    auto& copy = copies_[clean.get()];
    if (copy == nullptr) {
      copy = std::make_shared<CodeCache>(clean->xlen(), config, clean->base(), clean->text());
    }
    return copy;
  }

 private:
  const std::set<std::uint64_t> points_;
  std::map<const CodeCache*, std::shared_ptr<CodeCache>> copies_;
};

/// Why run() came back with Stop::kBreakpoint.
struct Halt {
  enum class Cause : std::uint8_t { kNone, kBreakpoint, kStep, kWatch, kTrap, kRequest };
  Cause cause = Cause::kNone;
  WatchRange watch;              ///< kWatch: the one that was met
  std::uint64_t address = 0;     ///< kWatch: the first byte of it that was accessed
  std::uint64_t trap_cause = 0;  ///< kTrap: mcause
};

/// What a debugger wants of one hart; a hart without a debugger has none of it.
///
/// A halt inside a block keeps the block's end: the rest runs as a block of its own up to there, so
/// budget and interrupts are looked at where they would have been looked at without the debugger.
struct Debug {
  Debug(unsigned xlen, const Config& config) : scratch(xlen, config) {}

  /// Traps that stop where catch_traps() asks for all: every exception but an environment call.
  static constexpr std::uint64_t kFaults = ~(1ULL << cause::kMachineEcall);

  std::shared_ptr<Breakpoints> breakpoints;  ///< null for none
  std::vector<WatchRange> watches;
  std::uint64_t caught_traps = 0;  ///< bit per mcause
  Halt halt;

  bool inside = false;    ///< halted within a block
  std::uint64_t end = 0;  ///< of that block
  std::uint64_t halted_pc = 0, halted_retired = 0;
  bool step = false;
  std::uint64_t step_pc = 0, step_retired = 0;
  bool request = false;
  std::optional<std::uint64_t> handler;  ///< of a caught trap, entered when the hart goes on
  CodeCache scratch;                     ///< the one block that is the rest of another

  bool breaks_at(std::uint64_t pc) const { return breakpoints != nullptr && breakpoints->at(pc); }
  /// The breakpoint here has been reported, and nothing has been executed since.
  bool reported(std::uint64_t pc, std::uint64_t retired) const {
    return halt.cause != Halt::Cause::kNone && halted_pc == pc && halted_retired == retired;
  }
  /// So has the watched access of the instruction here.
  bool watch_reported(std::uint64_t pc, std::uint64_t retired) const {
    return halt.cause == Halt::Cause::kWatch && reported(pc, retired);
  }
  bool stepped(std::uint64_t pc, std::uint64_t retired) const {
    return step && (step_pc != pc || step_retired != retired);
  }
};

}  // namespace aipu::cpu
