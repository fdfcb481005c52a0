// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "hw/config/board.h"
#include "tlm/chip/core.h"
#include "tlm/chip/signal_fabric.h"
#include "tlm/directcom/interface.h"
#include "tlm/hbm/calibration.h"
#include "tlm/hbm/memory.h"
#include "tlm/hbm/pieces.h"
#include "tlm/host/loader.h"
#include "tlm/noc/mesh.h"
#include "tlm/sram/shared_sram.h"

namespace aipu::chip {

/// One AI inference chip: cores and the chip-control core on a mesh with HBM, shared SRAM and the
/// DirectCom interface. `calibration` is of a fast memory; an exact one has no use for it.
class Aipu : public Model {
 public:
  Aipu(const sc_core::sc_module_name& name, const config::Board& board, std::uint32_t number,
       HostPort& host, const hbm::Calibration& calibration);

 private:
  noc::Wiring mesh_wiring(const config::Chip& config, std::uint32_t number) const;
  template <typename Socket>
  void bind_port(Socket& port);

  const hbm::Pieces pieces_;
  Storage hbm_storage_;

 public:
  SignalFabric signals;
  std::unique_ptr<hbm::Memory> hbm;
  sram::SharedSram shared;
  noc::Mesh mesh;
  directcom::Interface directcom;
  host::Loader loader;
  std::vector<std::unique_ptr<Core>> cores;  ///< compute cores, then the chip-control core
};

}  // namespace aipu::chip
