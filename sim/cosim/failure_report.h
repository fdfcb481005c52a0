// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tlm/cosim/pin_log.h"
#include "tlm/cosim/replay_data.h"

namespace aipu::cosim {

/// What a mismatch of an RTL switch leaves behind: `PREFIX.replay`, which runs the last clocks
/// again without the platform, `PREFIX.fst`, their waves, and `PREFIX.gtkw`, a view of them with
/// the marker on the failing tick.
///
/// Logging costs a few percent of a switch in lockstep (tests/rtl/switch/rtl_bench.cpp).
class FailureReport {
 public:
  struct Where {
    std::string prefix;  ///< of the files; its folder must exist
    std::string switch_name;
    std::uint64_t tick_ps = 1'000;
  };
  /// What a replay file has room for.
  static constexpr std::size_t kMostBytes = 100'000;
  static constexpr std::uint64_t kClocks = 2'000;

  explicit FailureReport(Where where) : where_(std::move(where)) {}
  /// The pins that the switch gets in place of `pins`. Once.
  std::unique_ptr<SwitchPins> log(std::unique_ptr<SwitchPins> pins);
  /// Writes the files, says which in lines to be added to the message, or why it could not.
  std::string write(const Mismatch& mismatch) const;

 private:
  Replay replay_of(const Mismatch& mismatch, std::uint64_t clocks) const;

  const Where where_;
  LoggedPins* pins_ = nullptr;
};

}  // namespace aipu::cosim
