// SPDX-License-Identifier: Apache-2.0
#include "tlm/board/board.h"

#include <fmt/format.h>

namespace aipu::board {

Board::Board(const sc_core::sc_module_name& name, const config::Board& config, HostPort& host,
             const std::optional<hbm::Calibration>& given)
    : Model(name) {
  const bool fast = config.simulation.memory == config::MemoryFidelity::kFast;
  const hbm::Calibration calibration = given  ? *given
                                       : fast ? hbm::calibrate(config.aipu.hbm)
                                              : hbm::Calibration();
  for (std::uint32_t i = 0; i < config.aipus; ++i) {
    aipus.push_back(std::make_unique<chip::Aipu>(fmt::format("aipu{}", i).c_str(), config, i, host,
                                                 calibration));
  }
  for (std::uint32_t plane = 0; plane < config.aipu.directcom.lanes; ++plane) {
    planes.push_back(std::make_unique<directcom::Switch>(fmt::format("switch{}", plane).c_str(),
                                                         config.plane_switch, config.aipus));
    for (std::uint32_t i = 0; i < config.aipus; ++i) {
      aipus[i]->directcom.lane_out[plane].bind(planes[plane]->port_in[i]);
      planes[plane]->port_out[i].bind(aipus[i]->directcom.lane_in[plane]);
    }
  }
}

}  // namespace aipu::board
