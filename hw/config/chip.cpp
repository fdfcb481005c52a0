// SPDX-License-Identifier: Apache-2.0
#include "hw/config/chip.h"

#include "hw/hbm/address_map.h"

namespace aipu {

template <>
const UnitTable& units_of<Milliwatts>() {
  static const UnitTable table{
      "power", "350 W", true, {{"mW", 1}, {"W", 1'000}, {"kW", 1'000'000}}};
  return table;
}

namespace config {

Schema<Chip> chip_schema() {
  return Schema<Chip>("aipu", "One AIPU: cores, engines, memories and its DirectCom port")
      .field("cores", &Chip::cores, between(1U, 64U), "compute cores, beside the chip-control core")
      .field("clock", &Chip::clock, between(100_MHz, 4_GHz), "of cores, engines, SRAM and mesh")
      .field("signal_latency", &Chip::signal_latency, between(1_cycles, 1000_cycles),
             "from a counter add to its arrival at another core")
      .field("power", &Chip::power, between(Milliwatts(1'000), Milliwatts(5'000'000)),
             "of one AIPU with its HBM at full load; used by cost reports only")
      .group("cpu", &Chip::cpu, cpu::schema())
      .group("dma", &Chip::dma, dma::schema())
      .group("tensor", &Chip::tensor, tensor::schema())
      .group("vector", &Chip::vector, vector::schema())
      .group("sram", &Chip::sram, sram::schema())
      .group("noc", &Chip::noc, noc::schema())
      .group("hbm", &Chip::hbm, hbm::schema())
      .group("directcom", &Chip::directcom, directcom::schema())
      .require([](const Chip& c) { return c.noc.tiles() >= c.cores; },
               "the mesh (noc.columns x noc.rows) must have a tile for each of its cores")
      .require(
          [](const Chip& c) {
            const Bytes run = hbm::AddressMap(c.hbm).run();
            return c.dma.burst <= run && c.directcom.read <= run;
          },
          "dma.burst and directcom.read must not exceed hbm.interleave, the largest access of HBM, "
          "nor the consecutive bytes that hbm.address_map keeps on one pseudo-channel");
}

}  // namespace config
}  // namespace aipu
