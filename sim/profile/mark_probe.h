// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/profile/records.h"

namespace aipu::profile {

/// Decodes a word that firmware wrote to `mark` (hw/regs/control.yaml).
MarkRecord decode_mark(std::uint32_t word);

/// Follows the markers of one core.
class MarkProbe {
 public:
  MarkProbe(std::uint32_t core, Records& records) : core_(core), records_(records) {}

  void mark(std::uint32_t word, std::uint64_t now);
  /// By number, with the names that firmware gives.
  std::vector<Region> regions(const std::map<std::uint32_t, std::string>& names) const;
  std::uint64_t points() const { return points_; }

 private:
  struct Open {
    Region region;
    std::vector<std::uint64_t> begins;  ///< an end closes the last of its number
  };

  const std::uint32_t core_;
  Records& records_;
  std::map<std::uint32_t, Open> regions_;
  std::uint64_t points_ = 0;
};

}  // namespace aipu::profile
