// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "sim/debug/target.h"
#include "sim/platform/symbols.h"
#include "tlm/board/board.h"

namespace aipu::platform {

/// Addresses beyond those of a hart, where a debugger finds the other memories of its AIPU. The
/// hart itself traps there.
constexpr std::uint64_t kSharedWindow = 0x4000'0000;  ///< the shared SRAM, from its start
constexpr std::uint64_t kHbmWindow = 0x8000'0000;     ///< HBM from `monitor hbm-base` on

/// The board as a debugger sees it: all harts of all AIPUs, in order of AIPU and core.
///
/// Breakpoints and watchpoints are of the harts in scope: those of the compute cores, unless
/// `monitor scope` says otherwise, for the chip-control core runs another image at the same
/// addresses.
class DebugTarget : public debug::Target {
 public:
  /// `hang`: who waits for what, in lines. `catches`: traps stop at their instruction.
  DebugTarget(board::Board& board, const Symbols& symbols, std::function<std::string()> hang,
              bool catches);

  unsigned xlen() const override { return 32; }
  std::size_t harts() const override { return places_.size(); }
  std::string name(std::size_t hart) const override { return symbols_.hart(places_[hart].id); }
  std::string activity(std::size_t hart) const override;
  std::optional<std::uint64_t> read_register(std::size_t hart, unsigned number) override;
  bool write_register(std::size_t hart, unsigned number, std::uint64_t value) override;
  std::uint64_t read_memory(std::size_t hart, std::uint64_t address, std::uint8_t* data,
                            std::uint64_t bytes) override;
  bool write_memory(std::size_t hart, std::uint64_t address, const std::uint8_t* data,
                    std::uint64_t bytes) override;
  void set_breakpoints(const std::set<std::uint64_t>& points, std::size_t selected) override;
  void pass_breakpoint(std::size_t hart, bool passes) override {
    hart_of(hart).core().pass_breakpoint(passes);
  }
  void set_watches(const std::vector<cpu::WatchRange>& watches) override;
  void step(std::size_t hart) override { hart_of(hart).core().step_once(); }
  void attach() override;
  void release() override;
  std::optional<std::string> monitor(std::size_t hart,
                                     const std::vector<std::string>& words) override;

  cpu::Hart& hart_of(std::size_t hart) { return core_of(hart).hart; }
  std::size_t index_of(CoreId core) const;
  /// The first hart that sleeps or is stalled: the one to show in a hang.
  std::size_t first_waiting() const;

 private:
  struct Place {
    CoreId id;
    bool in_scope = true;
  };
  using Words = std::vector<std::string>;
  struct Command {
    const char* name;
    const char* help;
    std::string (DebugTarget::*run)(std::size_t hart, const Words& words);
  };

  static const std::vector<Command>& commands();
  std::string help(std::size_t, const Words&);
  std::string list_harts(std::size_t, const Words&);
  std::string counters(std::size_t hart, const Words&);
  std::string queues(std::size_t hart, const Words&);
  std::string waits(std::size_t, const Words&) { return hang_(); }
  std::string time(std::size_t hart, const Words&);
  std::string scope(std::size_t, const Words& words);
  std::string hbm(std::size_t hart, const Words& words);
  std::string shared(std::size_t hart, const Words& words);
  std::string hbm_base(std::size_t, const Words& words);
  std::string dump(std::size_t hart, Gaddr::Space space, const Words& words);

  chip::Core& core_of(std::size_t hart) const;
  chip::Aipu& aipu_of(std::size_t hart) const { return *board_.aipus[places_[hart].id.aipu]; }
  bool selects(const std::string& word, std::size_t hart) const;
  std::optional<Gaddr> windowed(std::uint64_t address) const;
  void apply_points();
  void apply_watches(const std::vector<cpu::WatchRange>& watches);

  board::Board& board_;
  const Symbols& symbols_;
  const std::function<std::string()> hang_;
  const bool catches_;
  std::vector<Place> places_;
  std::uint64_t hbm_base_ = 0;
  std::set<std::uint64_t> points_;
  std::size_t selected_ = 0;  ///< has the points, too: a step of it is one of them
  std::vector<cpu::WatchRange> watches_;
};

}  // namespace aipu::platform
