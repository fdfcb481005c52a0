// SPDX-License-Identifier: Apache-2.0
#include "tlm/chip/aipu.h"

#include <algorithm>
#include <fmt/format.h>

#include "tlm/hbm/fast_memory.h"
#include "tlm/hbm/subsystem.h"

namespace aipu::chip {
namespace {

Bytes real_part(const config::Simulation& simulation, Bytes whole, Bytes real) {
  return simulation.data == config::DataMode::kFunctional ? whole : real;
}

std::unique_ptr<hbm::Memory> make_memory(const config::Board& board, Storage& storage,
                                         const hbm::Calibration& calibration) {
  const config::Chip& chip = board.aipu;
  if (board.simulation.memory == config::MemoryFidelity::kExact) {
    return std::make_unique<hbm::Subsystem>("hbm", chip.hbm, storage);
  }
  // A mover takes what the link into its core carries.
  constexpr std::uint64_t kMicroseconds = 1'000'000;
  const std::uint64_t drain = chip.noc.link_width.count * (chip.clock.count / kMicroseconds);
  return std::make_unique<hbm::FastMemory>("hbm", chip.hbm, storage, calibration,
                                           std::max<std::uint64_t>(1, drain));
}

}  // namespace

noc::Wiring Aipu::mesh_wiring(const config::Chip& config, std::uint32_t number) const {
  noc::Wiring w{Clock(config.clock)};
  w.aipu = number;
  w.compute_cores = config.cores;
  for (std::uint32_t core = 0; core <= config.cores; ++core) {
    const std::uint32_t tile =
        core < config.cores ? core % config.noc.tiles() : config.noc.control_tile;
    w.core_tiles.push_back(tile);
    w.port_tiles.insert(w.port_tiles.end(), {tile, tile});  // load and store queue
  }
  w.port_tiles.insert(w.port_tiles.end(), 2, config.noc.directcom_tile);  // reads and writes
  w.port_tiles.push_back(config.noc.directcom_tile);  // the host's way in, for debug access only
  w.hbm.channels = hbm::channel_count(config.hbm);
  w.hbm.channel_of = [](const void* map, std::uint64_t offset) {
    return static_cast<const hbm::Pieces*>(map)->map().locate(offset).channel;
  };
  w.hbm.context = &pieces_;
  w.hbm.interleave = config.hbm.interleave;
  w.hbm.spread = [](const void* map, std::uint64_t offset, std::uint64_t bytes,
                    std::vector<std::uint32_t>& behind) {
    static_cast<const hbm::Pieces*>(map)->visit(
        offset, offset + bytes,
        [&](std::uint32_t channel, std::uint32_t, std::uint32_t, std::uint64_t,
            std::uint64_t part) { behind[channel] += static_cast<std::uint32_t>(part); });
  };
  w.banks = config.sram.banks;
  w.bank_interleave = config.sram.bank_interleave;
  return w;
}

template <typename Socket>
void Aipu::bind_port(Socket& port) {
  port.bind(mesh.core_in);
  mesh.hbm_out.bind(hbm->mem_in);
  mesh.shared_out.bind(shared.mem_in);
}

Aipu::Aipu(const sc_core::sc_module_name& name, const config::Board& board, std::uint32_t number,
           HostPort& host, const hbm::Calibration& calibration)
    : Model(name),
      pieces_(board.aipu.hbm),
      hbm_storage_(board.aipu.hbm.capacity,
                   real_part(board.simulation, board.aipu.hbm.capacity, board.simulation.real_hbm)),
      signals("signals", Clock(board.aipu.clock), board.aipu.signal_latency),
      hbm(make_memory(board, hbm_storage_, calibration)),
      shared("shared", board.aipu.sram, Clock(board.aipu.clock),
             real_part(board.simulation, board.aipu.sram.shared_size, Bytes(0))),
      mesh("mesh", board.aipu.noc, mesh_wiring(board.aipu, number)),
      directcom("directcom", config::simulated_interface(board), Clock(board.aipu.clock), number,
                board.aipus, signals, static_cast<std::uint32_t>(board.simulation.seed) + number),
      loader("loader") {
  std::vector<CounterFile*> counters;
  std::vector<FaultSink*> faults;
  for (std::uint32_t i = 0; i <= board.aipu.cores; ++i) {
    const std::string core_name = i < board.aipu.cores ? fmt::format("core{}", i) : "control";
    cores.push_back(
        std::make_unique<Core>(core_name.c_str(), board.aipu, board.simulation,
                               CoreWiring{{number, i}, board.aipus, signals, host, directcom}));
    Core& core = *cores.back();
    counters.push_back(&core.counters());
    faults.push_back(&core.registers);
    bind_port(core.load.mem_out);
    bind_port(core.store.mem_out);
    mesh.core_out.bind(core.sram.mem_in);
  }
  bind_port(directcom.read_out);
  bind_port(directcom.write_out);
  bind_port(loader.mem_out);
  signals.connect(counters, faults);
}

}  // namespace aipu::chip
