// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::tensor {

/// What an integrator may choose about the tensor engine. Defaults describe the reference chip.
struct Config {
  std::uint32_t array_m = 16;            ///< rows of C per pass
  std::uint32_t array_n = 16;            ///< columns of C per pass
  std::uint32_t depth_8bit = 32;         ///< products per element of C and cycle, FP8 and INT8
  std::uint32_t depth_16bit = 16;        ///< the same for BF16
  std::uint32_t depth_32bit = 2;         ///< the same for F32 (a)
  std::uint32_t scales_per_cycle = 128;  ///< partial sums scaled and added to C per cycle (a)
  Cycles pipeline{32};                   ///< first operand in to last result out (a)
  Bytes sram_per_cycle = 512_B;          ///< width of the engine's path to the SRAM
  std::uint32_t queue_depth = 16;
};

/// The only list of these keys: parser, ranges, --explain, JSON schema and docs come from it.
inline Schema<Config> schema() {
  return Schema<Config>("tensor", "Matrix multiplication array of a core")
      .field("array_m", &Config::array_m, between(1U, 256U), "rows of C per pass")
      .field("array_n", &Config::array_n, between(1U, 256U), "columns of C per pass")
      .field("depth_8bit", &Config::depth_8bit, between(1U, 1024U),
             "products per element of C and cycle, FP8 and INT8")
      .field("depth_16bit", &Config::depth_16bit, between(1U, 1024U),
             "products per element of C and cycle, BF16")
      .field("depth_32bit", &Config::depth_32bit, between(1U, 1024U),
             "products per element of C and cycle, F32")
      .field("scales_per_cycle", &Config::scales_per_cycle, between(1U, 65536U),
             "partial sums scaled and added to C per cycle")
      .field("pipeline", &Config::pipeline, between(1_cycles, 1024_cycles),
             "first operand in to last result out")
      .field("sram_per_cycle", &Config::sram_per_cycle, power_of_two(16_B, 8_KiB),
             "width of the path to the SRAM")
      .field("queue_depth", &Config::queue_depth, between(1U, 255U), "commands waiting or running");
}

}  // namespace aipu::tensor
