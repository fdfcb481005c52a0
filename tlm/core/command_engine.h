// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <systemc>
#include <vector>

#include "tlm/core/clock.h"
#include "tlm/core/command_observer.h"
#include "tlm/core/counter_file.h"
#include "tlm/core/fault.h"
#include "tlm/core/memory_port.h"
#include "tlm/core/model.h"
#include "tlm/core/range_guard.h"
#include "tlm/core/written_map.h"

namespace aipu {

/// A command as firmware wrote it: opcode and words (hw/regs), and the pc of its doorbell store.
struct Command {
  std::uint32_t opcode = 0;
  std::uint32_t pc = 0;
  std::array<std::uint32_t, 32> words{};
};

/// One of the two adds of a command (hw/regs/abi.yaml, words add0 and add1).
struct CounterAdd {
  std::uint32_t counter, amount, scope;
  explicit CounterAdd(std::uint32_t word);
};

/// Told once when a full queue has a free slot again.
class SpaceListener {
 public:
  SpaceListener() = default;
  SpaceListener(const SpaceListener&) = delete;
  SpaceListener& operator=(const SpaceListener&) = delete;
  virtual ~SpaceListener() = default;
  virtual void space_available() = 0;
};

/// The part of a core that a command engine talks to.
struct EngineWiring {
  Clock clock;              ///< of the core
  std::uint32_t core = 0;   ///< number of the core in its AIPU
  std::uint32_t queue = 0;  ///< regs::abi::kQueue*: names the engine in faults
  CounterFile* counters = nullptr;
  SignalRouter* signals = nullptr;
  FaultSink* faults = nullptr;
  MemoryPort* sram_port = nullptr;   ///< bandwidth of the core's SRAM
  RangeGuard* sram_guard = nullptr;  ///< ranges in use there
  /// What was ever written there; null: reads of the rest are not looked for.
  WrittenMap* sram_written = nullptr;
  bool unwritten_is_fault = false;  ///< else a warning
  bool functional = true;           ///< false: timing-only, engines move and compute no bytes
};

/// Command queue and life cycle common to all engines.
///
/// Commands begin in order, each when its counters have been reached (one cycle after the add) and
/// the engine can take it. Their work may finish in any order, but they retire in order: adds are
/// done and the slot is free when the command and all earlier ones have finished, so a counter that
/// has reached n says that the first n commands are done.
/// Accounting: at every instant the engine is busy (a command runs), waiting for the counter that
/// blocks the head of the queue, blocked by itself (can_begin is false), or idle.
class CommandEngine : public Model {
 public:
  CommandEngine(const sc_core::sc_module_name& name, const EngineWiring& wiring,
                std::uint32_t depth);

  std::uint32_t depth() const { return depth_; }
  std::uint32_t free_slots() const { return depth_ - occupied_; }
  bool active() const { return occupied_ != 0; }
  /// Enqueues; the caller has seen free_slots() > 0. Acts from the present simulated time.
  void push(const Command& command);
  /// Calls `listener` once, when a slot becomes free.
  void when_space(SpaceListener* listener) { listener_ = listener; }
  /// Tells `observer` of every command from now on; null: nobody. Before the first command.
  void observe(CommandObserver* observer) { observer_ = observer; }

  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::string waiting_for() const override;

  // For reports.
  std::uint32_t queue() const { return wiring_.queue; }
  bool halted() const { return halted_; }
  /// The first queued command and the counter that it waits for; null where it waits for none.
  const Command* waiting_command() const {
    return waiter_.armed() ? &queued_.front()->command : nullptr;
  }
  const CounterWaiter& waiter() const { return waiter_; }
  /// Every command that has not retired, in order; `begun`: it runs or has finished.
  void visit(const std::function<void(const Command& command, bool begun)>& visitor) const;

 protected:
  struct Slot {
    Command command;
    CommandTag tag;
    std::uint64_t began = 0;  ///< ps
    bool used = false;
    bool finished = false;
  };

  /// Whether the engine has room for this command now; when that changes it calls retry().
  virtual bool can_begin(const Slot&) const { return true; }
  /// Starts the command, whose waits are over. The engine calls complete(slot) once when its work
  /// is done, not from inside begin(); or it returns after fail(slot, ...).
  virtual void begin(Slot& slot) = 0;
  /// The slot is no longer the engine's; it retires now or after the commands before it.
  void complete(Slot& slot);
  /// Raises a fault for the command and halts this engine: an illegal act ends what it can do.
  void fail(const Slot& slot, std::uint32_t rule, std::uint64_t address);
  /// Registers bytes of the own SRAM for the command, from now to its completion; returns the
  /// range of a running command that it must not meet. Without a guard every claim succeeds.
  std::optional<RangeGuard::Range> claim(const Slot& slot, std::uint64_t begin, std::uint64_t end,
                                         bool write);
  /// Forgets the ranges of the command.
  void release(const Slot& slot);
  /// As fail(), rule overlap: releases the command's ranges, names both commands.
  void fail_clash(const Slot& slot, std::uint64_t begin, std::uint64_t end, bool write,
                  const RangeGuard::Range& other, std::uint64_t address);
  /// Whether the command may read these bytes of the own SRAM. Bytes that nobody has written are
  /// a warning, or the command fails, at `address` plus their distance from `begin`.
  bool may_read(const Slot& slot, std::uint64_t begin, std::uint64_t end, std::uint64_t address) {
    return wiring_.sram_written == nullptr || check_written(slot, begin, end, address);
  }
  void retry();

  const EngineWiring& wiring() const { return wiring_; }
  std::uint32_t running() const { return running_; }

 private:
  class Waiter : public CounterWaiter {
   public:
    explicit Waiter(CommandEngine& engine) : engine_(engine) {}

   private:
    void reached() override { engine_.step_event_.notify(engine_.wiring_.clock.time(Cycles(1))); }
    CommandEngine& engine_;
  };

  void step();
  void retire(Slot& slot);
  bool waits_over(const Command& command);
  void do_add(const Slot& slot, std::uint32_t word);
  bool check_written(const Slot& slot, std::uint64_t begin, std::uint64_t end,
                     std::uint64_t address);
  void account();
  std::uint32_t awaited() const;
  std::uint32_t number_of(const Slot& slot) const {
    return static_cast<std::uint32_t>(&slot - slots_.data());
  }

  const EngineWiring wiring_;
  const std::uint32_t depth_;
  std::vector<Slot> slots_;
  std::deque<Slot*> queued_;
  std::deque<Slot*> begun_;
  std::uint32_t occupied_ = 0;
  std::uint32_t running_ = 0;
  bool halted_ = false;
  Waiter waiter_{*this};
  SpaceListener* listener_ = nullptr;
  CommandObserver* observer_ = nullptr;
  TimeStack stack_;
  sc_core::sc_event step_event_;
};

}  // namespace aipu
