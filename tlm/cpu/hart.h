// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "hw/cpu/config.h"
#include "tlm/core/clock.h"
#include "tlm/core/model.h"
#include "tlm/core/transaction.h"
#include "tlm/cpu/hart_observer.h"
#include "tlm/cpu/interpreter.h"

namespace aipu::cpu {

/// A trap that firmware does not handle: mtvec was never set, or the handler's first instruction
/// traps.
struct HartFault {
  std::string hart;  ///< hierarchical name
  std::uint32_t pc = 0;
  std::uint64_t cause = 0;  ///< mcause without its interrupt bit
  std::uint32_t value = 0;  ///< mtval
  bool interrupt = false;
  bool nested = false;

  /// One line: hart, pc, what happened, address.
  std::string text() const;
};

/// The control hart of a core: an RV32 interpreter in one SC_METHOD.
///
/// Timing: instructions by the cost table of Config. Runs at most one quantum ahead of simulated
/// time, stops for accesses that `needs_sync` names, so that they happen at kernel time = its own
/// time. Other register accesses happen at once, with the hart's lead as their TLM delay. Registers
/// are 32-bit: other sizes are refused. Not started or asleep, it costs no host time. An interrupt
/// ends a stall: the trap comes first, then the access is tried again. Limits: a running hart sees
/// an interrupt at most one `interrupt_quantum` late (hw/docs/cpu.md).
class Hart : public Model {
 public:
  /// Whether an access to this register waits for simulated time first.
  using NeedsSync = bool (*)(std::uint32_t address, bool write);
  using FaultCallback = std::function<void(const HartFault&)>;
  /// Serves a debugger. Called inside the hart's process, between two instructions: until it
  /// returns, simulated time and every other hart stand still.
  using HaltCallback = std::function<void(Hart&)>;

  struct Stats : StatGroup {
    Counter instructions{*this, "instructions", Unit::kCount, "instructions completed"};
    Counter cycles{*this, "cycles", Unit::kCycles, "core cycles that instructions took"};
    Counter mmio{*this, "mmio", Unit::kCount, "register and uncached memory accesses"};
    Counter traps{*this, "traps", Unit::kCount, "exceptions and interrupts taken"};
    Counter stalls{*this, "stalls", Unit::kCount, "accesses that their target let wait"};
    Counter sleeps{*this, "sleeps", Unit::kCount, "wfi that slept"};
  };

  Hart(const sc_core::sc_module_name& name, const Config& config, const Clock& clock,
       std::uint32_t hart_id, NeedsSync needs_sync, FaultCallback on_fault);
  ~Hart() override;

  /// Registers, at 32-bit hart addresses; carries MmioExtension.
  tlm_utils::simple_initiator_socket<Hart> mmio_out{"mmio_out"};
  /// The core's SRAM, at offsets from its start (hart address 0x1000'0000). DMI where it is
  /// granted.
  tlm_utils::simple_initiator_socket<Hart, 256> mem_out{"mem_out"};

  /// Starts the hart, now: at time zero before the simulation, or later.
  void reset(std::uint32_t pc, std::uint32_t sp);
  /// Tells `observer` what the hart does from now on; null: nobody. Changes no simulated time.
  void observe(HartObserver* observer) {
    observer_ = observer;
    core_.observe(observer);
  }
  void set_interrupt(Interrupt line, bool level);
  /// The program is over: no further instruction. From inside a register write, or at any time.
  void stop();
  /// The target of a stalled access can serve it now.
  void resume_stalled();
  /// Reaches memory from this offset on by debug transport, not by DMI: whoever watches writes
  /// there sees the hart's too. Costs host time, no simulated time.
  void limit_direct_memory(std::uint64_t bytes) { direct_limit_ = bytes; }
  /// Decoded text of the firmware image, shared by its harts. A hart whose memory differs from that
  /// text does not use it.
  void set_code(std::shared_ptr<CodeCache> code) { core_.set_code(std::move(code)); }
  /// As Interpreter::set_ebreak_handler().
  void set_ebreak_handler(EbreakHandler* handler) { core_.set_ebreak_handler(handler); }
  /// Memory at hart addresses was written by DMA or a loader.
  void invalidate(std::uint32_t address, std::uint32_t bytes) { core_.invalidate(address, bytes); }

  /// Wires a debugger; core() takes its wishes.
  void set_on_halt(HaltCallback on_halt) { on_halt_ = std::move(on_halt); }
  Interpreter<std::uint32_t>& core() { return core_; }
  /// For a debugger, at hart addresses and without side effects: bytes done, from the first on.
  std::uint64_t peek(std::uint32_t address, std::uint8_t* data, std::uint64_t bytes);
  /// SRAM only.
  std::uint64_t poke(std::uint32_t address, const std::uint8_t* data, std::uint64_t bytes);
  /// One word or two: "running", "wfi", "queue full", "blocking read", "not started", "ended".
  const char* activity() const;
  /// Inside a call of its own process, as from a register that it writes.
  bool in_step() const { return in_step_; }

  std::uint32_t pc() const { return static_cast<std::uint32_t>(core_.pc()); }
  std::uint32_t reg(unsigned index) const { return static_cast<std::uint32_t>(core_.reg(index)); }
  void set_reg(unsigned index, std::uint32_t value) { core_.set_reg(index, value); }
  std::uint64_t cycles() const { return core_.cycles(); }
  Hertz frequency() const { return clock_.frequency(); }
  std::uint64_t instructions() const { return core_.retired(); }
  std::vector<Interpreter<std::uint32_t>::Edge> history() const { return core_.history(); }
  const Interpreter<std::uint32_t>& core() const { return core_; }
  bool ended() const { return state_ == kEnded; }
  /// What keeps it, for reports.
  enum class Waits : std::uint8_t { kIdle, kRuns, kWfi, kStore, kLoad, kEnded };
  Waits waits() const { return static_cast<Waits>(state_); }
  const Stats& stats() const { return stats_; }

  const StatGroup* stat_group() const override { return &stats_; }
  std::vector<TimeShare> time_shares(std::uint64_t now) const override;
  std::string waiting_for() const override;

 private:
  using State = HartState;
  static constexpr State kIdle = State::kIdle, kBusy = State::kBusy, kWfi = State::kWfi,
                         kStoreStall = State::kQueueFull, kLoadStall = State::kBlockingRead,
                         kEnded = State::kEnded;

  /// The interpreter's view of the sockets.
  class Port : public Bus {
   public:
    explicit Port(Hart& hart) : hart_(hart) {}
    Status access(Access& access) override { return hart_.access(access); }
    std::optional<std::uint16_t> fetch(std::uint64_t address) override {
      return hart_.fetch(address);
    }
    bool synced(std::uint64_t cycles) override { return hart_.synced(cycles); }

   private:
    Hart& hart_;
  };

  void step();
  Stop execute();
  void after(Stop why);
  void enter(State state);
  void wake_at(std::uint64_t cycles);
  void count();
  void end_with_fault();
  Bus::Status access(Bus::Access& access);
  Bus::Status debug_transport(Bus::Access& access);
  Bus::Status transport(tlm::tlm_fw_transport_if<>& target, std::uint64_t address,
                        Bus::Access& access);
  std::optional<std::uint16_t> fetch(std::uint64_t address);
  bool synced(std::uint64_t cycles) const;
  std::uint64_t now_cycles() const { return clock_.edge_at(now_ps()); }
  void find_memory();
  void forget_memory(sc_dt::uint64 begin, sc_dt::uint64 end);

  const Config config_;
  const Clock clock_;
  const NeedsSync needs_sync_;
  const FaultCallback on_fault_;
  HaltCallback on_halt_;
  Stats stats_;
  Port port_{*this};
  Interpreter<std::uint32_t> core_;
  HartObserver* observer_ = nullptr;
  State state_ = kIdle;
  std::uint64_t direct_limit_ = ~std::uint64_t{0};
  std::uint32_t stalled_at_ = 0;   ///< register whose access stalled last
  std::uint64_t idle_cycles_ = 0;  ///< before its start
  bool memory_known_ = false;
  bool wfi_pending_ = false;  ///< behind a wfi, simulated time has not reached it yet
  bool waking_ = false;       ///< the event that ends wfi or a stall is notified
  bool in_step_ = false;
  bool resumed_early_ = false;
  tlm::tlm_generic_payload payload_;
  MmioExtension extension_;
  TimeStack shares_{kHartStates};
  sc_core::sc_event event_;
};

}  // namespace aipu::cpu
