// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstring>
#include <string>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "hw/cpu/csr.h"
#include "regs/abi.h"
#include "regs/control.h"
#include "regs/core.h"
#include "regs/counter.h"
#include "regs/queue.h"
#include "tests/support/systemc_test.h"
#include "tlm/chip/core_registers.h"

namespace aipu::test {

/// A command engine that works until it is told to stop.
class SlowEngine : public CommandEngine {
 public:
  SlowEngine(const sc_core::sc_module_name& name, const EngineWiring& wiring, std::uint32_t depth)
      : CommandEngine(name, wiring, depth) {}
  void finish_oldest() {
    Slot* slot = began.front();
    began.erase(began.begin());
    complete(*slot);
  }
  std::vector<Slot*> began;
  std::vector<Command> commands;

 protected:
  void begin(Slot& slot) override {
    began.push_back(&slot);
    commands.push_back(slot.command);
  }
};

/// What a core tells the host and other cores.
struct Outside : HostPort, SignalRouter, FaultSink {
  void console_line(CoreId, const std::string& text) override { lines.push_back(text); }
  void mail(CoreId, std::uint32_t word) override { mails.push_back(word); }
  void mark(CoreId, std::uint32_t number) override { marks.push_back(number); }
  void exited(CoreId, std::uint32_t code) override { exits.push_back(code); }
  void engine_fault(CoreId, const Fault& f) override { faults.push_back(f); }
  void hart_fault(CoreId, const std::string&) override {}
  void model_fault(const std::string&) override {}
  void fault(const Fault&) override {}
  void signal(std::uint32_t, std::uint32_t scope, std::uint32_t counter,
              std::uint32_t amount) override {
    signals.push_back({scope, counter, amount});
  }

  std::vector<std::string> lines;
  std::vector<std::uint32_t> mails, marks, exits;
  std::vector<Fault> faults;
  std::vector<std::array<std::uint32_t, 3>> signals;
};

/// The registers of core 3 of AIPU 7 behind a stock initiator; queues 0 and 1 have engines.
class RegisterBench : public sc_core::sc_module {
 public:
  static constexpr std::uint32_t kDepth = 2;

  explicit RegisterBench(const sc_core::sc_module_name& name) : sc_module(name) {
    mmio_out.bind(registers.mmio_in);
    hart.mmio_out.bind(nowhere_);
    hart.mem_out.bind(memory_);
    memory_.register_b_transport(this, &RegisterBench::refuse);
    nowhere_.register_b_transport(this, &RegisterBench::refuse);
    registers.connect(hart, {&load, &store, nullptr, nullptr, nullptr});
  }

  struct Answer {
    tlm::tlm_response_status status;
    std::uint32_t value;
    bool ok() const { return status == tlm::TLM_OK_RESPONSE; }
  };
  /// A four-byte access as any initiator would make it; `extension` may be null.
  Answer access(tlm::tlm_command command, std::uint64_t address, std::uint32_t value = 0,
                MmioExtension* extension = nullptr, std::uint64_t delay_ps = 0) {
    tlm::tlm_generic_payload payload;
    prepare(payload, command, address, &value, 4);
    if (extension != nullptr) payload.set_extension(extension);
    sc_core::sc_time delay = sc_core::sc_time::from_value(delay_ps);
    mmio_out->b_transport(payload, delay);
    if (extension != nullptr) payload.clear_extension(extension);
    return {payload.get_response_status(), value};
  }
  Answer read(std::uint64_t address) { return access(tlm::TLM_READ_COMMAND, address); }
  Answer write(std::uint64_t address, std::uint32_t value) {
    return access(tlm::TLM_WRITE_COMMAND, address, value);
  }
  unsigned debug(tlm::tlm_command command, std::uint64_t address, std::uint32_t& value) {
    tlm::tlm_generic_payload payload;
    prepare(payload, command, address, &value, 4);
    return mmio_out->transport_dbg(payload);
  }
  static void prepare(tlm::tlm_generic_payload& payload, tlm::tlm_command command,
                      std::uint64_t address, void* data, unsigned length) {
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(static_cast<unsigned char*>(data));
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    payload.set_byte_enable_ptr(nullptr);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  }
  bool pending(cpu::Interrupt line) const {
    std::uint64_t mip = 0;
    hart.core().csrs().read(cpu::csr::kMip, hart.core().clocks(), mip);
    return (mip >> static_cast<unsigned>(line) & 1U) != 0;
  }

  const Clock clock{1_GHz};
  Outside outside;
  CounterFile counters;
  chip::CoreRegisters registers{"registers", {{7, 3}, 32, 16, 1U << 20U}, clock, counters, outside,
                                outside};
  cpu::Hart hart{"hart", cpu::Config{}, clock, 0, chip::needs_sync, nullptr};
  SlowEngine load{"load", wiring(0), kDepth};
  SlowEngine store{"store", wiring(1), kDepth};
  tlm_utils::simple_initiator_socket<RegisterBench> mmio_out{"mmio_out"};

 private:
  EngineWiring wiring(std::uint32_t queue) {
    EngineWiring w{clock};
    w.core = 3;
    w.queue = queue;
    w.counters = &counters;
    w.signals = &outside;
    w.faults = &registers;
    return w;
  }
  void refuse(tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
    payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  }

  tlm_utils::simple_target_socket<RegisterBench> nowhere_{"nowhere"};
  tlm_utils::simple_target_socket<RegisterBench, 256> memory_{"memory"};
};

class RegisterTest : public SystemCTest {
 protected:
  RegisterTest() { run(sc_core::SC_ZERO_TIME); }

  static constexpr std::uint32_t kControl = regs::core::kControlBase;
  static constexpr std::uint32_t kQueues = regs::core::kQueuesBase;
  static constexpr std::uint32_t kCounters = regs::core::kCountersBase;

  RegisterBench bench_{"bench"};
};

}  // namespace aipu::test
