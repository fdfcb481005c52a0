// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/vector/command.h"
#include "hw/vector/compute.h"
#include "hw/vector/config.h"
#include "hw/vector/cost.h"
#include "tlm/core/tile_engine.h"

namespace aipu::vector {

/// Element, row and reduction operations on tiles in the core's SRAM, one command at a time.
///
/// Timing: lane passes, special functions or SRAM bytes, whichever takes longest, plus the start-up
/// (hw/docs/vector.md). It never depends on data.
/// Limits: commands do not overlap.
class Engine : public TileEngine {
 public:
  struct Stats : StatGroup {
    using StatGroup::StatGroup;
    Counter commands{*this, "commands", Unit::kCount, "commands completed"};
    Counter elements{*this, "elements", Unit::kCount, "elements of source tiles, all planes"};
    Counter flops{*this, "flops", Unit::kFlops, "useful operations, special functions included"};
    Counter special{*this, "special", Unit::kCount, "special functions evaluated"};
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
  Operation operation_;
  Scratch scratch_;
};

}  // namespace aipu::vector
