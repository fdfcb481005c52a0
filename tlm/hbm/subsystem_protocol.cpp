// SPDX-License-Identifier: Apache-2.0
#include "hw/base/assert.h"
#include "tlm/hbm/subsystem.h"

namespace aipu::hbm {

using sc_core::sc_time;
using tlm::tlm_phase;
using tlm::tlm_sync_enum;

Subsystem::Port& Subsystem::port_at(std::uint32_t port) {
  if (port >= ports_.size()) ports_.resize(port + 1);
  return ports_[port];
}

tlm_sync_enum Subsystem::nb_transport_fw(int socket, Payload& payload, tlm_phase& phase,
                                         sc_time& delay) {
  const auto port = static_cast<std::uint32_t>(socket);
  if (phase == tlm::BEGIN_REQ) return begin_request(port, payload, phase, delay);
  if (phase == tlm::END_RESP) {
    const Port& state = port_at(port);
    AIPU_ASSERT(state.responding != kNone && pending_[state.responding].payload == &payload,
                "{}: END_RESP on port {} without its BEGIN_RESP", name(), port);
    end_response(port, now_ps() + delay.value());
    if (!state.responses.empty()) set_alarm(port, state.free_at);
    return tlm::TLM_COMPLETED;
  }
  return tlm::TLM_ACCEPTED;  // a phase that the base protocol lets a target ignore
}

tlm_sync_enum Subsystem::begin_request(std::uint32_t port, Payload& payload, tlm_phase& phase,
                                       const sc_time& delay) {
  Port& state = port_at(port);
  AIPU_ASSERT(state.requesting == kNone, "{}: BEGIN_REQ on port {} before END_REQ", name(), port);
  tlm::tlm_response_status status = check(payload);
  if (status == tlm::TLM_OK_RESPONSE && payload.get_data_length() > kMaxRequest) {
    status = tlm::TLM_BURST_ERROR_RESPONSE;
  }
  if (status != tlm::TLM_OK_RESPONSE || payload.get_command() == tlm::TLM_IGNORE_COMMAND) {
    payload.set_response_status(status);
    return tlm::TLM_COMPLETED;
  }
  const std::uint64_t now = now_ps();
  const bool at_once = delay == sc_core::SC_ZERO_TIME;
  const std::uint32_t request = channels_->open(payload.is_read() ? kRead : kWrite,
                                                payload.get_address(), payload.get_data_length());
  if (request >= pending_.size()) pending_.resize(request + 1);
  if (payload.has_mm()) payload.acquire();
  count(payload);
  pending_[request] = {&payload, port, now + delay.value(), at_once, whole_phantom(payload)};
  if (at_once && channels_->arrive(request, now)) {
    schedule();
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  state.requesting = request;
  at_once ? schedule() : set_alarm(port, now + delay.value());
  return tlm::TLM_ACCEPTED;
}

void Subsystem::send_end_request(std::uint32_t request, bool waited) {
  const std::uint32_t port = pending_[request].port;
  ports_[port].requesting = kNone;
  tlm_phase phase = tlm::END_REQ;
  sc_time delay = sc_time::from_value(waited ? channels_->ck_ps() : 0);
  mem_in[static_cast<int>(port)]->nb_transport_bw(*pending_[request].payload, phase, delay);
}

// One response at a time on each port, the next when the initiator has ended the last.
void Subsystem::respond(std::uint32_t port) {
  const std::uint64_t now = now_ps();
  while (ports_[port].responding == kNone && !ports_[port].responses.empty() &&
         ports_[port].free_at <= now) {
    const std::uint32_t request = ports_[port].responses.pop();
    ports_[port].responding = request;
    Payload& payload = *pending_[request].payload;
    payload.set_response_status(tlm::TLM_OK_RESPONSE);
    tlm_phase phase = tlm::BEGIN_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm_sync_enum status =
        mem_in[static_cast<int>(port)]->nb_transport_bw(payload, phase, delay);
    const bool ended =
        status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP);
    if (!ended) continue;
    end_response(port, now + delay.value());
    if (ports_[port].free_at > now) set_alarm(port, ports_[port].free_at);
  }
}

void Subsystem::end_response(std::uint32_t port, std::uint64_t time) {
  Port& state = ports_[port];
  const std::uint32_t request = state.responding;
  Payload& payload = *pending_[request].payload;
  state.responding = kNone;
  state.free_at = time;
  channels_->close(request);
  if (payload.has_mm()) payload.release();
}

}  // namespace aipu::hbm
