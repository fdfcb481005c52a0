// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sim/profile/code_map.h"
#include "sim/profile/overlap_clock.h"
#include "sim/profile/records.h"
#include "sim/profile/work.h"
#include "tlm/core/command_observer.h"
#include "tlm/core/counter_file.h"

namespace aipu::profile {

/// Follows the command engine behind one queue.
class EngineProbe : public CommandObserver {
 public:
  struct Place {
    std::uint32_t core = 0;  ///< index in the result
    std::uint32_t queue = 0;
    std::uint16_t first_function = 0;
  };

  EngineProbe(const CodeMap& map, Place place, std::uint32_t depth, Records& records,
              OverlapClock& overlap);

  void issued(std::uint32_t slot, const Command& command) override;
  void held(std::uint32_t slot, std::uint32_t counter) override;
  void began(std::uint32_t slot) override;
  void ended(std::uint32_t slot) override;
  void state(EngineState state, std::uint32_t counter) override;
  /// Up to `now`; once, after the run.
  EngineCost cost(std::uint64_t now);

 private:
  static constexpr std::size_t kNoRecord = ~std::size_t{0};
  static constexpr std::size_t kStates =
      static_cast<std::size_t>(EngineState::kCounter) + CounterFile::kCount;
  struct Open {
    std::size_t record = kNoRecord;
    Work work;
  };

  const CodeMap& map_;
  const Place place_;
  Records& records_;
  OverlapClock& overlap_;
  std::vector<Open> open_;  ///< by slot
  std::uint64_t issued_ = 0, ended_ = 0;
  Work done_;
  std::array<std::uint64_t, kStates> spent_{};
  std::size_t state_ = 0;
  std::uint64_t since_ = 0;
};

}  // namespace aipu::profile
