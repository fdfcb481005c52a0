// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "hw/config/board.h"
#include "tlm/chip/core_registers.h"
#include "tlm/core/model.h"
#include "tlm/cpu/hart.h"
#include "tlm/directcom/queue.h"
#include "tlm/dma/mover.h"
#include "tlm/sram/core_sram.h"
#include "tlm/tensor/engine.h"
#include "tlm/vector/engine.h"

namespace aipu::chip {

/// What a core needs from its AIPU.
struct CoreWiring {
  CoreId id;
  std::uint32_t aipu_count = 1;
  SignalRouter& signals;
  HostPort& host;
  directcom::Interface& directcom;
};

/// One core: hart, SRAM, counters, and the engines behind its five command queues. The chip-control
/// core has no tensor and no vector engine.
class Core : public Model {
 public:
  Core(const sc_core::sc_module_name& name, const config::Chip& config,
       const config::Simulation& simulation, const CoreWiring& wiring);

  CounterFile& counters() { return counters_; }
  const CounterFile& counters() const { return counters_; }
  CoreId id() const { return id_; }

 private:
  EngineWiring engine_wiring(std::uint32_t queue, const config::Chip& config,
                             const config::Simulation& simulation, const CoreWiring& wiring);

  const CoreId id_;
  CounterFile counters_;

 public:
  sram::CoreSram sram;
  CoreRegisters registers;
  cpu::Hart hart;
  dma::Mover load;
  dma::Mover store;
  std::unique_ptr<tensor::Engine> tensor;
  std::unique_ptr<vector::Engine> vector;
  directcom::Queue directcom;
};

}  // namespace aipu::chip
