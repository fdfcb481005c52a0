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
    AIPU_ASSERT(state.responding != kNone && jobs_[state.responding].payload == &payload,
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
  std::uint32_t job = static_cast<std::uint32_t>(jobs_.size());
  if (free_jobs_.empty()) {
    jobs_.emplace_back();
  } else {
    job = free_jobs_.back();
    free_jobs_.pop_back();
  }
  jobs_[job] = {&payload, port, 0, 0, now + delay.value(), false, false};
  if (payload.has_mm()) payload.acquire();
  count(payload);
  if (delay == sc_core::SC_ZERO_TIME && admit(job, now)) {
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  state.requesting = job;
  if (delay != sc_core::SC_ZERO_TIME) set_alarm(port, now + delay.value());
  return tlm::TLM_ACCEPTED;
}

void Subsystem::send_end_request(std::uint32_t port) {
  Payload& payload = *jobs_[ports_[port].requesting].payload;
  ports_[port].requesting = kNone;
  tlm_phase phase = tlm::END_REQ;
  sc_time delay = sc_core::SC_ZERO_TIME;
  mem_in[static_cast<int>(port)]->nb_transport_bw(payload, phase, delay);
}

// One response at a time on each port, the next when the initiator has ended the last.
void Subsystem::respond(std::uint32_t port) {
  const std::uint64_t now = now_ps();
  while (ports_[port].responding == kNone && !ports_[port].responses.empty() &&
         ports_[port].free_at <= now) {
    const std::uint32_t job = ports_[port].responses.pop();
    ports_[port].responding = job;
    Payload& payload = *jobs_[job].payload;
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
  const std::uint32_t job = state.responding;
  Payload& payload = *jobs_[job].payload;
  state.responding = kNone;
  state.free_at = time;
  free_jobs_.push_back(job);
  if (payload.has_mm()) payload.release();
}

}  // namespace aipu::hbm
