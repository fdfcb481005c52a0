// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "hw/cpu/csr.h"
#include "hw/cpu/isa.h"

namespace aipu::cpu {

/// What the counters of a hart show. Cycles are those of the core clock since time zero.
struct Clocks {
  std::uint64_t cycles = 0;
  std::uint64_t time = 0;         ///< of the platform, in core cycles
  std::uint64_t retired = 0;      ///< instructions
  std::uint64_t store_stall = 0;  ///< cycles a store waited for a full queue: mhpmcounter3
  std::uint64_t wfi = 0;          ///< cycles asleep: mhpmcounter4
  std::uint64_t load_stall = 0;   ///< cycles a blocking register read waited: mhpmcounter5
};

/// Machine-mode state: control and status registers, interrupt lines, trap entry and return.
class CsrFile {
 public:
  CsrFile(unsigned xlen, std::uint64_t hart_id) : xlen_(xlen), hart_id_(hart_id) {}

  /// False where the register does not exist.
  bool read(std::uint32_t number, const Clocks& clocks, std::uint64_t& value) const;
  /// False where it does not exist or cannot be written.
  bool write(std::uint32_t number, std::uint64_t value, const Clocks& clocks);

  void set_line(Interrupt line, bool level);
  /// An enabled interrupt waits, whether or not mstatus lets it through: ends wfi.
  bool wakes() const { return (mip_ & mie_) != 0; }
  /// An interrupt is to be taken now.
  bool ready() const { return wakes() && (mstatus_ & csr::kMstatusMie) != 0; }
  /// Interrupts may come at any time.
  bool enabled() const { return mie_ != 0 && (mstatus_ & csr::kMstatusMie) != 0; }
  /// The one to take first: fault, external, software, timer.
  std::uint64_t next_interrupt() const;

  /// mtvec was written: traps have somewhere to go.
  bool has_handler() const { return has_handler_; }
  /// Saves pc, cause and value; returns the handler's address.
  std::uint64_t enter(std::uint64_t cause, bool interrupt, std::uint64_t pc, std::uint64_t value);
  /// mret: returns the pc to go on with.
  std::uint64_t leave();

  std::uint64_t mepc() const { return mepc_; }
  std::uint64_t mcause() const { return mcause_; }

 private:
  struct Counter {
    std::uint64_t offset = 0;  ///< raw count minus what the register shows
    std::uint64_t frozen = 0;
    bool inhibited = false;
    std::uint64_t show(std::uint64_t raw) const { return inhibited ? frozen : raw - offset; }
    void set(std::uint64_t raw, std::uint64_t value) {
      frozen = value;
      offset = raw - value;
    }
    void inhibit(bool on, std::uint64_t raw) {
      if (on && !inhibited) frozen = raw - offset;
      if (!on && inhibited) offset = raw - frozen;
      inhibited = on;
    }
  };

  bool is_zero(std::uint32_t number) const;
  std::uint64_t misa() const;
  std::uint64_t low_mask() const { return xlen_ == 32 ? 0xffffffffU : ~std::uint64_t{0}; }
  bool read_counter(std::uint32_t number, const Clocks& clocks, std::uint64_t& value) const;
  bool write_counter(std::uint32_t number, std::uint64_t value, const Clocks& clocks);
  std::uint64_t merge(std::uint64_t old, std::uint64_t value, bool high) const;

  unsigned xlen_;
  std::uint64_t hart_id_;
  std::uint64_t mstatus_ = csr::kMstatusMpp;
  std::uint64_t mie_ = 0;
  std::uint64_t mip_ = 0;
  std::uint64_t mtvec_ = 0;
  bool has_handler_ = false;
  std::uint64_t mscratch_ = 0;
  std::uint64_t mepc_ = 0;
  std::uint64_t mcause_ = 0;
  std::uint64_t mtval_ = 0;
  std::array<std::uint64_t, csr::kPmpEntries> pmpaddr_{};  ///< kept, without effect: pmpcfg is off
  Counter mcycle_;
  Counter minstret_;
};

}  // namespace aipu::cpu
