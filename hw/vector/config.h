// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::vector {

/// What an integrator may choose about the vector engine. Defaults describe the reference chip.
struct Config {
  std::uint32_t lanes = 128;             ///< F32 operations per cycle (a)
  std::uint32_t special_per_cycle = 16;  ///< exp, rsqrt, sigmoid, reciprocal results per cycle (a)
  std::uint32_t sort_stages_per_cycle = 1;  ///< compare-exchange stages of the lanes (a)
  Cycles startup{24};                       ///< decode, fill and drain of the pipeline (a)
  Bytes sram_per_cycle = 512_B;             ///< width of the engine's path to the SRAM
  std::uint32_t queue_depth = 16;
};

/// The only list of these keys: parser, ranges, --explain, JSON schema and docs come from it.
inline Schema<Config> schema() {
  return Schema<Config>("vector", "Element, row and reduction operations of a core")
      .field("lanes", &Config::lanes, between(1U, 4096U), "F32 operations per cycle")
      .field("special_per_cycle", &Config::special_per_cycle, between(1U, 4096U),
             "exp, rsqrt, sigmoid and reciprocal results per cycle")
      .field("sort_stages_per_cycle", &Config::sort_stages_per_cycle, between(1U, 64U),
             "compare-exchange stages of a sort that the lanes pass per cycle")
      .field("startup", &Config::startup, between(1_cycles, 1024_cycles),
             "decode, fill and drain of the pipeline")
      .field("sram_per_cycle", &Config::sram_per_cycle, power_of_two(16_B, 8_KiB),
             "width of the path to the SRAM")
      .field("queue_depth", &Config::queue_depth, between(1U, 255U), "commands waiting or running");
}

}  // namespace aipu::vector
