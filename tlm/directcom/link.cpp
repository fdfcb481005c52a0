// SPDX-License-Identifier: Apache-2.0
#include "tlm/directcom/link.h"

namespace aipu::directcom {

LinkPacket::LinkPacket(PacketPool& pool, std::size_t payload_bytes)
    : tlm_generic_payload(&pool), buffer_(payload_bytes) {
  set_extension(&packet_);
  set_extension(&phantom_);
}

LinkPacket::~LinkPacket() {
  clear_extension(&packet_);
  clear_extension(&phantom_);
}

void LinkPacket::prepare(std::uint32_t bytes, std::uint32_t flits, bool phantom) {
  set_command(tlm::TLM_WRITE_COMMAND);
  set_address(packet_.header.address);
  set_data_ptr(buffer_.data());
  set_data_length(bytes);
  set_streaming_width(bytes);
  set_byte_enable_ptr(nullptr);
  set_dmi_allowed(false);
  set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  packet_.flits = flits;
  phantom_.phantom = phantom;
}

PacketPool::~PacketPool() = default;

LinkPacket& PacketPool::acquire() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<LinkPacket>(*this, payload_bytes_));
    free_.push_back(all_.back().get());
  }
  LinkPacket& packet = *free_.back();
  free_.pop_back();
  packet.acquire();
  return packet;
}

void PacketPool::free(tlm::tlm_generic_payload* payload) {
  free_.push_back(static_cast<LinkPacket*>(payload));
}

tlm::tlm_sync_enum refuse(tlm::tlm_generic_payload& payload) {
  payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  return tlm::TLM_COMPLETED;
}

}  // namespace aipu::directcom
