// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "hw/config/board.h"
#include "hw/directcom/routes.h"
#include "tlm/chip/aipu.h"
#include "tlm/directcom/switch.h"

namespace aipu::board {

/// Equal AIPUs and the DirectCom switches between them, wired as the topology says; switch i is
/// `switch<i>`. Fast memories all work by one calibration, measured here unless it is given.
class Board : public Model {
 public:
  Board(const sc_core::sc_module_name& name, const config::Board& config, HostPort& host,
        const std::optional<hbm::Calibration>& calibration = std::nullopt);

  std::vector<std::unique_ptr<chip::Aipu>> aipus;
  const directcom::Topology topology;
  directcom::Routes routes;
  std::vector<std::unique_ptr<directcom::Switch>> switches;

 private:
  tlm::tlm_initiator_socket<>& output(const directcom::Topology::End& end);
  tlm::tlm_target_socket<>& input(const directcom::Topology::End& end);
  void wire();
};

/// ConfigError where `simulation.switch_models` asks for what is not there or cannot be: what making
/// the board would say, before anything is made.
void check_switches(const config::Board& config);

}  // namespace aipu::board
