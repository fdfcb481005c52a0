// SPDX-License-Identifier: Apache-2.0
#include "hw/config/board.h"

#include <limits>

namespace aipu::config {
namespace {

Schema<Simulation> simulation_schema() {
  const EnumNames<DataMode> data{{"functional", DataMode::kFunctional},
                                 {"timing", DataMode::kTiming}};
  const EnumNames<MemoryFidelity> memory{{"exact", MemoryFidelity::kExact},
                                         {"fast", MemoryFidelity::kFast}};
  const EnumNames<FabricFidelity> fabric{{"exact", FabricFidelity::kExact}};
  return Schema<Simulation>("simulation", "How the machine is simulated; never what it is")
      .field("data", &Simulation::data, data,
             "functional: bytes move and are computed; timing: tensors are phantom")
      .field("seed", &Simulation::seed, any(), "of every random choice of the run")
      .field("memory", &Simulation::memory, memory,
             "detail of HBM: exact: banks and queues; fast: calibrated servers, long requests")
      .field("fast_request", &Simulation::fast_request, between(1_KiB, 1_MiB),
             "fast memory: largest request of a data mover to HBM, in place of aipu.dma.burst")
      .field("calibration", &Simulation::calibration, any(),
             "fast memory: file with what its servers take; empty: measured at start")
      .field("fabric", &Simulation::fabric, fabric, "detail of mesh and DirectCom")
      .field("max_time", &Simulation::max_time, between(1_us, Picoseconds(3'600'000'000'000'000)),
             "simulated time after which a run is stopped (exit code 3)")
      .field("real_sram", &Simulation::real_sram, between(64_KiB, 16_MiB),
             "timing mode: first part of every core's SRAM that has bytes")
      .field("real_hbm", &Simulation::real_hbm, between(1_MiB, 64_GiB),
             "timing mode: first part of every HBM that has bytes");
}

Schema<Board> board_schema() {
  return Schema<Board>("board", "A module of AIPUs and how to simulate it")
      .field("aipus", &Board::aipus, between(1U, 16U), "AIPUs on the module")
      .group("aipu", &Board::aipu, chip_schema())
      .group("switch", &Board::plane_switch, directcom::switch_schema())
      .group("simulation", &Board::simulation, simulation_schema())
      .require(
          [](const Board& b) {
            const directcom::Config& port = b.aipu.directcom;
            return port.lane_rate == b.plane_switch.port_rate && port.flit == b.plane_switch.flit &&
                   port.payload == b.plane_switch.payload;
          },
          "aipu.directcom and switch must agree: lane_rate = port_rate, flit and payload equal")
      .require([](const Board& b) { return b.simulation.real_sram <= b.aipu.sram.core_size; },
               "simulation.real_sram must not exceed aipu.sram.core_size")
      .require([](const Board& b) { return b.simulation.real_hbm <= b.aipu.hbm.capacity; },
               "simulation.real_hbm must not exceed aipu.hbm.capacity");
}

}  // namespace

const Schema<Board>& schema() {
  static const Schema<Board> instance = board_schema();
  return instance;
}

}  // namespace aipu::config
