// SPDX-License-Identifier: Apache-2.0
#include "hw/config/board.h"

#include <algorithm>
#include <limits>
#include <sstream>

#include "hw/base/gaddr.h"

namespace aipu::config {
namespace {

Schema<Simulation> simulation_schema() {
  const EnumNames<DataMode> data{{"functional", DataMode::kFunctional},
                                 {"timing", DataMode::kTiming}};
  const EnumNames<MemoryFidelity> memory{{"exact", MemoryFidelity::kExact},
                                         {"fast", MemoryFidelity::kFast}};
  const EnumNames<FabricFidelity> fabric{{"exact", FabricFidelity::kExact},
                                         {"fast", FabricFidelity::kFast}};
  const EnumNames<Check> check{
      {"off", Check::kOff}, {"warn", Check::kWarn}, {"fault", Check::kFault}};
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
      .field("fabric", &Simulation::fabric, fabric,
             "detail of DirectCom: exact: packets; fast: trains of packets")
      .field("fast_train", &Simulation::fast_train, power_of_two(1_KiB, 16_KiB),
             "fast fabric: payload that travels as one unit")
      .field("switch_models", &Simulation::switch_models, any(),
             "what simulates switches: switch[N]=tlm|rtl|lockstep, blanks between, * for all; "
             "others tlm")
      .field("max_time", &Simulation::max_time, between(1_us, Picoseconds(3'600'000'000'000'000)),
             "simulated time after which a run is stopped (exit code 3)")
      .field("real_sram", &Simulation::real_sram, between(64_KiB, 16_MiB),
             "timing mode: first part of every core's SRAM that has bytes")
      .field("real_hbm", &Simulation::real_hbm, between(1_MiB, 64_GiB),
             "timing mode: first part of every HBM that has bytes")
      .field("check_uninitialised", &Simulation::check_uninitialised, check,
             "functional mode: commands that read core SRAM behind real_sram that nobody wrote");
}

Schema<Board> board_schema() {
  return Schema<Board>("board", "Modules of AIPUs and how to simulate them")
      .field("aipus", &Board::aipus, between(1U, directcom::kMaxNodes - 1),
             "AIPUs: some of one module, or whole modules")
      .field("module", &Board::module, between(1U, 64U), "AIPUs of a module")
      .field("oversubscription", &Board::oversubscription, between(1U, 64U),
             "links from AIPUs for one link to other modules, at every tier; 1: non-blocking")
      .group("aipu", &Board::aipu, chip_schema())
      .group("switch", &Board::plane_switch, directcom::switch_schema())
      .group("simulation", &Board::simulation, simulation_schema())
      .field(
          "masked_links", &Board::masked_links, any(),
          "DirectCom links that have failed, FROM-TO as `hc1000 fabric` names them, blanks between")
      .require([](const Board& b) { return b.aipus <= b.module || b.aipus % b.module == 0; },
               "aipus must be part of one module or whole modules")
      .require([](const Board& b) { return b.module % b.oversubscription == 0; },
               "oversubscription must divide module")
      .require(
          [](const Board& b) {
            const directcom::Config& port = b.aipu.directcom;
            return port.lane_rate == b.plane_switch.port_rate && port.flit == b.plane_switch.flit &&
                   port.payload == b.plane_switch.payload;
          },
          "aipu.directcom and switch must agree: lane_rate = port_rate, flit and payload equal")
      .require(
          [](const Board& b) {
            return (b.aipu.directcom.multicast_flits == 0) == (b.plane_switch.multicast_flits == 0);
          },
          "aipu.directcom.multicast_flits and switch.multicast_flits must both be 0 or both not")
      .require(
          [](const Board& b) {
            return b.plane_switch.multicast_flits == 0 || b.aipus <= Gaddr::kModule;
          },
          "with multicast aipus must be at most 4094: the next number means a module")
      .require(
          [](const Board& b) {
            const std::uint64_t members = std::min(b.aipus, b.module);
            return b.aipu.directcom.reduction_packets * members <=
                       b.plane_switch.reduction_entries ||
                   b.plane_switch.reduction_entries == 0;
          },
          "switch.reduction_entries must be 0 or hold aipu.directcom.reduction_packets of every "
          "AIPU of a module")
      .require([](const Board& b) { return b.simulation.real_sram <= b.aipu.sram.core_size; },
               "simulation.real_sram must not exceed aipu.sram.core_size")
      .require([](const Board& b) { return b.simulation.real_hbm <= b.aipu.hbm.capacity; },
               "simulation.real_hbm must not exceed aipu.hbm.capacity");
}

}  // namespace

directcom::Topology topology(const Board& board) {
  directcom::Hc1000 machine;
  machine.modules = board.aipus <= board.module ? 1 : board.aipus / board.module;
  machine.aipus = board.aipus / machine.modules;
  machine.planes = board.aipu.directcom.lanes;
  machine.oversubscription = board.oversubscription;
  return directcom::hc1000(machine);
}

void mask_links(const Board& board, directcom::Routes& routes) {
  std::istringstream names(board.masked_links);
  for (std::string name; names >> name;)
    routes.mask(directcom::find_link(routes.topology(), name));
}

directcom::Config simulated_interface(const Board& board) {
  directcom::Config config = board.aipu.directcom;
  if (board.simulation.fabric != FabricFidelity::kFast) return config;
  config.train = board.simulation.fast_train;
  config.receive_flits += 2 * config.max_packet_flits();
  if (config.multicast_flits != 0) config.multicast_flits += 2 * config.max_packet_flits();
  return config;
}

directcom::SwitchConfig simulated_switch(const Board& board) {
  directcom::SwitchConfig config = board.plane_switch;
  if (board.simulation.fabric != FabricFidelity::kFast) return config;
  const std::uint32_t train = simulated_interface(board).max_packet_flits();
  config.payload = Bytes((train - 1) * config.flit.count);
  config.voq_flits += 2 * train;
  if (config.multicast_flits != 0) config.multicast_flits += 2 * train;
  config.out_flits = std::max(config.out_flits, 2 * train);
  return config;
}

const Schema<Board>& schema() {
  static const Schema<Board> instance = board_schema();
  return instance;
}

}  // namespace aipu::config
