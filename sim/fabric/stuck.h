// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "tlm/directcom/network.h"

namespace aipu::fabric {

/// Finds that packets are under way and none has arrived for a long time.
class HangDetector {
 public:
  /// `arrived`: anything that changes with an arrival. Throws UserError (kLimit) that tells what
  /// waits for what.
  void check(const directcom::Network& network, std::uint64_t arrived);
  /// Nothing was under way before `cycle`.
  void idle_until(std::uint64_t cycle) { since_ = cycle; }

 private:
  std::uint64_t arrived_ = 0;
  std::uint64_t since_ = 0;
};

}  // namespace aipu::fabric
