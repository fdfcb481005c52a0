// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/tensor/config.h"
#include "hw/tensor/multiply.h"
#include "hw/tensor/tile.h"
#include "tlm/core/tile_engine.h"

namespace aipu::tensor {

/// Multiplies tiles in the core's SRAM: C (+)= A.B, one command at a time.
///
/// Timing: array passes or SRAM bytes, whichever takes longer, plus the pipeline
/// (hw/docs/tensor.md). Limits: each operand passes the SRAM's port once per command; commands do
/// not overlap.
class Engine : public TileEngine {
 public:
  struct Stats : StatGroup {
    using StatGroup::StatGroup;
    Counter commands{*this, "commands", Unit::kCount, "commands completed"};
    Counter flops{*this, "flops", Unit::kFlops, "useful operations, two per product"};
    Counter macs_issued{*this, "macs_issued", Unit::kCount, "array operations, padding included"};
    Counter array_cycles{*this, "array_cycles", Unit::kCycles,
                         "cycles the array was passing tiles"};
    Counter sram{*this, "sram", Unit::kBytes, "operands read and results written"};
  };

  Engine(const sc_core::sc_module_name& name, const Config& config, const EngineWiring& wiring);

  const Config& config() const { return config_; }
  const Stats& stats() const { return stats_; }
  const StatGroup* stat_group() const override { return &stats_; }

 private:
  Breach decode(const Command& command, Work& work) override;
  Breach compute(std::uint8_t* sram) override;
  void count(std::uint64_t sram_bytes) override;

  const Config config_;
  Stats stats_;
  Tile tile_;
  Scratch scratch_;
};

}  // namespace aipu::tensor
