// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <vector>

#include "hw/cpu/config.h"
#include "tlm/cpu/bus.h"
#include "tlm/cpu/code_cache.h"
#include "tlm/cpu/csr_file.h"
#include "tlm/cpu/debug.h"
#include "tlm/cpu/hart_observer.h"

namespace aipu::cpu {

/// Why a hart came back from run().
enum class Stop : std::uint8_t {
  kQuantum,     ///< its cycles are used up
  kWfi,         ///< behind a wfi; asleep unless an interrupt waits
  kStalled,     ///< on an access that its target cannot serve yet
  kSync,        ///< on an access that has to wait for simulated time
  kExit,        ///< request_exit()
  kFault,       ///< a trap that nothing handles: see fault()
  kBreakpoint,  ///< for the debugger: see halt(); resume() goes on
};

/// A trap without a handler, or in the first instruction of the handler itself.
struct Unhandled {
  std::uint64_t pc = 0;
  std::uint64_t cause = 0;
  std::uint64_t value = 0;  ///< mtval
  bool interrupt = false;   ///< `cause` is an interrupt line
  bool nested = false;      ///< the handler itself trapped
};

/// How instructions are dispatched: by computed goto where the compiler has it, or by `switch`.
enum class Dispatch : std::uint8_t { kThreaded, kSwitch };

/// Executes RV32 (U = uint32_t) or RV64 (uint64_t) IMAC in machine mode and counts cycles.
///
/// Plain C++, no kernel: run() goes on until its budget is used up or something outside is needed,
/// and says which. Interrupts are taken between blocks of straight code and after every access to
/// the bus. Code is decoded once; stores into it are seen after fence.i or invalidate().
template <typename U>
class Interpreter {
 public:
  static constexpr unsigned kXlen = 8 * sizeof(U);

  Interpreter(const Config& config, Bus& bus, std::uint64_t hart_id,
              Dispatch dispatch = Dispatch::kThreaded);

  /// Memory that loads and stores reach without the bus.
  void set_memory(std::uint64_t base, std::uint8_t* host, std::uint64_t bytes);
  /// Code shared with other harts of the same image; null for none. Used while the memory agrees.
  void set_code(std::shared_ptr<CodeCache> shared);
  void reset(std::uint64_t pc, std::uint64_t sp, std::uint64_t cycles);
  /// Sees every ebreak first; null: all trap. It outlives the hart's run.
  void set_ebreak_handler(EbreakHandler* handler) { ebreak_handler_ = handler; }

  /// Executes at least one instruction unless it stops at once, and at most one block more than
  /// `budget` cycles.
  Stop run(std::uint64_t budget);
  /// Goes on after kBreakpoint with what is left of the budget, just as if it had not stopped.
  Stop resume();

  void set_line(Interrupt line, bool level);
  /// What the time register shows beyond cycles(): the platform's clock was set.
  void set_time_offset(std::uint64_t offset) { time_offset_ = offset; }
  /// The instruction in execution is the last.
  void request_exit() { exit_ = attention_ = true; }
  /// run() returns kQuantum after the instruction in execution.
  void request_yield() { yield_ = attention_ = true; }
  /// Tells `observer` what is executed, block by block, from the next run() on; null: nobody. The
  /// cycles are the same; the host takes longer (hw/docs/profiling.md).
  void observe(CodeObserver* observer) { observer_ = observer; }
  /// Memory was written by someone else.
  void invalidate(std::uint64_t address, std::uint64_t bytes);

  // For a debugger, between run() and run(). Stops that it asks for come before the instruction (a
  // breakpoint, a watched access) or behind it (a step); the shared code stays as it is.
  void set_breakpoints(std::shared_ptr<Breakpoints> points);
  void set_watch(const WatchRange& range, bool on);
  /// Whether a breakpoint at the present pc is met when the hart goes on; not after a stop there.
  void pass_breakpoint(bool passes);
  /// The next instruction is the last before a stop; an access that waits is not yet executed.
  void step_once();
  /// A stop before the next instruction; also from inside an access.
  void halt_soon();
  /// Exceptions stop at the instruction that caused them, with mcause and mepc set already. A bit
  /// for each mcause.
  void catch_traps(std::uint64_t causes) { debug().caught_traps = causes; }
  void forget_debugger();
  const Halt& halt() const { return debug_->halt; }
  void set_pc(std::uint64_t pc);
  bool read_csr(std::uint32_t number, std::uint64_t& value) const {
    return csrs_.read(number, clocks(), value);
  }
  bool write_csr(std::uint32_t number, std::uint64_t value) {
    return csrs_.write(number, static_cast<U>(value), clocks());
  }

  std::uint64_t pc() const { return pc_; }
  std::uint64_t reg(unsigned index) const { return x_[index]; }
  void set_reg(unsigned index, std::uint64_t value) {
    if (index != 0) x_[index] = static_cast<U>(value);
  }
  /// Core clock cycles since time zero that this hart has reached.
  std::uint64_t cycles() const { return limit_ - static_cast<std::uint64_t>(remaining_); }
  /// Moves the cycle count forward: it slept or was stalled until then.
  void advance_to(std::uint64_t cycles, std::uint64_t Clocks::*why);
  std::uint64_t retired() const { return retired_; }
  std::uint64_t traps() const { return traps_; }
  std::uint64_t bus_accesses() const { return bus_accesses_; }
  const CsrFile& csrs() const { return csrs_; }
  const Unhandled& fault() const { return fault_; }
  bool stalled_on_write() const { return stalled_on_write_; }
  Clocks clocks() const;
  const CodeCache& own_code() const { return *own_; }
  bool shares_code() const { return shared_usable_; }

  /// The last taken branches and jumps, oldest first: low words of where from and where to.
  struct Edge {
    std::uint32_t from, to;
  };
  std::vector<Edge> history() const { return edges_until(edges_, edge_count_); }

  /// What the last trap found, its handler has gone on since; zero before the first.
  std::uint64_t trapped_reg(unsigned index) const { return trapped_.x[index]; }
  std::vector<Edge> trapped_history() const {
    return edges_until(trapped_.edges, trapped_.edge_count);
  }

 private:
  using S = std::make_signed_t<U>;
  enum class Leave : std::uint8_t { kNext, kBlock, kStop };
  static constexpr std::size_t kHistory = 32;
  static constexpr std::uint8_t kPlanted = kDiscard + 1;  ///< rd of an ebreak that is a breakpoint
  using Edges = std::array<std::uint64_t, kHistory>;
  struct Trapped {
    std::array<U, 33> x{};
    Edges edges{};
    std::uint64_t edge_count = 0;
  };
  static std::vector<Edge> edges_until(const Edges& edges, std::uint64_t count);

  Leave execute_threaded(Block* block, const void* const** handlers);
  Leave execute_switch(Block* block, const void* const** handlers);

  Leave execute(Block* block);
  Leave execute_observed(Block* block);
  Block* block_at(std::uint64_t pc);
  Block* successor(Block* from, Block** link, std::uint64_t pc);
  void leave_block_at(const Block* block, const Insn* insn);
  Leave trap(std::uint64_t cause, bool interrupt, std::uint64_t value);
  Leave trap_between(std::uint64_t cause, bool interrupt, std::uint64_t value);
  Leave stop(Stop why) {
    stop_ = why;
    return Leave::kStop;
  }
  // Slow paths of the dispatch loop. All get the block and the instruction in it.
  Leave access(Block* block, const Insn* insn);
  Leave atomic(Block* block, const Insn* insn);
  Leave system(Block* block, const Insn* insn);
  Leave csr(Block* block, const Insn* insn);
  Leave ebreak(const Block* block, const Insn* insn);
  Bus::Status reach(Bus::Access& access);
  Leave refuse(Block* block, const Insn* insn, Bus::Status status, bool write, U address);
  std::uint64_t raw_bits(const Block* block, const Insn* insn) const;
  void check_shared();
  void open_window();
  void settle();
  bool pauses();

  Debug& debug();
  Block* debug_block();
  void plant(Block& block, std::size_t first);
  void plant_at(Block& block, std::size_t index);
  Leave halt(Halt::Cause why, const Block* block);
  bool halts_here();
  bool halts_before(const Block* block, const Insn* insn, const WatchRange& access);

  std::array<U, 33> x_{};  ///< the last swallows writes to x0
  U pc_ = 0;
  U memory_base_ = 0;
  U memory_span_ = 0;  ///< bytes less 7: an access that begins below ends inside; 0 while watched
  std::uint8_t* memory_host_ = nullptr;
  std::uint64_t memory_bytes_ = 0;
  std::int64_t remaining_ = 0;
  std::uint64_t limit_ = 0;
  std::uint64_t retired_ = 0;
  Edges edges_{};
  std::uint64_t edge_count_ = 0;
  const void* const* handlers_ = nullptr;
  Stop stop_ = Stop::kQuantum;
  bool attention_ = false;  ///< something below wants to be looked at between instructions
  bool exit_ = false;
  bool yield_ = false;
  bool flush_ = false;
  bool running_ = false;
  bool stalled_on_write_ = false;
  bool shared_usable_ = false;
  bool reserved_ = false;
  U reservation_ = 0;

  const Config config_;
  const std::int64_t taken_cost_;
  Bus& bus_;
  CodeObserver* observer_ = nullptr;
  EbreakHandler* ebreak_handler_ = nullptr;
  const Dispatch dispatch_;
  CsrFile csrs_;
  std::shared_ptr<CodeCache> shared_;
  std::shared_ptr<CodeCache> code_;  ///< shared_, or what stands for it with breakpoints
  std::unique_ptr<CodeCache> own_;
  std::unique_ptr<Debug> debug_;
  Clocks waits_;  ///< its cycles and retired are unused
  std::uint64_t time_offset_ = 0;
  std::uint64_t traps_ = 0;
  std::uint64_t bus_accesses_ = 0;
  Unhandled fault_;
  Trapped trapped_;
};

extern template class Interpreter<std::uint32_t>;
extern template class Interpreter<std::uint64_t>;

}  // namespace aipu::cpu
