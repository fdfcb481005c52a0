// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "hw/base/schema.h"
#include "hw/base/units.h"
#include "hw/cpu/config.h"
#include "hw/directcom/config.h"
#include "hw/dma/config.h"
#include "hw/hbm/config.h"
#include "hw/noc/config.h"
#include "hw/sram/config.h"
#include "hw/tensor/config.h"
#include "hw/vector/config.h"

namespace aipu {

using Milliwatts = Quantity<struct MilliwattsUnit>;
template <>
const UnitTable& units_of<Milliwatts>();

}  // namespace aipu

namespace aipu::config {

/// One AIPU: what its blocks share, and the Config of each block.
struct Chip {
  std::uint32_t cores = 32;
  Hertz clock = 1_GHz;
  Cycles signal_latency = 20_cycles;
  Milliwatts power{350'000};
  cpu::Config cpu;
  dma::Config dma;
  tensor::Config tensor;
  vector::Config vector;
  sram::Config sram;
  noc::Config noc;
  hbm::Config hbm;
  directcom::Config directcom;
};

/// The only list of these keys.
Schema<Chip> chip_schema();

}  // namespace aipu::config
