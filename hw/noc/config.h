// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::noc {

/// What an integrator may choose about the mesh of an AIPU. Defaults describe the reference chip.
struct Config {
  std::uint32_t columns = 8;
  std::uint32_t rows = 4;
  Bytes link_width = Bytes(256);  ///< per core cycle and direction
  Cycles hop_latency = Cycles(2);
  bool responses_y_first = true;  ///< false: X first as requests (hw/docs/noc.md, "Routing")
  std::uint32_t control_tile = 11;
  std::uint32_t directcom_tile = 12;

  std::uint32_t tiles() const { return columns * rows; }
};

/// The only list of these keys.
inline Schema<Config> schema() {
  return Schema<Config>("noc", "mesh network of an AIPU")
      .field("columns", &Config::columns, between(1U, 32U), "tiles in a row")
      .field("rows", &Config::rows, between(1U, 32U), "tiles in a column")
      .field("link_width", &Config::link_width, power_of_two(16_B, 1_KiB),
             "bytes that a link moves in a cycle, each direction")
      .field("hop_latency", &Config::hop_latency, between(1_cycles, 100_cycles),
             "router and link, head of a packet")
      .field("responses_y_first", &Config::responses_y_first, any(),
             "responses take the path of their request; otherwise both go along X first")
      .field("control_tile", &Config::control_tile, between(0U, 1023U),
             "tile of the chip-control core")
      .field("directcom_tile", &Config::directcom_tile, between(0U, 1023U),
             "tile of the DirectCom interface")
      .require([](const Config& c) { return c.control_tile < c.tiles(); },
               "control_tile must be below columns x rows")
      .require([](const Config& c) { return c.directcom_tile < c.tiles(); },
               "directcom_tile must be below columns x rows");
}

}  // namespace aipu::noc
