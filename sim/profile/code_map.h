// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/load/elf.h"

namespace aipu::profile {

/// Which function of a firmware image an address belongs to: that of the symbol at or closest below
/// it in executable segments.
class CodeMap {
 public:
  using Function = std::uint16_t;
  static constexpr Function kElsewhere = 0;  ///< "?": no symbol, or outside the image

  explicit CodeMap(const load::Elf& elf);

  Function at(std::uint64_t pc) const {
    const std::uint64_t place = (pc - base_) / 2;
    return place < functions_.size() ? functions_[place] : kElsewhere;
  }
  const std::vector<std::string>& names() const { return names_; }
  const std::map<std::uint32_t, std::string>& markers() const { return markers_; }

 private:
  std::uint64_t base_ = 0;
  std::vector<Function> functions_;  ///< of every half word
  std::vector<std::string> names_{"?"};
  std::map<std::uint32_t, std::string> markers_;
};

}  // namespace aipu::profile
