// SPDX-License-Identifier: Apache-2.0
#include "hw/hbm/energy_config.h"

namespace aipu {

template <>
const UnitTable& units_of<hbm::Femtojoules>() {
  static const UnitTable table{
      "energy", "909 pJ", true, {{"fJ", 1}, {"pJ", 1'000}, {"nJ", 1'000'000}}};
  return table;
}

template <>
const UnitTable& units_of<hbm::Microwatts>() {
  static const UnitTable table{
      "power", "33 mW", true, {{"uW", 1}, {"mW", 1'000}, {"W", 1'000'000}}};
  return table;
}

namespace hbm {
namespace {

// A thousand times what any device takes, to catch a wrong unit.
constexpr Femtojoules kMostPerRow(1'000'000'000);
constexpr Femtojoules kMostPerBit(1'000'000);
constexpr Microwatts kMostPower(100'000'000);

}  // namespace

Schema<EnergyConfig> energy_schema() {
  const auto per_row = between(Femtojoules(0), kMostPerRow);
  const auto per_bit = between(Femtojoules(0), kMostPerBit);
  const auto power = between(Microwatts(0), kMostPower);
  return Schema<EnergyConfig>("energy", "energy of the DRAM device, assumed")
      .field("activate", &EnergyConfig::activate, per_row,
             "activate with its precharge, per KiB of row")
      .field("read", &EnergyConfig::read, per_bit, "a bit from the row to the pins")
      .field("write", &EnergyConfig::write, per_bit, "a bit from the pins to the row")
      .field("io", &EnergyConfig::io, per_bit, "a bit over the interposer, both ends")
      .field("refresh_row", &EnergyConfig::refresh_row, per_row, "refresh of a row, per KiB of row")
      .field("retention", &EnergyConfig::retention,
             between(Picoseconds(1'000'000'000), Picoseconds(1'000'000'000'000)),
             "time in which refreshes every refi visit every row")
      .field("background_active", &EnergyConfig::background_active, power,
             "of a pseudo-channel with a row open")
      .field("background_idle", &EnergyConfig::background_idle, power,
             "of a pseudo-channel with all rows closed")
      .field("active_power_down", &EnergyConfig::active_power_down, power,
             "of a pseudo-channel in power-down with a row open")
      .field("idle_power_down", &EnergyConfig::idle_power_down, power,
             "of a pseudo-channel in power-down with all rows closed");
}

}  // namespace hbm
}  // namespace aipu
