// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tlm/cosim/port_mask.h"

namespace aipu::cosim {

/// The pins of a Verilated rtl/router/directcom_switch, whatever its number of ports; the generated
/// classes stay in one source file. Sets of ports are masks.
///
/// Between two calls of clock() the outputs are those of the current cycle; what is put on the
/// inputs holds for this cycle only.
class SwitchPins {
 public:
  static constexpr std::uint32_t kFlitWords = 4;  ///< of 32 bits: 16 B flits
  static constexpr std::uint32_t kMaxPorts = 32;
  using Flit = std::array<std::uint32_t, kFlitWords>;
  struct Credit {
    std::uint32_t pool = 0;
    std::uint32_t traffic_class = 0;
    std::uint32_t flits = 0;
  };
  struct Grant {
    std::uint32_t input = 0;
    std::uint32_t traffic_class = 0;
    bool mark = false;
  };
  /// All outputs of a cycle. What belongs to a port is set where its mask says so.
  struct Outputs {
    std::uint64_t routed = 0;            ///< inputs
    std::uint64_t granted = 0;           ///< outputs
    std::uint64_t no_credit = 0;         ///< outputs
    std::uint64_t lost_arbitration = 0;  ///< outputs
    std::uint64_t sending = 0;           ///< outputs
    std::uint64_t marked = 0;            ///< outputs; only of those that send
    std::uint64_t returning = 0;         ///< inputs
    bool busy = false;
    std::array<std::uint8_t, kMaxPorts> routed_output{};
    std::array<Grant, kMaxPorts> grant{};
    std::array<Credit, kMaxPorts> credit{};
    std::array<Flit, kMaxPorts> flit{};
  };
  /// An assertion of rtl/sva that failed.
  struct Broken {
    std::string rule;   ///< hw/docs/rtl_rules.md
    std::string where;  ///< instance and name of the assertion
  };
  /// What the configuration port writes (rtl/router/packet_pkg.sv).
  enum class Select : std::uint32_t { kRoute, kFarPool, kCredit, kLfsr, kRule };
  /// Parameters that all models were built with.
  struct Limits {
    std::uint32_t nodes = 0;
    std::uint32_t pools = 0;
    std::uint32_t credits = 0;       ///< flits of a pool at the next hop
    std::uint32_t buffer_flits = 0;  ///< of an input
    std::uint32_t pipeline = 0;
    std::uint32_t out_flits = 0;  ///< FIFO of an output, with speed-up
  };

  /// The smallest model of at least so many ports, behind its reset; null where there is none.
  /// Ports beyond those of a switch stay idle: nobody can tell.
  static std::unique_ptr<SwitchPins> make(std::uint32_t ports, std::uint32_t speedup);
  /// The numbers of ports there are models for; empty: built without RTL.
  static std::vector<std::uint32_t> built();

  SwitchPins() = default;
  SwitchPins(const SwitchPins&) = delete;
  SwitchPins& operator=(const SwitchPins&) = delete;
  virtual ~SwitchPins() = default;

  virtual std::uint32_t ports() const = 0;
  virtual Limits limits() const = 0;

  /// Takes a cycle. Only while no packet is in the switch.
  virtual void configure(Select select, std::uint32_t port, std::uint32_t index,
                         std::uint64_t value) = 0;
  virtual void put_flit(std::uint32_t input, const Flit& flit) = 0;
  /// Once in a cycle for an output, with speed-up twice.
  virtual void put_credit(std::uint32_t output, const Credit& credit) = 0;
  virtual void hold(std::uint32_t output) = 0;
  /// To the next cycle; `second`: this one is the second tick of a link cycle, with speed-up.
  virtual void clock(bool second) = 0;
  /// Everything to its start, also with packets in it: to be configured again.
  virtual void reset() = 0;

  /// Assertions of rtl/sva, off at first.
  virtual void assertions(bool on) = 0;
  /// The first that failed since the model was made; null: none.
  virtual const Broken* broken() const = 0;
  /// Line, toggle and cover points so far, in the format of verilator_coverage. False: the model
  /// was built without.
  virtual bool write_coverage(const std::string& /*path*/) { return false; }

  virtual std::uint64_t routed() const = 0;  ///< inputs
  virtual std::uint32_t routed_output(std::uint32_t input) const = 0;
  virtual std::uint64_t granted() const = 0;  ///< outputs
  virtual Grant grant(std::uint32_t output) const = 0;
  virtual std::uint64_t no_credit() const = 0;         ///< outputs
  virtual std::uint64_t lost_arbitration() const = 0;  ///< outputs
  virtual std::uint64_t sending() const = 0;           ///< outputs
  virtual Flit flit(std::uint32_t output) const = 0;
  virtual bool mark(std::uint32_t output) const = 0;
  virtual std::uint64_t returning() const = 0;  ///< inputs
  virtual Credit credit(std::uint32_t input) const = 0;
  /// While false and nothing is put on the inputs, no register changes.
  virtual bool busy() const = 0;

  // The same for all ports at once; pins in front of others need not care.
  virtual void put_flits(std::uint64_t inputs, const Flit* flits) {
    for_each_bit(inputs, [&](std::uint32_t i) { put_flit(i, flits[i]); });
  }
  virtual void read(Outputs& outputs) const { read_each(*this, outputs); }

 protected:
  template <typename Pins>
  static void read_each(const Pins& pins, Outputs& outputs) {
    outputs.routed = pins.routed();
    outputs.granted = pins.granted();
    outputs.no_credit = pins.no_credit();
    outputs.lost_arbitration = pins.lost_arbitration();
    outputs.sending = pins.sending();
    outputs.returning = pins.returning();
    outputs.busy = pins.busy();
    outputs.marked = 0;
    for_each_bit(outputs.routed, [&](std::uint32_t i) {
      outputs.routed_output[i] = static_cast<std::uint8_t>(pins.routed_output(i));
    });
    for_each_bit(outputs.granted, [&](std::uint32_t o) { outputs.grant[o] = pins.grant(o); });
    for_each_bit(outputs.returning, [&](std::uint32_t i) { outputs.credit[i] = pins.credit(i); });
    for_each_bit(outputs.sending, [&](std::uint32_t o) {
      outputs.flit[o] = pins.flit(o);
      if (pins.mark(o)) outputs.marked |= one(o);
    });
  }
};

}  // namespace aipu::cosim
