// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::cpu {

/// What an integrator may choose about a control hart. Every instruction costs `base`; the other
/// cycle counts are added to it. Defaults describe a short in-order pipeline (a).
struct Config {
  Cycles base{1};           ///< any instruction
  Cycles load_use{1};       ///< a load whose result the next instruction reads
  Cycles taken_branch{2};   ///< a conditional branch that is taken
  Cycles jump{1};           ///< jal
  Cycles indirect_jump{2};  ///< jalr
  Cycles mul{2};
  Cycles div{18};    ///< division or remainder, 32 bit or XLEN
  Cycles atomic{3};  ///< lr, sc, amo
  Cycles csr{1};
  Cycles fence{1};
  Cycles fence_i{8};
  Cycles mmio_load{6};            ///< register read: there and back
  Cycles mmio_store{1};           ///< register write, posted
  Cycles trap_entry{4};           ///< exception or interrupt, up to the first handler instruction
  Cycles trap_return{4};          ///< mret
  Cycles wfi_wake{4};             ///< interrupt line rises to first instruction after wfi
  Cycles quantum{1000};           ///< how far a hart may run ahead of simulated time
  Cycles interrupt_quantum{100};  ///< the same while interrupts are enabled: bounds their latency
};

/// The only list of these keys.
inline Schema<Config> schema() {
  const auto cost = between(0_cycles, 1000_cycles);
  const auto lead = between(1_cycles, 1'000'000_cycles);
  return Schema<Config>("cpu", "Control hart: cycle costs and temporal decoupling")
      .field("base", &Config::base, between(1_cycles, 100_cycles), "any instruction")
      .field("load_use", &Config::load_use, cost, "load whose result the next instruction reads")
      .field("taken_branch", &Config::taken_branch, cost, "conditional branch that is taken")
      .field("jump", &Config::jump, cost, "jal")
      .field("indirect_jump", &Config::indirect_jump, cost, "jalr")
      .field("mul", &Config::mul, cost, "multiplication")
      .field("div", &Config::div, cost, "division or remainder")
      .field("atomic", &Config::atomic, cost, "lr, sc, amo")
      .field("csr", &Config::csr, cost, "access to a control and status register")
      .field("fence", &Config::fence, cost, "fence")
      .field("fence_i", &Config::fence_i, cost, "fence.i")
      .field("mmio_load", &Config::mmio_load, cost, "register read, there and back")
      .field("mmio_store", &Config::mmio_store, cost, "register write")
      .field("trap_entry", &Config::trap_entry, cost, "exception or interrupt")
      .field("trap_return", &Config::trap_return, cost, "mret")
      .field("wfi_wake", &Config::wfi_wake, cost, "interrupt line to first instruction after wfi")
      .field("quantum", &Config::quantum, lead, "how far a hart may run ahead of simulated time")
      .field("interrupt_quantum", &Config::interrupt_quantum, lead,
             "the same while interrupts are enabled: bounds their latency")
      .require([](const Config& c) { return c.interrupt_quantum <= c.quantum; },
               "interrupt_quantum must not exceed quantum");
}

}  // namespace aipu::cpu
