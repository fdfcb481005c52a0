// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include "tlm/core/clock.h"
#include "tlm/core/command_engine.h"
#include "tlm/core/counter_file.h"
#include "tlm/core/host_port.h"
#include "tlm/core/model.h"
#include "tlm/core/transaction.h"
#include "tlm/cpu/hart.h"

namespace aipu::chip {

/// Whether firmware's access to this register is an ordering point (`sync` in hw/regs).
bool needs_sync(std::uint32_t address, bool write);

/// Everything of a core that its hart sees beside SRAM: identity, timer, console, mailbox, command
/// queues, counters and the fault latch (hw/regs/control.yaml, queue.yaml, counter.yaml).
///
/// Timing: none of its own; the hart charges the access. A doorbell to a full queue and a blocking
/// counter read answer `stalled` (MmioExtension) and wake the hart when they can be served.
class CoreRegisters : public Model, public FaultSink {
 public:
  static constexpr std::size_t kQueues = 5;

  struct Identity {
    CoreId id;
    std::uint32_t core_count = 0, aipu_count = 0, sram_bytes = 0;
  };

  CoreRegisters(const sc_core::sc_module_name& name, const Identity& identity, Clock clock,
                CounterFile& counters, SignalRouter& signals, HostPort& host);

  tlm_utils::simple_target_socket<CoreRegisters> mmio_in{
      "mmio_in"};  ///< hart addresses, 32-bit words

  /// Wires the hart and the engines of the queues (null where the core has none).
  void connect(cpu::Hart& hart, const std::array<CommandEngine*, kQueues>& engines);
  void fault(const Fault& fault) override;
  void warn(const Fault& fault) override { host_.engine_warning(identity_.id, fault); }
  /// Prints a line of the hart that has no end yet: none may come.
  void flush_console();
  std::string waiting_for() const override;
  /// The blocking read of a counter, armed while the hart waits in it.
  const CounterWaiter& read_waiter() const { return read_waiter_; }
  /// The queue whose last doorbell found it full (regs::abi::kQueue*).
  std::uint32_t full_queue() const { return full_queue_; }
  /// What the hart's blocking read waits for: "counter 5 = 3, wants 12"; empty where there is none.
  std::string blocking_read() const;

 private:
  enum class Answer : std::uint8_t { kDone, kStalled, kNoRegister, kBadAccess };

  class ReadWaiter : public CounterWaiter {
   public:
    explicit ReadWaiter(CoreRegisters& registers) : registers_(registers) {}

   private:
    void reached() override { registers_.hart_->resume_stalled(); }
    CoreRegisters& registers_;
  };
  class InterruptWaiter : public CounterWaiter {
   public:
    explicit InterruptWaiter(CoreRegisters& registers) : registers_(registers) {}

   private:
    void reached() override { registers_.hart_->set_interrupt(cpu::Interrupt::kExternal, true); }
    CoreRegisters& registers_;
  };
  class Space : public SpaceListener {
   public:
    explicit Space(CoreRegisters& registers) : registers_(registers) {}

   private:
    void space_available() override { registers_.hart_->resume_stalled(); }
    CoreRegisters& registers_;
  };

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& payload);
  Answer read(std::uint32_t address, std::uint64_t time, std::uint32_t& value);
  Answer write(std::uint32_t address, std::uint32_t value, std::uint32_t pc);
  Answer read_control(std::uint32_t offset, std::uint64_t time, std::uint32_t& value) const;
  Answer write_control(std::uint32_t offset, std::uint32_t value);
  Answer read_queue(std::uint32_t offset, std::uint32_t& value) const;
  Answer write_queue(std::uint32_t offset, std::uint32_t value, std::uint32_t pc);
  Answer ring_doorbell(std::size_t queue, std::uint32_t opcode, std::uint32_t pc);
  Answer read_counter(std::uint32_t offset, std::uint32_t& value);
  Answer write_counter(std::uint32_t offset, std::uint32_t value);
  Answer add_counter(std::uint32_t word);
  void watch_counter();
  void watch_timer();
  void put_console(char c);

  const Identity identity_;
  const Clock clock_;
  CounterFile& counters_;
  SignalRouter& signals_;
  HostPort& host_;
  cpu::Hart* hart_ = nullptr;
  std::array<CommandEngine*, kQueues> engines_{};
  std::array<Command, kQueues> staged_{};
  ReadWaiter read_waiter_{*this};
  InterruptWaiter interrupt_waiter_{*this};
  Space space_{*this};
  std::uint32_t full_queue_ = 0;
  std::uint32_t wait_id_ = 0, wait_target_ = 0;
  std::uint32_t irq_id_ = 0, irq_target_ = 0, irq_enable_ = 0;
  std::uint64_t mtimecmp_ = ~std::uint64_t{0};
  Fault latched_;
  std::string line_;
  sc_core::sc_event timer_event_;
};

}  // namespace aipu::chip
