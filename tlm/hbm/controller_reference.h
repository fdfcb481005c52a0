// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "hw/hbm/config.h"
#include "tlm/hbm/calibration.h"

namespace aipu::hbm {

/// The memory with one pseudo-channel only: its addresses are those inside a pseudo-channel.
Config one_channel(Config config);

/// The exact controller of one pseudo-channel, for calibration.
class ControllerReference : public Reference {
 public:
  explicit ControllerReference(const Config& config) : config_(config) {}
  std::vector<Picoseconds> run(const std::vector<Demand>& demands) override;

 private:
  const Config config_;
};

}  // namespace aipu::hbm
