// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tlm/hbm/subsystem.h"

namespace aipu::hbm {

// Everything due now, in order of time; then one notification for what comes next.
void Subsystem::run() {
  const std::uint64_t now = now_ps();
  ++wake_ups_;
  running_ = true;
  scheduled_ = Channels::kNever;
  while (true) {
    if (alarms_.next() <= now) {
      run_alarm();
    } else if (channels_->next() <= now) {
      run_channels(now);
    } else {
      break;
    }
  }
  running_ = false;
  schedule();
}

void Subsystem::schedule() {
  if (running_) return;
  const std::uint64_t next = std::min(alarms_.next(), channels_->next());
  if (next >= scheduled_) return;
  scheduled_ = next;
  const std::uint64_t now = now_ps();
  event_.notify(sc_core::sc_time::from_value(std::max(next, now) - now));
}

void Subsystem::set_alarm(std::uint32_t port, std::uint64_t time) {
  alarms_.push(time, port);
  schedule();
}

void Subsystem::run_alarm() {
  const std::uint64_t now = alarms_.next();
  const std::uint32_t port = alarms_.pop();
  const std::uint32_t request = port_at(port).requesting;
  if (request != kNone && !pending_[request].arrived && pending_[request].arrival <= now) {
    pending_[request].arrived = true;
    if (channels_->arrive(request, now)) end_request(request, false);
  }
  respond(port);
}

void Subsystem::run_channels(std::uint64_t now) {
  for (const Channels::Event& event : channels_->run(now)) {
    if (!event.done) {
      end_request(event.request, event.waited);
      continue;
    }
    const std::uint32_t port = pending_[event.request].port;
    ports_[port].responses.push(event.request);
    respond(port);
  }
}

}  // namespace aipu::hbm
