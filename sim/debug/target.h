// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tlm/cpu/debug.h"

namespace aipu::debug {

/// Signals by the debugger's numbers.
enum class Signal : unsigned {
  kInterrupt = 2,
  kIllegal = 4,
  kTrap = 5,
  kBus = 10,
  kSegmentation = 11,
  kUrgent = 16,  ///< one that a debugger passes over in silence
};

/// What stopped the machine, at which hart.
struct Stop {
  std::size_t hart = 0;
  Signal signal = Signal::kTrap;
  bool step = false;                     ///< nothing but the end of a step
  std::optional<cpu::WatchRange> watch;  ///< the watchpoint that was met
  std::uint64_t watch_address = 0;       ///< and where
  std::string note;                      ///< printed by the debugger first; may be empty
};

/// The machine as a debugger sees it: harts by index, each with registers and its view of memory.
/// Everything is asked for while simulated time stands still, and nothing here moves it.
class Target {
 public:
  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  virtual ~Target() = default;

  virtual unsigned xlen() const = 0;
  virtual std::size_t harts() const = 0;
  virtual std::string name(std::size_t hart) const = 0;
  /// What it is doing, in a few words.
  virtual std::string activity(std::size_t hart) const = 0;

  /// By the numbers of registers.h; nothing where there is no such register.
  virtual std::optional<std::uint64_t> read_register(std::size_t hart, unsigned number) = 0;
  virtual bool write_register(std::size_t hart, unsigned number, std::uint64_t value) = 0;
  /// Bytes read, from the first on; fewer where memory ends.
  virtual std::uint64_t read_memory(std::size_t hart, std::uint64_t address, std::uint8_t* data,
                                    std::uint64_t bytes) = 0;
  virtual bool write_memory(std::size_t hart, std::uint64_t address, const std::uint8_t* data,
                            std::uint64_t bytes) = 0;

  /// All of them; those of before are gone. The selected hart has them in any case.
  virtual void set_breakpoints(const std::set<std::uint64_t>& points, std::size_t selected) = 0;
  virtual void set_watches(const std::vector<cpu::WatchRange>& watches) = 0;
  /// Whether the hart meets a breakpoint that it stands on when it goes on.
  virtual void pass_breakpoint(std::size_t hart, bool passes) = 0;
  /// The hart stops behind its next instruction.
  virtual void step(std::size_t hart) = 0;
  /// A debugger is there.
  virtual void attach() = 0;
  /// The debugger is gone: no breakpoint, watch or step is left.
  virtual void release() = 0;

  /// Answers `monitor ...`; `words` is not empty. Nothing where the command is unknown.
  virtual std::optional<std::string> monitor(std::size_t hart,
                                             const std::vector<std::string>& words) = 0;
};

}  // namespace aipu::debug
