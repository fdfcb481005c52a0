// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/subsystem.h"

namespace aipu::hbm {

using sc_core::sc_time;

tlm::tlm_sync_enum Subsystem::begin_request(std::uint32_t port, Payload& payload,
                                            tlm::tlm_phase& phase, sc_time& delay) {
  const std::uint64_t now = now_ps();
  const bool at_once = delay == sc_core::SC_ZERO_TIME;
  const std::uint32_t request = channels_->open(payload.is_read() ? kRead : kWrite,
                                                payload.get_address(), payload.get_data_length());
  if (request >= pending_.size()) pending_.resize(request + 1);
  pending_[request] = {&payload, port, now + delay.value(), at_once, whole_phantom(payload)};
  if (at_once && channels_->arrive(request, now)) {
    schedule();
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  ports_[port].requesting = request;
  at_once ? schedule() : set_alarm(port, now + delay.value());
  return tlm::TLM_ACCEPTED;
}

void Subsystem::end_request(std::uint32_t request, bool waited) {
  const Pending& pending = pending_[request];
  send_end_request(pending.port, *pending.payload, waited ? channels_->ck_ps() : 0);
}

// One response at a time on each port, the next when the initiator has ended the last.
void Subsystem::respond(std::uint32_t port) {
  const std::uint64_t now = now_ps();
  while (ports_[port].responding == kNone && !ports_[port].responses.empty() &&
         ports_[port].free_at <= now) {
    send_response(port, 0);
    if (ports_[port].free_at > now) set_alarm(port, ports_[port].free_at);
  }
}

}  // namespace aipu::hbm
