// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "regs/abi.h"
#include "regs/core.h"
#include "tlm/core/command_engine.h"

namespace aipu::test {

/// A stock memory. It may deny DMI, and then even waits inside b_transport.
class StockMemory : public sc_core::sc_module {
 public:
  StockMemory(const sc_core::sc_module_name& name, bool grant_dmi)
      : sc_module(name), grant_dmi_(grant_dmi), bytes(regs::core::kSramSize) {
    mem_in.register_b_transport(this, &StockMemory::b_transport);
    mem_in.register_get_direct_mem_ptr(this, &StockMemory::get_direct_mem_ptr);
  }

  tlm_utils::simple_target_socket<StockMemory, 256> mem_in{"mem_in"};

 private:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    wait(sc_core::sc_time(1, sc_core::SC_NS));
    ++requests;
    std::uint8_t* at = bytes.data() + payload.get_address();
    if (payload.is_write()) std::memcpy(at, payload.get_data_ptr(), payload.get_data_length());
    if (payload.is_read()) std::memcpy(payload.get_data_ptr(), at, payload.get_data_length());
    payload.set_response_status(refuse ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE);
  }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
    if (!grant_dmi_) return false;
    dmi.set_dmi_ptr(bytes.data());
    dmi.set_start_address(0);
    dmi.set_end_address(bytes.size() - 1);
    dmi.allow_read_write();
    return true;
  }

  const bool grant_dmi_;

 public:
  std::vector<std::uint8_t> bytes;
  int requests = 0;
  bool refuse = false;
};

/// What a command engine finds around it in a core: counters, faults, the SRAM's port and guard.
struct CoreStub : SignalRouter, FaultSink, MemoryPort {
  void signal(std::uint32_t, std::uint32_t scope, std::uint32_t counter,
              std::uint32_t amount) override {
    signals.push_back({scope, counter, amount});
  }
  void fault(const Fault& f) override { faults.push_back(f); }
  std::uint64_t book(std::uint64_t start, std::uint64_t bytes) override {
    booked.push_back(bytes);
    free_at = std::max(free_at, start) + bytes * 1000 / 512;
    return free_at;
  }

  EngineWiring wiring(std::uint32_t queue, bool functional = true) {
    EngineWiring w{Clock(1_GHz)};
    w.queue = queue;
    w.counters = &counters;
    w.signals = this;
    w.faults = this;
    w.sram_guard = &guard;
    w.functional = functional;
    return w;
  }

  struct Signal {
    std::uint32_t scope, counter, amount;
  };
  CounterFile counters;
  RangeGuard guard;
  std::vector<Signal> signals;
  std::vector<Fault> faults;
  std::vector<std::uint64_t> booked;
  std::uint64_t free_at = 0;
};

/// Adds `amount` to counter `counter` of the own core when the command is done.
inline Command then_add(Command command, std::uint32_t counter, std::uint32_t amount) {
  command.words[regs::abi::kWAdd0] = counter | amount << regs::abi::kAdd0AmountShift |
                                     regs::abi::kScopeSelf << regs::abi::kAdd0ScopeShift;
  return command;
}

/// Waits for counter `counter` to reach `target`.
inline Command when_reached(Command command, std::uint32_t counter, std::uint32_t target) {
  command.words[regs::abi::kWWait] = counter | 1U << regs::abi::kWaitEnable0Shift;
  command.words[regs::abi::kWWait0Target] = target;
  return command;
}

/// Runs until the engines are idle; false if that takes longer than `limit` of simulated time.
template <typename... Engines>
bool run_until_idle(sc_core::sc_time limit, const Engines&... engines) {
  const sc_core::sc_time step(1, sc_core::SC_NS);
  for (sc_core::sc_time t; t < limit; t += step) {
    if (!(engines.active() || ...)) return true;
    sc_core::sc_start(step);
  }
  return !(engines.active() || ...);
}

inline std::uint64_t sum_of(const std::vector<TimeShare>& shares) {
  std::uint64_t sum = 0;
  for (const TimeShare& share : shares)
    sum += share.picoseconds;
  return sum;
}
inline std::uint64_t share_of(const std::vector<TimeShare>& shares, const std::string& cause) {
  for (const TimeShare& share : shares) {
    if (share.cause == cause) return share.picoseconds;
  }
  return 0;
}

}  // namespace aipu::test
