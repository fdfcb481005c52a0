// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

#include "hw/base/sram_tile.h"
#include "regs/core.h"

namespace aipu {

/// The bytes of a core's SRAM as an engine gets at them: by DMI, or else by copies through
/// b_transport into an image of its own.
class SramWindow {
 public:
  /// Host address of SRAM offset 0 if DMI reaches the whole SRAM, else null. Asks the memory once.
  template <typename Socket>
  std::uint8_t* direct(Socket& socket) {
    if (asked_) return direct_;
    asked_ = true;
    tlm::tlm_generic_payload payload;
    tlm::tlm_dmi dmi;
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_address(0);
    const bool granted = socket->get_direct_mem_ptr(payload, dmi) && dmi.is_read_write_allowed() &&
                         dmi.get_start_address() == 0 &&
                         dmi.get_end_address() + 1 >= regs::core::kSramSize;
    direct_ = granted ? dmi.get_dmi_ptr() : nullptr;
    return direct_;
  }
  /// The pointer was withdrawn: asks again next time.
  void forget() {
    asked_ = false;
    direct_ = nullptr;
  }

  /// The image, valid in the spans that read() fetched.
  std::uint8_t* copy() { return copy_.data(); }

  /// Fetches the spans of all tiles: results too, for the bytes in their gaps. False where the
  /// memory answers with an error.
  template <typename Socket>
  bool read(Socket& socket, const SramTiles& tiles) {
    copy_.resize(regs::core::kSramSize);
    bool ok = true;
    for (const SramTile& tile : tiles)
      ok = transport(socket, tlm::TLM_READ_COMMAND, tile) && ok;
    return ok;
  }
  /// Puts the results back.
  template <typename Socket>
  void write(Socket& socket, const SramTiles& tiles) {
    for (const SramTile& tile : tiles) {
      if (tile.write) transport(socket, tlm::TLM_WRITE_COMMAND, tile);
    }
  }

 private:
  template <typename Socket>
  bool transport(Socket& socket, tlm::tlm_command command, const SramTile& tile) {
    tlm::tlm_generic_payload payload;
    sc_core::sc_time delay;
    const auto length = static_cast<unsigned>(tile.span());
    payload.set_command(command);
    payload.set_address(tile.offset);
    payload.set_data_ptr(copy_.data() + tile.offset);
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    socket->b_transport(payload, delay);
    return payload.is_response_ok();
  }

  bool asked_ = false;
  std::uint8_t* direct_ = nullptr;
  std::vector<std::uint8_t> copy_;
};

}  // namespace aipu
