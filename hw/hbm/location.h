// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace aipu::hbm {

/// Where one access of the device (an atom) lives. hw/hbm/address_map.h finds it.
struct Location {
  std::uint32_t channel = 0;  ///< pseudo-channel, over all stacks
  std::uint32_t set = 0;      ///< stack_id x banks + bank
  std::uint32_t group = 0;    ///< bank group
  std::uint32_t column = 0;   ///< atom in its row
  std::uint32_t row = 0;

  friend bool operator==(const Location& a, const Location& b) {
    return a.channel == b.channel && a.set == b.set && a.group == b.group && a.column == b.column &&
           a.row == b.row;
  }
};

}  // namespace aipu::hbm
