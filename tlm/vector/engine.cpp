// SPDX-License-Identifier: Apache-2.0
#include "tlm/vector/engine.h"

namespace aipu::vector {

Engine::Engine(const sc_core::sc_module_name& name, const Config& config,
               const EngineWiring& wiring)
    : TileEngine(name, wiring, config.queue_depth), config_(config) {}

Breach Engine::decode(const Command& command, Work& work) {
  const Decoded decoded = vector::decode(command.opcode, command.words);
  if (!decoded.ok()) return decoded.breach;
  operation_ = decoded.operation;
  work.tiles = operation_.tiles;
  work.cycles = cycles(operation_, config_);
  work.latency = config_.startup;
  return {};
}

Breach Engine::compute(std::uint8_t* sram) {
  return vector::compute(operation_, sram, scratch_);
}

void Engine::count(std::uint64_t sram_bytes) {
  const Effort spent = effort(operation_, config_);
  ++stats_.commands;
  stats_.elements += spent.elements;
  stats_.flops += spent.flops;
  stats_.special += spent.special;
  stats_.sram += sram_bytes;
}

}  // namespace aipu::vector
