// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "hw/config/board.h"
#include "tlm/chip/aipu.h"
#include "tlm/directcom/switch.h"

namespace aipu::board {

/// A compute module: equal AIPUs, each with one lane to every DirectCom switch plane. Fast memories
/// all work by one calibration, measured here unless it is given.
class Board : public Model {
 public:
  Board(const sc_core::sc_module_name& name, const config::Board& config, HostPort& host,
        const std::optional<hbm::Calibration>& calibration = std::nullopt);

  std::vector<std::unique_ptr<chip::Aipu>> aipus;
  std::vector<std::unique_ptr<directcom::Switch>> planes;
};

}  // namespace aipu::board
