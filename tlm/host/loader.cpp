// SPDX-License-Identifier: Apache-2.0
#include "tlm/host/loader.h"

#include <algorithm>

namespace aipu::host {
namespace {

constexpr std::uint64_t kChunk = 1U
                                 << 20U;  // debug accesses may be large, but lengths are unsigned

}  // namespace

Loader::Loader(const sc_core::sc_module_name& name) : Model(name) {}

bool Loader::write(Gaddr at, const std::uint8_t* data, std::uint64_t bytes) {
  return transport(tlm::TLM_WRITE_COMMAND, at, const_cast<std::uint8_t*>(data), bytes);
}

bool Loader::read(Gaddr at, std::uint8_t* data, std::uint64_t bytes) {
  return transport(tlm::TLM_READ_COMMAND, at, data, bytes);
}

bool Loader::transport(tlm::tlm_command command, Gaddr at, std::uint8_t* data,
                       std::uint64_t bytes) {
  for (std::uint64_t done = 0; done < bytes;) {
    const auto length = static_cast<unsigned>(std::min(kChunk, bytes - done));
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address((at + done).raw);
    payload.set_data_ptr(data + done);
    payload.set_data_length(length);
    payload.set_streaming_width(length);
    if (mem_out->transport_dbg(payload) != length) return false;
    done += length;
  }
  return true;
}

}  // namespace aipu::host
