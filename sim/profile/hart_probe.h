// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sim/profile/code_map.h"
#include "sim/profile/overlap_clock.h"
#include "sim/profile/records.h"
#include "tlm/cpu/hart_observer.h"

namespace aipu::profile {

/// Follows one hart: cost by function, waits by function and cause, slices of time.
class HartProbe : public cpu::HartObserver {
 public:
  struct Place {
    std::uint32_t core = 0;            ///< index in the result
    std::uint16_t first_function = 0;  ///< index of the map's function 0 in the result
  };

  /// `awaited`: the counter that a blocking read waits for, asked when one begins.
  HartProbe(const CodeMap& map, Place place, Records& records, OverlapClock& overlap,
            std::function<std::uint32_t()> awaited);

  void ran(std::uint64_t pc, std::uint64_t instructions, std::uint64_t cycles) override;
  void entered(cpu::HartState state, std::uint64_t now, std::uint32_t pc,
               std::uint32_t address) override;
  /// Ends the open slice; once, after the run.
  void finish(std::uint64_t now);
  HartCost cost() const;
  /// The function with the most cycles since the hart last waited.
  std::string busiest() const { return map_.names()[busiest_function()]; }

 private:
  using Function = CodeMap::Function;
  struct Cost {
    std::uint64_t instructions = 0, cycles = 0;
    std::uint64_t slice_cycles = 0;  ///< since the hart last waited
    std::array<std::uint64_t, cpu::kHartStates> waited{};
  };
  struct Wait {
    std::uint64_t count = 0, time = 0;
  };

  Function busiest_function() const;
  void leave(std::uint64_t now);

  const CodeMap& map_;
  const Place place_;
  Records& records_;
  OverlapClock& overlap_;
  const std::function<std::uint32_t()> awaited_;
  std::vector<Cost> costs_;
  std::vector<Function> touched_;  ///< with slice_cycles
  std::map<std::tuple<Function, cpu::HartState, std::uint32_t>, Wait> waits_;
  std::array<std::uint64_t, cpu::kHartStates> spent_{};
  cpu::HartState state_ = cpu::HartState::kIdle;
  std::uint64_t since_ = 0;
  Function function_ = CodeMap::kElsewhere;  ///< that waits
  std::uint32_t on_ = 0;
};

}  // namespace aipu::profile
