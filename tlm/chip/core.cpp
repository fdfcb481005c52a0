// SPDX-License-Identifier: Apache-2.0
#include "tlm/chip/core.h"

#include "regs/abi.h"

namespace aipu::chip {
namespace {

/// Largest request of a mover to HBM; zero: its burst.
Bytes hbm_request(const config::Simulation& simulation) {
  return simulation.memory == config::MemoryFidelity::kFast ? simulation.fast_request : Bytes(0);
}

/// Whether reads of tiles that nobody wrote are looked for: phantom bytes have no writer.
bool checks_reads(const config::Simulation& simulation) {
  return simulation.data == config::DataMode::kFunctional &&
         simulation.check_uninitialised != config::Check::kOff;
}

}  // namespace

EngineWiring Core::engine_wiring(std::uint32_t queue, const config::Chip& config,
                                 const config::Simulation& simulation, const CoreWiring& wiring) {
  EngineWiring w{Clock(config.clock)};
  w.core = id_.core;
  w.queue = queue;
  w.counters = &counters_;
  w.signals = &wiring.signals;
  w.faults = &registers;
  w.sram_port = &sram;
  w.sram_guard = &sram.guard();
  w.sram_written = sram.written();
  w.unwritten_is_fault = simulation.check_uninitialised == config::Check::kFault;
  w.functional = simulation.data == config::DataMode::kFunctional;
  return w;
}

Core::Core(const sc_core::sc_module_name& name, const config::Chip& config,
           const config::Simulation& simulation, const CoreWiring& wiring)
    : Model(name),
      id_(wiring.id),
      sram("sram", config.sram, Clock(config.clock),
           simulation.data == config::DataMode::kFunctional ? config.sram.core_size
                                                            : simulation.real_sram,
           checks_reads(simulation) ? std::optional(simulation.real_sram) : std::nullopt),
      registers("registers",
                {id_, config.cores, wiring.aipu_count,
                 static_cast<std::uint32_t>(config.sram.core_size.count)},
                Clock(config.clock), counters_, wiring.signals, wiring.host),
      hart("hart", config.cpu, Clock(config.clock), id_.aipu * (config.cores + 1) + id_.core,
           needs_sync,
           [id = id_, &host = wiring.host](const cpu::HartFault& f) {
             host.hart_fault(id, f.text());
           }),
      load("load", config.dma, engine_wiring(regs::abi::kQueueLoad, config, simulation, wiring),
           id_.aipu, id_.core == config.cores, hbm_request(simulation)),
      store("store", config.dma, engine_wiring(regs::abi::kQueueStore, config, simulation, wiring),
            id_.aipu, id_.core == config.cores, hbm_request(simulation)),
      directcom("directcom", config.directcom,
                engine_wiring(regs::abi::kQueueDirectcom, config, simulation, wiring),
                wiring.directcom) {
  if (id_.core < config.cores) {
    tensor = std::make_unique<tensor::Engine>(
        "tensor", config.tensor,
        engine_wiring(regs::abi::kQueueTensor, config, simulation, wiring));
    vector = std::make_unique<vector::Engine>(
        "vector", config.vector,
        engine_wiring(regs::abi::kQueueVector, config, simulation, wiring));
    tensor->mem_out.bind(sram.mem_in);
    vector->mem_out.bind(sram.mem_in);
  }
  if (checks_reads(simulation)) hart.limit_direct_memory(simulation.real_sram.count);
  hart.mmio_out.bind(registers.mmio_in);
  hart.mem_out.bind(sram.mem_in);
  load.local_out.bind(sram.mem_in);
  store.local_out.bind(sram.mem_in);
  registers.connect(hart, {&load, &store, tensor.get(), vector.get(), &directcom});
}

}  // namespace aipu::chip
