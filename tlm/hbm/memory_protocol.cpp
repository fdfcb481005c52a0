// SPDX-License-Identifier: Apache-2.0
#include "hw/base/assert.h"
#include "tlm/core/clock.h"
#include "tlm/hbm/memory.h"

namespace aipu::hbm {

using sc_core::sc_time;
using tlm::tlm_phase;
using tlm::tlm_sync_enum;

Memory::Port& Memory::port_at(std::uint32_t port) {
  if (port >= ports_.size()) ports_.resize(port + 1);
  return ports_[port];
}

tlm_sync_enum Memory::nb_transport_fw(int socket, Payload& payload, tlm_phase& phase,
                                      sc_time& delay) {
  const auto number = static_cast<std::uint32_t>(socket);
  const Port& port = port_at(number);
  if (phase == tlm::BEGIN_REQ) {
    AIPU_ASSERT(port.requesting == kNone, "{}: BEGIN_REQ on port {} before END_REQ", name(),
                number);
    if (refuse(payload, longest_request_)) return tlm::TLM_COMPLETED;
    if (payload.has_mm()) payload.acquire();
    count(payload);
    return begin_request(number, payload, phase, delay);
  }
  if (phase != tlm::END_RESP) return tlm::TLM_ACCEPTED;  // one that a target may ignore
  AIPU_ASSERT(port.responding != kNone && &payload_of(port.responding) == &payload,
              "{}: END_RESP on port {} without its BEGIN_RESP", name(), number);
  end_response(number, now_ps() + delay.value());
  if (!port_at(number).responses.empty()) port_gets_free(number);  // a port may have come
  return tlm::TLM_COMPLETED;
}

bool Memory::refuse(Payload& payload, std::uint32_t longest) const {
  tlm::tlm_response_status status = check(payload);
  if (status == tlm::TLM_OK_RESPONSE && payload.get_data_length() > longest) {
    status = tlm::TLM_BURST_ERROR_RESPONSE;
  }
  if (status == tlm::TLM_OK_RESPONSE && payload.get_command() != tlm::TLM_IGNORE_COMMAND) {
    return false;
  }
  payload.set_response_status(status);
  return true;
}

void Memory::send_end_request(std::uint32_t port, Payload& payload, std::uint64_t delay_ps) {
  ports_[port].requesting = kNone;
  tlm_phase phase = tlm::END_REQ;
  sc_time delay = sc_time::from_value(delay_ps);
  mem_in[static_cast<int>(port)]->nb_transport_bw(payload, phase, delay);
}

void Memory::send_response(std::uint32_t port, std::uint64_t delay_ps) {
  const std::uint32_t request = ports_[port].responses.pop();
  ports_[port].responding = request;
  Payload& payload = payload_of(request);
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
  tlm_phase phase = tlm::BEGIN_RESP;
  sc_time delay = sc_time::from_value(delay_ps);
  const tlm_sync_enum status =
      mem_in[static_cast<int>(port)]->nb_transport_bw(payload, phase, delay);
  const bool ended =
      status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
  if (ended) end_response(port, now_ps() + delay.value());
}

void Memory::end_response(std::uint32_t port, std::uint64_t time) {
  const std::uint32_t request = ports_[port].responding;
  Payload& payload = payload_of(request);
  ports_[port].responding = kNone;
  ports_[port].free_at = time;
  close_request(request);
  if (payload.has_mm()) payload.release();
}

}  // namespace aipu::hbm
