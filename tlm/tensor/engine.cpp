// SPDX-License-Identifier: Apache-2.0
#include "tlm/tensor/engine.h"

namespace aipu::tensor {

Engine::Engine(const sc_core::sc_module_name& name, const Config& config,
               const EngineWiring& wiring)
    : TileEngine(name, wiring, config.queue_depth), config_(config) {}

Breach Engine::decode(const Command& command, Work& work) {
  const Decoded decoded = tensor::decode(command.opcode, command.words);
  if (!decoded.ok()) return decoded.breach;
  tile_ = decoded.tile;
  work.tiles = operands(tile_);
  work.cycles = cycles(tile_, config_);
  work.latency = config_.pipeline;
  return {};
}

Breach Engine::compute(std::uint8_t* sram) {
  multiply(tile_, sram, scratch_);
  return {};
}

void Engine::count(std::uint64_t sram_bytes) {
  ++stats_.commands;
  stats_.flops += flops(tile_);
  stats_.macs_issued += macs_issued(tile_, config_);
  stats_.array_cycles += passes(tile_, config_).count;
  stats_.sram += sram_bytes;
}

}  // namespace aipu::tensor
