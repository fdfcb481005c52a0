// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
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
  /// The model of switch `index`; empty: that in C++.
  using MakeSwitch = std::function<std::unique_ptr<directcom::SwitchModel>(
      const directcom::SwitchConfig& plane, const directcom::Routes& routes, std::uint32_t index)>;

  Board(const sc_core::sc_module_name& name, const config::Board& config, HostPort& host,
        const std::optional<hbm::Calibration>& calibration = std::nullopt,
        const MakeSwitch& make_switch = {});

  std::vector<std::unique_ptr<chip::Aipu>> aipus;
  const directcom::Topology topology;
  directcom::Routes routes;
  std::vector<std::unique_ptr<directcom::Switch>> switches;

 private:
  tlm::tlm_initiator_socket<>& output(const directcom::Topology::End& end);
  tlm::tlm_target_socket<>& input(const directcom::Topology::End& end);
  void wire();
};

}  // namespace aipu::board
