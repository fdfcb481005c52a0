// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tlm/hbm/controller.h"

namespace aipu::hbm {

// When to enter power-down: after an idle time; or to leave it: for a request or a refresh.
Tick Controller::power_time() const {
  if (powered_down_) {
    const bool wanted = queued() != 0 || now_ >= refresh_due_;
    const Tick at = wanted ? now_ : refresh_due_;
    return at >= kNever ? kNever : std::max(at, timing_.ready(kPdx));
  }
  if (queued() != 0 || refresh_command_ != kCommands) return kNever;
  return std::max({idle_since_ + power_down_after_, timing_.ready(kPde), now_});
}

void Controller::change_power() {
  const Command command = powered_down_ ? kPdx : kPde;
  send(command, 0, 0, 0, now_);
  if (powered_down_) {
    counts_.power_down += now_ - powered_at_;
    if (open_banks_ != 0) counts_.active_power_down += now_ - powered_at_;
    power_up_at_ = timing_.channel_ready(kRd);
    idle_since_ = now_;
  } else {
    powered_at_ = now_;
  }
  powered_down_ = !powered_down_;
  column_planned_ = false;
  row_planned_ = false;
}

}  // namespace aipu::hbm
