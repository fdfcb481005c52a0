// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hw/base/gaddr.h"
#include "tests/support/dma_commands.h"
#include "tests/support/flat_memory.h"
#include "tlm/dma/mover.h"
#include "tlm/noc/mesh.h"
#include "tlm/sram/core_sram.h"
#include "tlm/sram/shared_sram.h"

namespace aipu::dma {

struct NoFaults : FaultSink {
  void fault(const Fault&) override { ++count; }
  int count = 0;
};

/// Load and store movers of all cores of an AIPU (32, and the chip-control core) on a mesh in front
/// of a flat HBM.
class ChipOfMovers {
 public:
  static constexpr std::uint32_t kCores = 32;

  /// `real`: bytes of each core SRAM that exist.
  explicit ChipOfMovers(Bytes hbm, Bytes real = 1_MiB)
      : memory("memory", hbm, 200_ns), mesh("mesh", noc::Config{}, mesh_wiring()) {
    for (std::uint32_t core = 0; core <= kCores; ++core) {
      const std::string n = std::to_string(core);
      counters.push_back(std::make_unique<CounterFile>());
      srams.push_back(
          std::make_unique<sram::CoreSram>(("sram" + n).c_str(), sram::Config{}, clock, real));
      mesh.core_out.bind(srams[core]->mem_in);
      for (const std::uint32_t queue : {regs::abi::kQueueLoad, regs::abi::kQueueStore}) {
        auto& movers = queue == regs::abi::kQueueLoad ? loads : stores;
        const std::string name = (queue == regs::abi::kQueueLoad ? "load" : "store") + n;
        movers.push_back(std::make_unique<Mover>(name.c_str(), Config{}, wiring(core, queue), 0,
                                                 core == kCores));
        movers[core]->mem_out.bind(mesh.core_in);
        movers[core]->local_out.bind(srams[core]->mem_in);
        mesh.hbm_out.bind(memory.mem_in);
        mesh.shared_out.bind(shared.mem_in);
      }
    }
  }

  static noc::Wiring mesh_wiring() {
    noc::Wiring w{Clock(1_GHz)};
    for (std::uint32_t core = 0; core <= kCores; ++core) {
      const std::uint32_t tile = core == kCores ? noc::Config{}.control_tile : core;
      w.core_tiles.push_back(tile);
      w.port_tiles.insert(w.port_tiles.end(), 2, tile);
    }
    w.compute_cores = kCores;
    w.hbm = {64,
             [](const void*, std::uint64_t offset) {
               return static_cast<std::uint32_t>(offset / 1024 % 64);
             },
             nullptr};
    w.banks = 32;
    return w;
  }
  EngineWiring wiring(std::uint32_t core, std::uint32_t queue) {
    EngineWiring w{clock};
    w.core = core;
    w.queue = queue;
    w.counters = counters[core].get();
    w.faults = &faults;
    w.sram_port = srams[core].get();
    w.sram_guard = &srams[core]->guard();
    return w;
  }

  Clock clock{1_GHz};
  NoFaults faults;
  test::FlatMemory memory;
  sram::SharedSram shared{"shared", sram::Config{}, clock, 64_MiB};
  noc::Mesh mesh;
  std::vector<std::unique_ptr<CounterFile>> counters;
  std::vector<std::unique_ptr<sram::CoreSram>> srams;
  std::vector<std::unique_ptr<Mover>> loads;
  std::vector<std::unique_ptr<Mover>> stores;
};

}  // namespace aipu::dma
