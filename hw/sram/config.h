// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::sram {

/// What an integrator may choose about the on-chip memories. Defaults describe the reference chip.
struct Config {
  Bytes core_size = Bytes(1U << 20U);
  Bytes core_width = Bytes(512);  ///< per core cycle
  Bytes shared_size = Bytes(64U << 20U);
  std::uint32_t banks = 32;
  Bytes bank_width = Bytes(128);  ///< per core cycle
  Bytes bank_interleave = Bytes(1024);
  Cycles shared_latency = Cycles(12);
};

/// The bank of the shared SRAM that holds a byte.
constexpr std::uint32_t bank_of(const Config& config, std::uint64_t offset) {
  return static_cast<std::uint32_t>((offset / config.bank_interleave.count) % config.banks);
}

/// The only list of these keys.
inline Schema<Config> schema() {
  return Schema<Config>("sram", "SRAM of a core, and SRAM shared by the cores of an AIPU")
      .field("core_size", &Config::core_size, power_of_two(64_KiB, 16_MiB), "SRAM of one core")
      .field("core_width", &Config::core_width, power_of_two(32_B, 4_KiB),
             "bytes that a core's SRAM moves in a cycle")
      .field("shared_size", &Config::shared_size, between(1_MiB, 1_GiB), "SRAM shared by all cores")
      .field("banks", &Config::banks, between(1U, 256U), "banks of the shared SRAM")
      .field("bank_width", &Config::bank_width, power_of_two(16_B, 1_KiB),
             "bytes that a bank moves in a cycle")
      .field("bank_interleave", &Config::bank_interleave, power_of_two(64_B, 64_KiB),
             "consecutive bytes of one bank")
      .field("shared_latency", &Config::shared_latency, between(0_cycles, 1000_cycles),
             "first byte of the shared SRAM after an access arrives")
      .require([](const Config& c) { return c.shared_size % (c.bank_interleave * c.banks) == 0_B; },
               "shared_size must be a multiple of banks x bank_interleave");
}

}  // namespace aipu::sram
