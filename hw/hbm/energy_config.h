// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "hw/base/schema.h"
#include "hw/base/units.h"

namespace aipu::hbm {

using Femtojoules = Quantity<struct FemtojoulesUnit>;
using Microwatts = Quantity<struct MicrowattsUnit>;

/// What the parts of an access cost, and a pseudo-channel without one. All defaults are assumptions
/// about an HBM2-class device (hw/docs/hbm.md, "Energy"): energies from O'Connor et al.,
/// "Fine-Grained DRAM", MICRO 2017, table 3 (HBM2); powers from the currents of a public simulator
/// preset, DRAMsim3 HBM2_8Gb_x128 (IDD3N 55, IDD2N 40, IDD3P 40, IDD2P 28 mA at 1.2 V), of which a
/// pseudo-channel draws half.
struct EnergyConfig {
  Femtojoules activate = Femtojoules(909'000);
  Femtojoules read = Femtojoules(2'680);  // 1.51 pJ before, 1.17 pJ behind the sense amplifiers
  Femtojoules write = Femtojoules(2'680);
  Femtojoules io = Femtojoules(800);
  Femtojoules refresh_row = Femtojoules(909'000);
  Picoseconds retention = Picoseconds(32'000'000'000);
  Microwatts background_active = Microwatts(33'000);
  Microwatts background_idle = Microwatts(24'000);
  Microwatts active_power_down = Microwatts(24'000);
  Microwatts idle_power_down = Microwatts(16'800);
};

Schema<EnergyConfig> energy_schema();

}  // namespace aipu::hbm

namespace aipu {

template <>
const UnitTable& units_of<hbm::Femtojoules>();
template <>
const UnitTable& units_of<hbm::Microwatts>();

}  // namespace aipu
