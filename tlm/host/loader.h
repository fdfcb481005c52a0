// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include "hw/base/gaddr.h"
#include "tlm/core/model.h"

namespace aipu::host {

/// The host's view of an AIPU: fills and reads its memories by debug access, which costs no
/// simulated time. Stands for the PCIe link and driver that the model leaves out.
class Loader : public Model {
 public:
  explicit Loader(const sc_core::sc_module_name& name);

  tlm_utils::simple_initiator_socket<Loader, 256> mem_out{"mem_out"};  ///< to the NoC, Gaddr

  /// False where the range is not all of one memory. Phantom bytes are passed over.
  bool write(Gaddr at, const std::uint8_t* data, std::uint64_t bytes);
  bool read(Gaddr at, std::uint8_t* data, std::uint64_t bytes);

 private:
  bool transport(tlm::tlm_command command, Gaddr at, std::uint8_t* data, std::uint64_t bytes);
};

}  // namespace aipu::host
